// Private to data: one try to get a file, or what is missing of it, from one server.
#pragma once

#include <string>

#include "download.h"
#include "part_file.h"

namespace vitrine::data {

/// How a try ended.
struct FetchResult {
    enum class Outcome {
        complete,     ///< `part` has the size that it should have
        interrupted,  ///< the same server may do better another time
        useless,      ///< the server does not have the file
    };
    Outcome outcome = Outcome::complete;
    std::string reason{};         ///< of what went wrong
    bool from_the_start = false;  ///< every byte of `part` came from this server, in this try
};

/// Continues `part`, or begins it anew where the server does not know Range. Throws IoError when the disk is full or
/// cannot be written, or when options.progress gives up.
FetchResult http_fetch(const RemoteFile& file, const std::string& url, const DownloadOptions& options, PartFile& part);

}  // namespace vitrine::data

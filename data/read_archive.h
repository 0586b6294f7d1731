// Reading archives that nobody vouches for: tar, gzipped or not, and zip, through libarchive.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "file.h"

namespace vitrine::data {

/// A file inside an archive, unpacked.
struct ArchiveFile {
    std::string name;  ///< its path inside the archive, "folder/file"
    Bytes bytes;
};

struct ArchiveLimits {
    std::uint64_t bytes = std::uint64_t{1} << 30;  ///< of all files together, unpacked
    std::int64_t files = 10'000;                   ///< and folders
};

/// False for a path that is empty, absolute, has a part ".." or a backslash.
bool is_safe_path(const std::string& name);

/// The files for which wanted(name) is true, in the archive's order; folders are passed over. Nothing is written.
///
/// Throws IoError, which names `path`, when the archive is damaged or ends early, breaks a limit, holds the same file
/// twice, or holds anything, wanted or not, that is neither a file nor a folder (a link, a device), is encrypted, or
/// whose name is empty, absolute or has a part "..".
std::vector<ArchiveFile> read_archive(Bytes archive, const std::string& path,
                                      const std::function<bool(const std::string&)>& wanted,
                                      const ArchiveLimits& limits = {});

}  // namespace vitrine::data

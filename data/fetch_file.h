// Private to data: download() without the user's line in its errors.
#pragma once

#include <string>

#include "download.h"

namespace vitrine::data {

/// What download() does, for options that are known to be good.
std::string fetch_file(const RemoteFile& file, const std::string& folder, const DownloadOptions& options);

/// Throws Error, in the name of `function`, for options that make no sense.
void check_download(const char* function, const RemoteFile& file, const DownloadOptions& options, Site site);

}  // namespace vitrine::data

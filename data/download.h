// Fetching a file that is known beforehand: its size and its SHA-256.
//
// It is written to PATH.part, checked, and renamed to PATH: whoever sees PATH sees the whole file. A part that an
// earlier try left behind, whichever process or mirror it came from, is continued where the server can (HTTP's Range).
// A lock on PATH.lock lets one process fetch while others wait and then find the file there.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "vitrine/core/site.h"

namespace vitrine::data {

/// A file that can be fetched.
struct RemoteFile {
    std::string name;    ///< what it is called on disk
    std::string sha256;  ///< of its contents, 64 lower-case hexadecimal digits
    std::uint64_t bytes = 0;
    std::vector<std::string> urls;  ///< where it can be had, http or https, best first
};

/// How far a download has come.
struct DownloadProgress {
    std::string file, url;
    std::uint64_t bytes = 0, total = 0;
};

struct DownloadOptions {
    std::int64_t connect_timeout_ms = 10'000;
    std::int64_t stall_timeout_ms = 30'000;  ///< give a server up after so long without a byte
    std::int64_t rounds = 4;                 ///< how often each mirror is tried
    std::int64_t backoff_ms = 500;           ///< before the second round; twice as long before each further one
    /// Called while bytes arrive, several times a second; the library itself prints nothing. False gives up.
    std::function<bool(const DownloadProgress&)> progress = nullptr;
};

/// Fetches `file` into `folder`, which is made when it is missing, unless it is there already. Returns its path.
/// Mirrors are tried in turn, in rounds; one that answers 4xx, or gives a whole file of another size or SHA-256, is not
/// tried again. Throws IoError when no mirror gave the file (with what each said last), when the disk is full or cannot
/// be written, or when progress gave up; what was fetched stays for the next call. Throws Error for
/// options and files that make no sense: a time below 0, a name with a folder, a SHA-256 that is none.
std::string download(const RemoteFile& file, const std::string& folder, const DownloadOptions& options = {},
                     Site site = Site::here());

}  // namespace vitrine::data

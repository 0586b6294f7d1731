#include "download.h"

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <thread>

#include "fetch_file.h"
#include "http_fetch.h"
#include "located.h"
#include "part_file.h"
#include "read_archive.h"
#include "sha256.h"
#include "vitrine/core/operand.h"

namespace vitrine::data {
namespace {

/// A place where the file can be had.
struct Mirror {
    std::string url, reason{};  ///< the reason of its last failure
    bool useless = false;
};

/// Whether `part` is the file. What it is not is thrown away.
bool is_whole(PartFile& part, const RemoteFile& file, std::string& reason) {
    const std::string hash = sha256_of_file(part.path());
    if (hash == file.sha256) return true;
    part.clear();
    reason = join("contents have SHA-256 ", hash, "; needed is ", file.sha256);
    return false;
}

/// One try. True when the file is there.
bool try_mirror(Mirror& mirror, const RemoteFile& file, const DownloadOptions& options, PartFile& part) {
    const FetchResult result = http_fetch(file, mirror.url, options, part);
    mirror.reason = result.reason;
    mirror.useless = result.outcome == FetchResult::Outcome::useless;
    if (result.outcome != FetchResult::Outcome::complete) return false;
    if (options.progress) options.progress({file.name, mirror.url, part.size(), file.bytes});
    if (is_whole(part, file, mirror.reason)) return true;
    mirror.useless = result.from_the_start;  // else another server's bytes may be the wrong ones
    return false;
}

std::string failure(const RemoteFile& file, const std::vector<Mirror>& mirrors) {
    std::string text = join(file.name, " could not be fetched");
    const char* separator = ": ";
    for (const Mirror& mirror : mirrors) {
        text += join(separator, mirror.url, " ", mirror.reason);
        separator = "; ";
    }
    return text;
}

void fetch(const RemoteFile& file, const DownloadOptions& options, PartFile& part) {
    std::vector<Mirror> mirrors;
    for (const std::string& url : file.urls) mirrors.push_back({url});
    std::int64_t pause = options.backoff_ms;
    for (std::int64_t round = 0; round < options.rounds; ++round) {
        if (std::ranges::all_of(mirrors, &Mirror::useless)) break;
        if (round > 0) {
            std::this_thread::sleep_for(std::chrono::milliseconds(pause));
            pause = std::min<std::int64_t>(2 * pause, 60'000);
        }
        for (Mirror& mirror : mirrors)
            if (!mirror.useless && try_mirror(mirror, file, options, part)) return;
    }
    throw IoError(failure(file, mirrors));
}

}  // namespace

void check_download(const char* function, const RemoteFile& file, const DownloadOptions& options, Site site) {
    const Call call(function, site);
    call.check(is_safe_path(file.name) && file.name != "." && file.name.find('/') == std::string::npos, "file name \"",
               file.name, "\"; allowed are names without a folder");
    call.check(file.sha256.size() == 64 && file.sha256.find_first_not_of("0123456789abcdef") == std::string::npos,
               file.name, " has SHA-256 \"", file.sha256, "\"; allowed are 64 lower-case hexadecimal digits");
    call.check(!file.urls.empty(), file.name, " has no url; needed is one");
    call.check(options.connect_timeout_ms > 0 && options.stall_timeout_ms > 0, "timeouts ", options.connect_timeout_ms,
               " and ", options.stall_timeout_ms, " ms; allowed are numbers from 1");
    call.check(options.rounds > 0, "rounds ", options.rounds, "; allowed are numbers from 1");
    call.check(options.backoff_ms >= 0, "backoff_ms ", options.backoff_ms, "; allowed are numbers from 0");
}

std::string fetch_file(const RemoteFile& file, const std::string& folder, const DownloadOptions& options) {
    const std::filesystem::path path = std::filesystem::path(folder) / file.name;
    std::error_code error;
    std::filesystem::create_directories(folder, error);
    if (error) throw IoError(join(folder, ": cannot be made: ", error.message()));
    const FileLock lock(path.string() + ".lock");
    if (std::filesystem::exists(path, error)) return path.string();

    PartFile part(path.string() + ".part");
    std::string of_the_past;
    if (part.size() > file.bytes) part.clear();
    if (part.size() < file.bytes || !is_whole(part, file, of_the_past)) fetch(file, options, part);
    part.become(path.string());
    return path.string();
}

std::string download(const RemoteFile& file, const std::string& folder, const DownloadOptions& options, Site site) {
    check_download("download", file, options, site);
    return located("download", site, [&] { return fetch_file(file, folder, options); });
}

}  // namespace vitrine::data

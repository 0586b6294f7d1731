#include "cifar_files.h"

#include <algorithm>
#include <filesystem>

#include "vitrine/kernels/base/error.h"

namespace vitrine::data {
namespace {

using Paths = std::vector<std::string>;

bool is_there(const std::filesystem::path& path) {
    std::error_code ignored;
    return std::filesystem::exists(path, ignored);
}

/// The path of a file that may be gzipped; empty when there is neither.
std::string plain_or_gzipped(const std::filesystem::path& folder, std::string_view name) {
    const std::filesystem::path plain = folder / name;
    if (is_there(plain)) return plain.string();
    const std::string gzipped = plain.string() + ".gz";
    return is_there(gzipped) ? gzipped : "";
}

/// The files of these names: all or none.
Paths official_files(const std::filesystem::path& folder, std::span<const std::string_view> names) {
    Paths found;
    std::string missing;
    for (const std::string_view name : names) {
        std::string path = plain_or_gzipped(folder, name);
        if (path.empty())
            missing = name;
        else
            found.push_back(std::move(path));
    }
    if (!found.empty() && !missing.empty())
        throw IoError(join("neither ", missing, " nor ", missing, ".gz in folder ", folder.string(), ", where ",
                           found[0], " is"));
    return found;
}

/// Every file PREFIX*.bin or PREFIX*.bin.gz, sorted.
Paths files_like(const std::filesystem::path& folder, std::string_view prefix) {
    Paths found;
    std::error_code error;
    for (std::filesystem::directory_iterator at(folder, error), end; !error && at != end; at.increment(error)) {
        const std::string name = at->path().filename().string();
        if (name.starts_with(prefix) && (name.ends_with(".bin") || name.ends_with(".bin.gz")))
            found.push_back(at->path().string());
    }
    std::ranges::sort(found);
    return found;
}

Paths find(const std::string& folder, const CifarFiles& files, Split split) {
    const auto names = split == Split::train ? files.train : files.test;
    const std::string_view prefix = split == Split::train ? "train" : "test";
    const std::filesystem::path inner = std::filesystem::path(folder) / files.folder;
    for (const std::filesystem::path& place : {std::filesystem::path(folder), inner})
        if (Paths found = official_files(place, names); !found.empty()) return found;
    Paths found = files_like(folder, prefix);
    if (found.size() > 1)
        throw IoError(join("several files in folder ", folder, " could be meant: ", found[0], ", ", found[1]));
    if (found.empty())
        throw IoError(join("neither ", names[0], " nor ", prefix, "*.bin in folder ", folder,
                           ", plain or with .gz behind, nor in ", inner.string()));
    return found;
}

}  // namespace

std::vector<NamedBytes> read_cifar_files(const std::string& folder, const CifarFiles& files, Split split) {
    constexpr std::uint64_t max_bytes = std::uint64_t{1} << 30;
    std::vector<NamedBytes> read;
    for (std::string& path : find(folder, files, split)) {
        Bytes bytes = read_maybe_gzipped(path, max_bytes);
        read.push_back({std::move(path), std::move(bytes)});
    }
    return read;
}

}  // namespace vitrine::data

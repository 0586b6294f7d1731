#include "cifar_files.h"

#include <algorithm>
#include <filesystem>

#include "read_archive.h"
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

/// The official files, plain or gzipped; else the archive alone; else the one file of another name.
Paths find(const std::string& folder, const CifarFiles& files, Split split) {
    const auto names = split == Split::train ? files.train : files.test;
    const std::string_view prefix = split == Split::train ? "train" : "test";
    const std::filesystem::path outer(folder), inner = outer / files.folder, archive = outer / files.archive;
    for (const std::filesystem::path& place : {outer, inner})
        if (Paths found = official_files(place, names); !found.empty()) return found;
    if (is_there(archive)) return {archive.string()};
    Paths found = files_like(outer, prefix);
    if (found.size() > 1)
        throw IoError(join("several files in folder ", folder, " could be meant: ", found[0], ", ", found[1]));
    if (found.empty())
        throw IoError(join("folder ", folder, " has neither ", names[0], ", also in ", files.folder, "/, nor ",
                           files.archive, " nor ", prefix, "*.bin, plain or with .gz behind"));
    return found;
}

/// The files of those names in the archive, in their order.
std::vector<NamedBytes> unpack(const std::string& path, std::string_view folder,
                               std::span<const std::string_view> names, std::uint64_t max_bytes) {
    std::vector<NamedBytes> found;
    for (const std::string_view name : names) found.push_back({join(folder, '/', name), {}});
    const auto position = [&](const std::string& name) { return std::ranges::find(found, name, &NamedBytes::path); };
    const auto wanted = [&](const std::string& name) { return position(name) != found.end(); };
    for (ArchiveFile& file : read_archive(read_file(path, max_bytes), path, wanted, {.bytes = max_bytes}))
        position(file.name)->bytes = std::move(file.bytes);
    for (NamedBytes& file : found) {
        if (file.bytes.empty()) throw IoError(join(path, ": holds no ", file.path));
        file.path = join(path, ": ", file.path);
    }
    return found;
}

}  // namespace

std::vector<NamedBytes> read_cifar_files(const std::string& folder, const CifarFiles& files, Split split) {
    constexpr std::uint64_t max_bytes = std::uint64_t{1} << 30;
    std::vector<NamedBytes> read;
    for (std::string& path : find(folder, files, split)) {
        if (path.ends_with(".tar.gz"))
            return unpack(path, files.folder, split == Split::train ? files.train : files.test, max_bytes);
        Bytes bytes = read_maybe_gzipped(path, max_bytes);
        read.push_back({std::move(path), std::move(bytes)});
    }
    return read;
}

std::string missing_cifar_files(const std::string& folder, const CifarFiles& files) {
    try {
        for (const Split split : {Split::train, Split::test}) find(folder, files, split);
    } catch (const IoError& e) {
        return e.what();
    }
    return "";
}

}  // namespace vitrine::data

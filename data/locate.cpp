#include "locate.h"

#include <cstdlib>
#include <filesystem>

#include "fetch_file.h"
#include "located.h"

namespace vitrine::data {
namespace {

std::string environment(const char* name) {
    const char* value = std::getenv(name);
    return value ? value : "";
}

std::string what_is_missing(const DataSetFiles& set, const std::string& folder) {
    if (set.missing) return set.missing(folder);
    for (const RemoteFile& file : set.files) {
        const std::filesystem::path path = std::filesystem::path(folder) / file.name;
        std::error_code ignored;
        if (std::filesystem::exists(path, ignored)) continue;
        const bool gzipped = file.name.ends_with(".gz");
        const std::string plain = gzipped ? file.name.substr(0, file.name.size() - 3) : file.name;
        if (gzipped && std::filesystem::exists(path.parent_path() / plain, ignored)) continue;
        if (gzipped) return join("folder ", folder, " has neither ", plain, " nor ", file.name);
        return join("folder ", folder, " has no ", file.name);
    }
    return "";
}

/// What the user can do about it.
std::string ways_out(const DataSetFiles& set, const LocateOptions& options) {
    return join("give a folder that has ", set.name,
                ", or take built-in data: ", options.built_in.empty() ? set.built_in : options.built_in);
}

std::string in_the_cache(const DataSetFiles& set, const LocateOptions& options) {
    const std::string folder = (std::filesystem::path(cache_folder()) / set.name).string();
    const std::string missing = what_is_missing(set, folder);
    if (missing.empty()) return folder;
    if (!options.download) throw IoError(join(missing, ", and downloads are off; ", ways_out(set, options)));
    try {
        for (const RemoteFile& file : set.files) fetch_file(file, folder, options.transfer);
    } catch (const IoError& e) {
        throw IoError(join(missing, ", and the download failed: ", e.what(), "; ", ways_out(set, options)));
    }
    return folder;
}

std::string find(const DataSetFiles& set, const LocateOptions& options) {
    if (options.folder.empty()) return in_the_cache(set, options);
    const std::string missing = what_is_missing(set, options.folder);
    if (!missing.empty()) throw IoError(join(missing, "; ", ways_out(set, options)));
    return options.folder;
}

}  // namespace

std::string cache_folder() {
    if (const std::string folder = environment("VITRINE_DATA"); !folder.empty()) return folder;
    // The XDG base directory specification: a path that is not absolute is to be ignored.
    if (const std::string folder = environment("XDG_CACHE_HOME"); folder.starts_with('/')) return folder + "/vitrine";
    if (const std::string folder = environment("HOME"); !folder.empty()) return folder + "/.cache/vitrine";
    throw IoError("no folder for data: none of VITRINE_DATA, XDG_CACHE_HOME and HOME is set");
}

std::string locate(const DataSetFiles& files, const LocateOptions& options, Site site) {
    for (const RemoteFile& file : files.files) check_download("locate", file, options.transfer, site);
    return located("locate", site, [&] { return find(files, options); });
}

std::string locate(std::string_view name, const LocateOptions& options, Site site) {
    return locate(catalog(name, site), options, site);
}

}  // namespace vitrine::data

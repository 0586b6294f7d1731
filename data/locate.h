// Where a data set's files are: in a folder of the user's, in the cache, or, after a download, in the cache.
#pragma once

#include <string>
#include <string_view>

#include "catalog.h"

namespace vitrine::data {

struct LocateOptions {
    std::string folder = "";  ///< the user's: only here is looked, and nothing is downloaded
    bool download = true;     ///< whether what the cache lacks may be downloaded
    /// How the user of the program gets built-in data instead ("--data digits"), for errors; else the library's own
    /// name of them is given.
    std::string built_in = "";
    DownloadOptions transfer{};
};

/// The folder that has the data set: options.folder where it names one, else cache_folder()/NAME, into which it is
/// downloaded when it is not there. `Mnist(locate("mnist"))`, `read_text(locate("tinyshakespeare"))`.
/// Throws Error for a name that is not in the catalog, IoError when the folder lacks the data set, or when the cache
/// does and it could not be downloaded or must not be. Nothing is taken instead.
std::string locate(std::string_view name, const LocateOptions& options = {}, Site site = Site::here());

/// The same for files that are in no catalog.
std::string locate(const DataSetFiles& files, const LocateOptions& options = {}, Site site = Site::here());

/// $VITRINE_DATA, else $XDG_CACHE_HOME/vitrine, else $HOME/.cache/vitrine. Throws IoError when none of them is set.
std::string cache_folder();

}  // namespace vitrine::data

// The data sets that can be downloaded: their files, where they can be had and what they must be.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "download.h"

namespace vitrine::data {

/// A data set as files of one folder.
struct DataSetFiles {
    std::string name;               ///< also that of its folder in the cache
    std::vector<RemoteFile> files;  ///< what is downloaded
    std::string built_in;           ///< data of the same form that need no file: "data::Digits"
    /// What a folder lacks of the data set, in words; empty when all is there. With none every file must be there,
    /// under its name, or under its name without ".gz".
    std::function<std::string(const std::string& folder)> missing = nullptr;
};

/// mnist, fashion_mnist, cifar10, cifar100, tinyshakespeare. Each SHA-256 is that of the official file as its authors
/// published it (so of the .gz and .tar.gz, not of what is inside). Throws Error for another name.
const DataSetFiles& catalog(std::string_view name, Site site = Site::here());

}  // namespace vitrine::data

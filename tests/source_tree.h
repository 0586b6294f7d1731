// Reading this repository's own files, for the tests of its shape.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace vitrine::testing {

/// The root of the source tree that this program was built from.
const std::filesystem::path& source_root();

/// Paths below `folder`, relative to the root, whose extension is one of `extensions`; sorted. Skips build folders.
std::vector<std::string> files_below(const std::string& folder, const std::vector<std::string>& extensions);

/// The file's lines; the path is relative to the root.
std::vector<std::string> lines_of(const std::string& path);

/// True when a file or folder of the repository has this path.
bool exists(const std::string& path);

}  // namespace vitrine::testing

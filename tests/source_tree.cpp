#include "source_tree.h"

#include <algorithm>
#include <fstream>

namespace vitrine::testing {

namespace fs = std::filesystem;

const fs::path& source_root() {
    static const fs::path root = VITRINE_SOURCE_DIR;
    return root;
}

std::vector<std::string> files_below(const std::string& folder, const std::vector<std::string>& extensions) {
    std::vector<std::string> files;
    if (!fs::exists(source_root() / folder)) return files;
    for (const auto& entry : fs::recursive_directory_iterator(source_root() / folder)) {
        const std::string extension = entry.path().extension();
        if (!entry.is_regular_file() || std::find(extensions.begin(), extensions.end(), extension) == extensions.end()) continue;
        files.push_back(fs::relative(entry.path(), source_root()));
    }
    std::sort(files.begin(), files.end());
    return files;
}

std::vector<std::string> lines_of(const std::string& path) {
    std::vector<std::string> lines;
    std::ifstream file(source_root() / path);
    for (std::string line; std::getline(file, line);) lines.push_back(line);
    return lines;
}

bool exists(const std::string& path) { return fs::exists(source_root() / path); }

}  // namespace vitrine::testing

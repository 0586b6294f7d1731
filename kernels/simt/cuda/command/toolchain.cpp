#include "toolchain.h"

#include <filesystem>
#include <fstream>
#include <stdexcept>

namespace vitrine::kernels::simt::command {

Toolchain this_builds_toolchain() {
    const std::filesystem::path path =
        std::filesystem::read_symlink("/proc/self/exe").string() + ".toolchain";
    std::ifstream file(path);
    if (!file) throw std::runtime_error(path.string() + " is missing");
    Toolchain tools;
    for (std::string line; std::getline(file, line);) {
        const std::size_t space = line.find(' ');
        if (space == line.npos) continue;
        const std::string word = line.substr(0, space), value = line.substr(space + 1);
        if (word == "compiler") tools.compiler = value;
        if (word == "flag") tools.flags.push_back(value);
        if (word == "library") tools.libraries.push_back(value);
    }
    return tools;
}

}  // namespace vitrine::kernels::simt::command

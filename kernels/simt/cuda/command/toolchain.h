// The compiler, its flags and the libraries of the build that this command belongs to.
#pragma once

#include <string>
#include <vector>

namespace vitrine::kernels::simt::command {

struct Toolchain {
    std::string compiler;
    std::vector<std::string> flags;      ///< of every file
    std::vector<std::string> libraries;  ///< and flags of the linker
};

/// What stands in the file beside the running command that cmake/simt/command.cmake wrote; throws
/// std::runtime_error if there is none.
Toolchain this_builds_toolchain();

}  // namespace vitrine::kernels::simt::command

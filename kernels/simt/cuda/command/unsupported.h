// What the emulator does not have, found in the source: when a program does not compile, the reason
// is most often one of these, and its name says more than what the compiler makes of it.
#pragma once

#include <string>
#include <vector>

#include "tokens.h"

namespace vitrine::kernels::simt::command {

struct Unsupported {
    std::string file;
    int line;
    std::string what;  ///< "texture objects (cudaTextureObject_t)"
};

/// Each kind of construct once, where it first stands in the file.
std::vector<Unsupported> unsupported_in(const std::string& file, const std::vector<Token>& tokens);

}  // namespace vitrine::kernels::simt::command

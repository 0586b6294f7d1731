// From a place in the machine code of a kernel to its line in the source.
#pragma once

#include <string>

namespace vitrine::kernels::simt {

/// A line of a kernel. `file` is the name without folders; line 0 where there is no debug
/// information.
struct SourceLine {
    std::string file;
    int line = 0;
    std::string function;
    int column = 0;
    bool is_library = false;  ///< neither the function nor its callers that it is inlined into are
                              ///< the program's
    bool is_emulator = false;  ///< nor a kernel's: the emulator's own, or a library's
};

/// The line of the call that returns to `pc`, as `__builtin_return_address` gives it. Where
/// functions are inlined into one another it is the innermost line outside of the emulator's own
/// headers and the standard library.
const SourceLine& source_line(const void* pc);

/// "softmax_cuda.cu:27".
std::string to_string(const SourceLine& line);

}  // namespace vitrine::kernels::simt

// The words of a CUDA source file with their places, so that a text can be changed without touching
// the rest of it.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace vitrine::kernels::simt::command {

struct Token {
    enum Kind {
        name,       ///< identifier or keyword
        number,     ///< 1'000u, 0x1p-3f
        text,       ///< "..." with prefix and raw strings, '...'
        punctuation,///< one character; `<<<` is three of them
        include,    ///< the name in an #include line with its quotes or brackets
        directive   ///< '#' and the word after it: "#if", "#define"
    };
    Kind kind;
    std::size_t begin, end;  ///< in the source
    int line;                ///< from 1
    bool in_directive;       ///< between '#' and the end of its line
    std::string_view spelling;

    bool is(std::string_view word) const { return spelling == word; }
};

/// Comments and white space are left out. `source` must outlive the tokens. What C++ does not know
/// becomes punctuation: a file that is wrong is the compiler's to judge.
std::vector<Token> tokens_of(std::string_view source);

}  // namespace vitrine::kernels::simt::command

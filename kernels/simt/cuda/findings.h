// What is wrong with the program, one entry after the other, for the command tools/simt-check. It
// names a file in the environment variable VITRINE_SIMT_FINDINGS; without one, findings are printed
// to stderr as they come.
//
// In the file every entry begins with a line `vitrine_finding FILE LINE BYTES`: the place of the
// launch or call, and the length of the text that follows. The last entry is
// `vitrine_launches NUMBER`.
#pragma once

#include <string>

namespace vitrine_cuda {

/// Appends it to the file at once: the program may crash next.
void record_finding(const std::string& text, const char* file, int line);

/// Counts a launch.
void count_launch();

}  // namespace vitrine_cuda

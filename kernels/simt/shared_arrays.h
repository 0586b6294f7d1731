// Where the __shared__ arrays of this OS thread's block lie. A block of a cooperative launch that
// waits for the others puts their contents aside.
#pragma once

#include <cstddef>
#include <vector>

namespace vitrine::kernels::simt {

struct SharedArray {
    unsigned char* memory;
    std::size_t bytes;
};

/// All of them, of every kernel of the program. They are static variables of functions, so they are
/// found by name in the symbol tables; throws vitrine::Error when the program was stripped of them.
const std::vector<SharedArray>& shared_arrays();

}  // namespace vitrine::kernels::simt

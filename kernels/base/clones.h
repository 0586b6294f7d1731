// VITRINE_CLONES before a CPU kernel's range function: in a build for any x86-64 processor the compiler makes it three
// times, for AVX-512, for AVX2 and for what every such processor has, and the loader takes the widest that this one can
// do. The formula stays one function. For loops that the compiler turns into vector code by itself; a kernel written in
// vectors of its own has a file for each instruction set instead (isa.h, whose VITRINE_ISA does not reach these loops).
//
// What the function calls must be inlined into it to be cloned along: always so for math.h. Nothing for other compilers
// and processors, for a build for one processor (preset release), without optimisation, in preset simt-check, which
// watches other kernels, and under sanitizers, which are not ready when the loader chooses.
#pragma once

#include <cstddef>  // says whether this is the GNU C library, whose loader can choose

#include "vitrine/config.h"

#if defined(__x86_64__) && defined(__GLIBC__) && defined(__OPTIMIZE__) && !defined(__clang__) && !defined(__AVX512F__) && \
    !defined(__CUDACC__) && !VITRINE_SIMT_CHECK && !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
#define VITRINE_CLONES __attribute__((target_clones("avx512f", "avx2", "default")))
#else
#define VITRINE_CLONES
#endif

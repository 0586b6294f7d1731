// How many blocks of a launch fit on one multiprocessor. Part of the profile.
#pragma once

#include <cstddef>
#include <string>

namespace vitrine::kernels::simt {

/// Of one multiprocessor: CUDA C++ Programming Guide, "Technical Specifications per Compute
/// Capability".
struct Multiprocessor {
    const char* name;
    unsigned threads, blocks;
    std::size_t shared_bytes;  ///< 1 KiB of it goes to the system for each block
};
constexpr Multiprocessor multiprocessors[] = {
    {"sm_80", 2048, 32, 164 * 1024},
    {"sm_90", 2048, 32, 228 * 1024},
};

struct Occupancy {
    unsigned blocks = 0, threads = 0;
    const char* limit = "";  ///< "threads", "blocks" or "shared memory"
};

/// Registers are not known here: a kernel that uses many reaches less.
Occupancy occupancy(const Multiprocessor& m, unsigned block_threads, std::size_t shared_bytes);

}  // namespace vitrine::kernels::simt

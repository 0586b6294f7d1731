// Limits of a launch, those of a GPU of compute capability 9.0.
#pragma once

#include <cstddef>
#include <cstdint>

namespace vitrine::kernels::simt {

constexpr std::size_t most_shared_bytes = 227 * 1024;

// Of a cooperative launch, whose threads may all wait at the same time. A waiting thread's stack
// takes two of the 65,530 memory mappings that Linux gives a process.
constexpr std::uint64_t most_cooperative_blocks = 256;
constexpr std::uint64_t most_cooperative_threads = 24 * 1024;

}  // namespace vitrine::kernels::simt

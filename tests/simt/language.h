// Kernels that use the parts of CUDA's language beyond those of kernels.h. On CUDA they compile as
// well.
#pragma once

#include <cstdint>

#include "vitrine/kernels/base/device.h"

namespace vitrine::kernels {

constexpr int scoped_results = 11;

/// Every atomic of block (out[0] to out[10]) and of system scope (the next 11), once a thread of
/// one block.
template <class On>
void test_scoped_atomics(On on, unsigned* out, int threads);

/// 64-bit and 16-bit atomics, once a thread of one block.
template <class On>
void test_wide_atomics(On on, unsigned long long* wide, long long* wide_signed,
                       unsigned short* narrow, int threads);

/// ++*count by every thread, under a lock that the others wait for in a loop.
template <class On>
void test_lock(On on, unsigned* lock, int* count, int blocks, int threads);

/// y = x / sum(x) in one cooperative launch; part has a place for each block. Every block then
/// checks that its shared memory stays its own over `turns` barriers of the grid.
template <class On>
void test_grid_sync(On on, const float* x, float* part, float* y, int n, int turns, int blocks,
                    int threads);

/// Blocks hand a number on to each other, each waiting for the one before in a loop.
template <class On>
void test_chain_of_blocks(On on, unsigned* turn, unsigned* order, int blocks, bool cooperative);

constexpr int group_results = 20;

/// out[t * group_results + i] is what thread t of one block got from tiles of 8, and of a tile of 4
/// in it.
template <class On>
void test_tiles(On on, int* out, int threads);

/// Which lanes run together: in all, in a branch, and as a group.
template <class On>
void test_converged(On on, unsigned* out, int threads);

}  // namespace vitrine::kernels

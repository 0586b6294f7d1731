// Kernels that use every collective of a block and a warp correctly. On CUDA they compile as well.
#pragma once

#include <cstdint>

#include "vitrine/kernels/base/device.h"

namespace vitrine::kernels {

constexpr int shuffle_results = 9, vote_results = 8, reduce_results = 9, atomic_results = 12;

/// out[t * shuffle_results + i] is what thread t of one block got from shuffle i, of values 100 +
/// t.
template <class On>
void test_shuffles(On on, int* out, int threads);
template <class On>
void test_votes(On on, unsigned* out, int threads);
template <class On>
void test_warp_reductions(On on, int* out, int threads);

/// Block b turns x[b * threads ...] round, once through static and once through dynamic memory.
template <class On>
void test_reverse(On on, const int* x, int* y, int* z, int blocks, int threads);

/// out[t] is the number of threads below t, counted in a loop of barriers that only some warps of
/// work between.
template <class On>
void test_uneven_work(On on, int* out, int threads);

/// Warp and lane of each thread of a block of x * y * z, as its collectives see them.
template <class On>
void test_shape(On on, int* lanes, int x, int y, int z);

/// One result of block_reduce (sum, max, min) a block.
template <class T, class On>
void test_block_reduce(On on, const T* x, T* out, int blocks, int threads);

/// Every thread of every block takes part in every atomic once.
template <class On>
void test_atomics(On on, unsigned* out, float* sum, double* sum64, int blocks, int threads);

}  // namespace vitrine::kernels

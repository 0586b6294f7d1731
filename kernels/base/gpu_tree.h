// A sum over a block as a tree in shared memory, which the lower steps of the kernel ladders use; gpu_reduce.h does the
// same by shuffles.
//
//     8 threads:   a    b    c    d    e    f    g    h
//     half 4       a+e  b+f  c+g  d+h                       the first `half` threads work, side by side: no
//     half 2       ..   ..                                  bank is asked twice, and whole warps are done
//     half 1       ..                                       instead of some lanes of each
#pragma once

#include "gpu.h"

namespace vitrine::kernels {
inline namespace VITRINE_GPU_NAMESPACE {

/// Joins `value` of all `threads` (a power of two) of a one-dimensional block; each gets the result. `tree` is shared
/// memory for `threads` values and free again afterwards. log2(threads) + 2 barriers.
template <int threads, class T, class F>
__device__ T block_tree(T value, F combine, T* tree) {
    const int t = static_cast<int>(threadIdx.x);
    tree[t] = value;
    for (int half = threads / 2; half > 0; half /= 2) {
        __syncthreads();
        if (t < half) tree[t] = combine(tree[t], tree[t + half]);
    }
    __syncthreads();
    value = tree[0];
    __syncthreads();  // all have read it: the next call may write
    return value;
}

}  // namespace VITRINE_GPU_NAMESPACE
}  // namespace vitrine::kernels

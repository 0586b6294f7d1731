// Reductions over a warp and over a block, for .cu files. Every thread gets the result, and the
// order is fixed: the same values give the same bits every time.
//
//     __shared__ float buffer[32];
//     const float total = block_reduce(v, 0.0f, ReduceAdd{}, buffer);
//
// warp_reduce, 8 lanes drawn:      a    b    c    d    e    f    g    h
//     lane ^ 4                     a+e  b+f  c+g  d+h  e+a  f+b  g+c  h+d
//     lane ^ 2                     a+e+c+g  b+f+d+h  ...
//     lane ^ 1                     a+e+c+g+b+f+d+h in each lane
//
// `combine` must be commutative, bit for bit (a + b and max(a, b) are).
#pragma once

#include "gpu.h"

namespace vitrine::kernels {
inline namespace VITRINE_GPU_NAMESPACE {

struct ReduceAdd {
    template <class T>
    __device__ T operator()(T a, T b) const {
        return a + b;
    }
};

/// The larger; NaN if one is NaN.
struct ReduceMax {
    template <class T>
    __device__ T operator()(T a, T b) const {
        return a > b || a != a ? a : b;
    }
};

/// The smaller; NaN if one is NaN.
struct ReduceMin {
    template <class T>
    __device__ T operator()(T a, T b) const {
        return a < b || a != a ? a : b;
    }
};

constexpr unsigned all_lanes = 0xffffffffu;

/// Joins `value` of the 32 lanes of a full warp.
template <class T, class F>
__device__ T warp_reduce(T value, F combine) {
    for (int distance = 16; distance > 0; distance /= 2)
        value = combine(value, __shfl_xor_sync(all_lanes, value, distance));
    return value;
}

/// Joins `value` of all threads of the block, whose size is a multiple of 32. `buffer` is shared
/// memory for 32 values; it ends with a barrier, so that the buffer is free again.
/// combine(identity, v) is v.
template <class T, class F>
__device__ T block_reduce(T value, T identity, F combine, T* buffer) {
    const unsigned thread = threadIdx.x + blockDim.x * (threadIdx.y + blockDim.y * threadIdx.z);
    const unsigned warps = blockDim.x * blockDim.y * blockDim.z / 32;
    const unsigned lane = thread % 32, warp = thread / 32;

    value = warp_reduce(value, combine);
    if (lane == 0) buffer[warp] = value;
    __syncthreads();

    // Each warp joins the warps' results, instead of one warp that would have to hand them out.
    value = warp_reduce(lane < warps ? buffer[lane] : identity, combine);
    __syncthreads();
    return value;
}

}  // namespace VITRINE_GPU_NAMESPACE
}  // namespace vitrine::kernels

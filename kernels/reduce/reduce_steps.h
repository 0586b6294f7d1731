// The kernel ladder of sum and mean: a file for each step, docs/ladders.md compares them. The ladder is about sums of
// rows, whose elements lie together. Every step takes every ReduceShape, but where the elements of a sum lie apart, the
// naive step is the coalesced one. Sums are kept in double, like those of the op's own kernels.
#pragma once

#include "reduce.h"
#include "vitrine/kernels/base/gpu.h"
#include "vitrine/kernels/base/parallel.h"

namespace vitrine::kernels {
inline namespace VITRINE_GPU_NAMESPACE {

constexpr int sum_threads = 256;

/// What a block of the upper steps adds up of each y_k: piece blockIdx.y of gridDim.y.
inline __device__ Range sum_piece_of_block(const ReduceShape& n) {
    const std::int64_t reduced = n.reduced.elements(), pieces = gridDim.y;
    return {reduced * blockIdx.y / pieces, reduced * (blockIdx.y + 1) / pieces};
}

/// Where a sum of many pieces ends: in y if there is one piece, else where a second launch finds it.
template <class Y>
struct SumEnd {
    Y* y;
    double divisor;
    double* partial;
    std::int64_t kept;

    __device__ void operator()(std::int64_t k, double sum) const {
        if (gridDim.y > 1) partial[blockIdx.y * kept + k] = sum;
        else y[k] = static_cast<Y>(sum / divisor);
    }
};

}  // namespace VITRINE_GPU_NAMESPACE

template <class T>
void sum_naive(Gpu on, const T* x, T* y, double divisor, const ReduceShape& n);
template <class T>
void sum_coalesced(Gpu on, const T* x, T* y, double divisor, const ReduceShape& n);
template <class T>
void sum_tiled(Gpu on, const T* x, T* y, double divisor, const ReduceShape& n, void* workspace);
template <class T>
void sum_register_tiled(Gpu on, const T* x, T* y, double divisor, const ReduceShape& n, void* workspace);
template <class T>
void sum_vectorised(Gpu on, const T* x, T* y, double divisor, const ReduceShape& n, void* workspace);

/// The step that n.step names, which is one of these.
template <class T>
void sum_step(Gpu on, const T* x, T* y, double divisor, const ReduceShape& n, void* workspace) {
    switch (n.step) {
        case KernelStep::naive: return sum_naive(on, x, y, divisor, n);
        case KernelStep::coalesced: return sum_coalesced(on, x, y, divisor, n);
        case KernelStep::tiled: return sum_tiled(on, x, y, divisor, n, workspace);
        case KernelStep::register_tiled: return sum_register_tiled(on, x, y, divisor, n, workspace);
        case KernelStep::vectorised: return sum_vectorised(on, x, y, divisor, n, workspace);
        case KernelStep::tensor_cores:
        case KernelStep::automatic: break;
    }
}

}  // namespace vitrine::kernels

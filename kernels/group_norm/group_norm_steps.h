// The kernel ladder of layer_norm, forward: a file for each step, docs/ladders.md compares them. Rows of `width`
// neighbours; w and b, of a row's length, may be null: 1 and 0. As in the op's own kernel the mean is found from
// differences to the row's first element, which keeps the digits that a large mean would cost.
#pragma once

#include "group_norm.h"
#include "vitrine/kernels/base/gpu.h"

namespace vitrine::kernels {
inline namespace VITRINE_GPU_NAMESPACE {

constexpr int layer_norm_threads = 128;

/// One launch: fills y (rows, width), and mean and rstd of each row.
template <class T>
struct LayerNormRows {
    const T *x, *w, *b;
    T *y, *mean, *rstd;
    double eps;
    std::int64_t rows, width;

    /// y of column j from the row's x_j, mean and rstd.
    __device__ T result(std::int64_t j, T xj, T mu, T r) const {
        return (xj - mu) * r * (w ? w[j] : T(1)) + (b ? b[j] : T(0));
    }
};

}  // namespace VITRINE_GPU_NAMESPACE

template <class T>
void layer_norm_naive(Gpu on, const LayerNormRows<T>& n);
template <class T>
void layer_norm_coalesced(Gpu on, const LayerNormRows<T>& n);
template <class T>
void layer_norm_tiled(Gpu on, const LayerNormRows<T>& n);
template <class T>
void layer_norm_register_tiled(Gpu on, const LayerNormRows<T>& n);
template <class T>
void layer_norm_vectorised(Gpu on, const LayerNormRows<T>& n);

/// One of these steps.
template <class T>
void layer_norm_step(Gpu on, const LayerNormRows<T>& n, KernelStep step) {
    switch (step) {
        case KernelStep::naive: return layer_norm_naive(on, n);
        case KernelStep::coalesced: return layer_norm_coalesced(on, n);
        case KernelStep::tiled: return layer_norm_tiled(on, n);
        case KernelStep::register_tiled: return layer_norm_register_tiled(on, n);
        case KernelStep::vectorised: return layer_norm_vectorised(on, n);
        case KernelStep::tensor_cores:
        case KernelStep::automatic: break;
    }
}

}  // namespace vitrine::kernels

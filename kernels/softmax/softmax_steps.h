// The kernel ladder of softmax and log_softmax, forward: a file for each step, docs/ladders.md compares them. Every
// step takes every SoftmaxShape; row r begins at softmax_row(n, r), its elements are n.inner apart.
#pragma once

#include "softmax.h"
#include "vitrine/kernels/base/gpu.h"

namespace vitrine::kernels {
inline namespace VITRINE_GPU_NAMESPACE {

constexpr int softmax_threads = 128;

inline __device__ std::int64_t softmax_row(SoftmaxShape n, std::int64_t r) {
    return r / n.inner * n.cols * n.inner + r % n.inner;
}

}  // namespace VITRINE_GPU_NAMESPACE

template <bool log, class T>
void softmax_naive(Gpu on, const T* x, T* y, SoftmaxShape n);
template <bool log, class T>
void softmax_coalesced(Gpu on, const T* x, T* y, SoftmaxShape n);
template <bool log, class T>
void softmax_tiled(Gpu on, const T* x, T* y, SoftmaxShape n);
template <bool log, class T>
void softmax_register_tiled(Gpu on, const T* x, T* y, SoftmaxShape n);
template <bool log, class T>
void softmax_vectorised(Gpu on, const T* x, T* y, SoftmaxShape n);

/// The step that n.step names, which is one of these.
template <bool log, class T>
void softmax_step(Gpu on, const T* x, T* y, SoftmaxShape n) {
    switch (n.step) {
        case KernelStep::naive: return softmax_naive<log>(on, x, y, n);
        case KernelStep::coalesced: return softmax_coalesced<log>(on, x, y, n);
        case KernelStep::tiled: return softmax_tiled<log>(on, x, y, n);
        case KernelStep::register_tiled: return softmax_register_tiled<log>(on, x, y, n);
        case KernelStep::vectorised: return softmax_vectorised<log>(on, x, y, n);
        case KernelStep::tensor_cores:
        case KernelStep::automatic: break;
    }
}

}  // namespace vitrine::kernels

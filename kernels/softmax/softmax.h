// Softmax and log-softmax along the middle of (outer, cols, inner): row (o, i) is x[o, :, i].
//
//                     forward                                     backward, from y and dy
//   softmax           y_j = exp(x_j - m) / sum_k exp(x_k - m)     dx_j = y_j (dy_j - sum_k dy_k y_k)
//   log_softmax       y_j = x_j - m - log sum_k exp(x_k - m)      dx_j = dy_j - exp(y_j) sum_k dy_k
//
//   with m = max_k x_k: no overflow, the same value.
//
// x and y, dy and dx may be the same buffer. A row of -inf, or with a NaN or +inf, gives NaN.
#pragma once

#include <cstdint>

#include "vitrine/kernels/base/device.h"
#include "vitrine/kernels/base/kernel_step.h"

namespace vitrine::kernels {

/// Sizes before, along and after the axis; element (o, c, i) is at (o * cols + c) * inner + i.
struct SoftmaxShape {
    std::int64_t outer, cols, inner;
    KernelStep step = KernelStep::automatic;  ///< forward on a GPU: the kernels of this step (softmax_steps.h)
};

template <class T>
void softmax_forward(Cpu, const T* x, T* y, SoftmaxShape n);
template <class T>
void softmax_backward(Cpu, const T* y, const T* dy, T* dx, SoftmaxShape n);
template <class T>
void log_softmax_forward(Cpu, const T* x, T* y, SoftmaxShape n);
template <class T>
void log_softmax_backward(Cpu, const T* y, const T* dy, T* dx, SoftmaxShape n);

template <class T>
void softmax_forward(Simt, const T* x, T* y, SoftmaxShape n);
template <class T>
void softmax_backward(Simt, const T* y, const T* dy, T* dx, SoftmaxShape n);
template <class T>
void log_softmax_forward(Simt, const T* x, T* y, SoftmaxShape n);
template <class T>
void log_softmax_backward(Simt, const T* y, const T* dy, T* dx, SoftmaxShape n);

template <class T>
void softmax_forward(Cuda, const T* x, T* y, SoftmaxShape n);
template <class T>
void softmax_backward(Cuda, const T* y, const T* dy, T* dx, SoftmaxShape n);
template <class T>
void log_softmax_forward(Cuda, const T* x, T* y, SoftmaxShape n);
template <class T>
void log_softmax_backward(Cuda, const T* y, const T* dy, T* dx, SoftmaxShape n);

}  // namespace vitrine::kernels

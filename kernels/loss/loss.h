// Elementwise losses of a prediction x and a target t, both n values in the same order.
//
//                     f(x, t)                                     df/dx
//   mse               (x - t)^2                                   2 (x - t)
//   bce_with_logits   max(x, 0) - x t + log(1 + e^-|x|)           s(x) - t        s(x) = 1 / (1 + e^-x)
//
// The second is binary cross entropy -t log s(x) - (1 - t) log(1 - s(x)) in a form without overflow: with
// log s(x) = min(x, 0) - log(1 + e^-|x|) and log(1 - s(x)) = log s(x) - x.
//
//   each      y_i = f(x_i, t_i)                        dx_i = dy_i df/dx(x_i, t_i)
//   sum       y = sum_i f(x_i, t_i) / divisor          dx_i = dy / divisor df/dx(x_i, t_i)          (mean: divisor = n)
//
// The sum is taken in the same pass as f, in pieces of fold_chunk values whose sums are joined in double and in order:
// the same bits at any number of threads. Empty: 0 / divisor.
#pragma once

#include <cstddef>
#include <cstdint>

#include "vitrine/kernels/base/device.h"
#include "vitrine/kernels/base/math.h"

namespace vitrine::kernels {

struct Mse {
    template <class T>
    VITRINE_INLINE static T f(T x, T t) { return (x - t) * (x - t); }
    template <class T>
    VITRINE_INLINE static T dx(T x, T t) { return T(2) * (x - t); }
};

struct BceWithLogits {
    template <class T>
    VITRINE_INLINE static T f(T x, T t) { return math::softplus(x) - x * t; }
    template <class T>
    VITRINE_INLINE static T dx(T x, T t) { return math::sigmoid(x) - t; }
};

/// Bytes of workspace of loss_sum for n values.
std::size_t loss_workspace_bytes(std::int64_t n);

template <class F, class T>
void loss_each(Cpu, F, const T* x, const T* t, T* y, std::int64_t n);
template <class F, class T>
void loss_sum(Cpu, F, const T* x, const T* t, T* y, double divisor, std::int64_t n, void* workspace);
/// `each`: dy has n values; else one.
template <class F, class T>
void loss_backward(Cpu, F, const T* x, const T* t, const T* dy, bool each, double divisor, T* dx, std::int64_t n);

template <class F, class T>
void loss_each(Cuda, F, const T* x, const T* t, T* y, std::int64_t n);
template <class F, class T>
void loss_sum(Cuda, F, const T* x, const T* t, T* y, double divisor, std::int64_t n, void* workspace);
template <class F, class T>
void loss_backward(Cuda, F, const T* x, const T* t, const T* dy, bool each, double divisor, T* dx, std::int64_t n);

template <class F, class T>
void loss_each(Simt, F, const T* x, const T* t, T* y, std::int64_t n);
template <class F, class T>
void loss_sum(Simt, F, const T* x, const T* t, T* y, double divisor, std::int64_t n, void* workspace);
template <class F, class T>
void loss_backward(Simt, F, const T* x, const T* t, const T* dy, bool each, double divisor, T* dx, std::int64_t n);

}  // namespace vitrine::kernels

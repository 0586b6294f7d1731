// Elementwise losses of a prediction x and a target t, both n values in the same order.
//
//                     f(x, t)                                     df/dx
//   mse               (x - t)^2                                   2 (x - t)
//   l1                |x - t|                                     sign(x - t)
//   huber             d = x - t, scale times
//                     d^2 / 2 where |d| <= delta                  d
//                     delta (|d| - delta / 2) elsewhere           delta sign(d)
//                     (scale 1: huber; scale 1 / delta: smooth l1)
//   bce               -t log x - (1 - t) log(1 - x)               (x - t) / max(x (1 - x), 1e-12)
//                     logarithms not below -100, as in PyTorch
//   bce_with_logits   max(x, 0) - x t + log(1 + e^-|x|)           s(x) - t        s(x) = 1 / (1 + e^-x)
//   kl_div            t (log t - x), 0 where t = 0                -t              x is a logarithm of a probability
//   kl_div_log        e^t (t - x)                                 -e^t            t too
//
// bce_with_logits is binary cross entropy -t log s(x) - (1 - t) log(1 - s(x)) in a form without overflow: with
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
    VITRINE_INLINE T f(T x, T t) const { return (x - t) * (x - t); }
    template <class T>
    VITRINE_INLINE T dx(T x, T t) const { return T(2) * (x - t); }
};

struct L1 {
    template <class T>
    VITRINE_INLINE T f(T x, T t) const { return math::abs(x - t); }
    template <class T>
    VITRINE_INLINE T dx(T x, T t) const { return x > t ? T(1) : x < t ? T(-1) : (x - t) * T(0); }  // NaN stays NaN
};

struct Huber {
    double delta, scale;
    template <class T>
    VITRINE_INLINE T f(T x, T t) const {
        const T d = math::abs(x - t), at = static_cast<T>(delta), by = static_cast<T>(scale);
        return by * (d <= at ? T(0.5) * d * d : at * (d - T(0.5) * at));
    }
    template <class T>
    VITRINE_INLINE T dx(T x, T t) const {
        const T d = x - t, at = static_cast<T>(delta), by = static_cast<T>(scale);
        return by * (d > at ? at : d < -at ? -at : d);
    }
};

struct Bce {
    template <class T>
    VITRINE_INLINE static T log_not_below(T x) {
        const T y = math::log(x);
        return y < T(-100) ? T(-100) : y;
    }
    template <class T>
    VITRINE_INLINE T f(T x, T t) const { return -t * log_not_below(x) - (T(1) - t) * log_not_below(T(1) - x); }
    template <class T>
    VITRINE_INLINE T dx(T x, T t) const {
        const T v = x * (T(1) - x);
        return (x - t) / (v < T(1e-12) ? T(1e-12) : v);
    }
};

struct BceWithLogits {
    template <class T>
    VITRINE_INLINE T f(T x, T t) const { return math::softplus(x) - x * t; }
    template <class T>
    VITRINE_INLINE T dx(T x, T t) const { return math::sigmoid(x) - t; }
};

struct KlDiv {
    template <class T>
    VITRINE_INLINE T f(T x, T t) const { return t == T(0) ? T(0) : t * (math::log(t) - x); }
    template <class T>
    VITRINE_INLINE T dx(T, T t) const { return -t; }
};

struct KlDivLog {
    template <class T>
    VITRINE_INLINE T f(T x, T t) const { return math::exp(t) * (t - x); }
    template <class T>
    VITRINE_INLINE T dx(T, T t) const { return -math::exp(t); }
};

/// Bytes of workspace of loss_sum for n values.
std::size_t loss_workspace_bytes(std::int64_t n);

template <class F, class T>
void loss_each(Cpu, F f, const T* x, const T* t, T* y, std::int64_t n);
template <class F, class T>
void loss_sum(Cpu, F f, const T* x, const T* t, T* y, double divisor, std::int64_t n, void* workspace);
/// `each`: dy has n values; else one.
template <class F, class T>
void loss_backward(Cpu, F f, const T* x, const T* t, const T* dy, bool each, double divisor, T* dx, std::int64_t n);

template <class F, class T>
void loss_each(Cuda, F f, const T* x, const T* t, T* y, std::int64_t n);
template <class F, class T>
void loss_sum(Cuda, F f, const T* x, const T* t, T* y, double divisor, std::int64_t n, void* workspace);
template <class F, class T>
void loss_backward(Cuda, F f, const T* x, const T* t, const T* dy, bool each, double divisor, T* dx, std::int64_t n);

template <class F, class T>
void loss_each(Simt, F f, const T* x, const T* t, T* y, std::int64_t n);
template <class F, class T>
void loss_sum(Simt, F f, const T* x, const T* t, T* y, double divisor, std::int64_t n, void* workspace);
template <class F, class T>
void loss_backward(Simt, F f, const T* x, const T* t, const T* dy, bool each, double divisor, T* dx, std::int64_t n);

}  // namespace vitrine::kernels

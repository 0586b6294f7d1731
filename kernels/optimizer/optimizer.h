// One step of an optimizer, fused: every array is read once and written once.
//
// w: a parameter, g: its gradient, all arrays of n elements in one memory order. Before anything
// else the gradient is scaled, which is where clipping by norm goes without a pass of its own:  g'
// = grad_scale g.
//
//   sgd     d = g' + weight_decay w                                       (L2 penalty)
//           b = d at the first step, else momentum b + (1 - dampening) d
//           w = w - lr (nesterov ? d + momentum b : b)             without momentum: w = w - lr d
//           B. T. Polyak 1964; Y. Nesterov 1983; I. Sutskever et al., ICML 2013 (this form).
//
//   adam    d = g' + weight_decay w           adamw: d = g', and w = (1 - lr weight_decay) w first
//           m = beta1 m + (1 - beta1) d
//           v = beta2 v + (1 - beta2) d^2
//           w = w - lr m / (1 - beta1^t) / (sqrt(v) / sqrt(1 - beta2^t) + eps)        t = 1, 2, ...
//           D. P. Kingma, J. Ba, "Adam", ICLR 2015; I. Loshchilov, F. Hutter, "Decoupled
//           weight decay regularization" (AdamW), ICLR 2019.
//
//   rmsprop d = g' + weight_decay w
//           v = alpha v + (1 - alpha) d^2
//           r = sqrt(v), centered: a = a + (1 - alpha) (d - a) and r = sqrt(max(v - a^2, 0))
//           s = d / (r + eps)
//           w = w - lr s, with momentum: b = momentum b + s and w = w - lr b
//           T. Tieleman, G. Hinton, lecture 6e, 2012; centered: A. Graves, 2013, eq. 38 - 45.
//
// The formulas, the order of operations and the place of eps are PyTorch's. Factors of all elements
// are computed in double and rounded to T once. Bytes an element of T: sgd 3, with momentum 5, adam
// and adamw 7, rmsprop 5, and 2 more each when centered and with momentum, times sizeof(T).
#pragma once

#include <cmath>
#include <cstdint>

#include "vitrine/kernels/base/device.h"
#include "vitrine/kernels/base/hd.h"

namespace vitrine::kernels {

struct SgdStep {
    double lr = 1e-3, momentum = 0, dampening = 0, weight_decay = 0;
    bool nesterov = false;
    bool first = false;  ///< b holds nothing yet
    double grad_scale = 1;
};

struct AdamStep {
    double lr = 1e-3, beta1 = 0.9, beta2 = 0.999, eps = 1e-8, weight_decay = 0;
    bool decoupled = false;  ///< AdamW
    std::int64_t t = 1;      ///< this step's number
    double grad_scale = 1;
};

struct RmspropStep {
    double lr = 1e-2, alpha = 0.99, eps = 1e-8, weight_decay = 0, momentum = 0;
    bool centered = false;
    double grad_scale = 1;
};

/// b is not touched (and may be null) when step.momentum is 0, and not read when step.first.
template <class T>
void sgd_step(Cpu, T* w, const T* g, T* b, std::int64_t n, const SgdStep& step);
template <class T>
void sgd_step(Simt, T* w, const T* g, T* b, std::int64_t n, const SgdStep& step);
template <class T>
void sgd_step(Cuda, T* w, const T* g, T* b, std::int64_t n, const SgdStep& step);

/// m and v start as zeros.
template <class T>
void adam_step(Cpu, T* w, const T* g, T* m, T* v, std::int64_t n, const AdamStep& step);
template <class T>
void adam_step(Simt, T* w, const T* g, T* m, T* v, std::int64_t n, const AdamStep& step);
template <class T>
void adam_step(Cuda, T* w, const T* g, T* m, T* v, std::int64_t n, const AdamStep& step);

/// v, a and b start as zeros. a is not touched (and may be null) unless step.centered, b unless there is momentum.
template <class T>
void rmsprop_step(Cpu, T* w, const T* g, T* v, T* a, T* b, std::int64_t n, const RmspropStep& step);
template <class T>
void rmsprop_step(Simt, T* w, const T* g, T* v, T* a, T* b, std::int64_t n, const RmspropStep& step);
template <class T>
void rmsprop_step(Cuda, T* w, const T* g, T* v, T* a, T* b, std::int64_t n, const RmspropStep& step);

VITRINE_HD inline float square_root(float v) { return ::sqrtf(v); }
VITRINE_HD inline double square_root(double v) { return ::sqrt(v); }

/// The formulas above for one element, used by every device: constants of the step, then element by
/// element.
template <class T>
struct Sgd {
    T lr, momentum, damped, weight_decay, scale;  // damped: 1 - dampening

    explicit Sgd(const SgdStep& s)
        : lr(T(s.lr)),
          momentum(T(s.momentum)),
          damped(T(1 - s.dampening)),
          weight_decay(T(s.weight_decay)),
          scale(T(s.grad_scale)) {}

    VITRINE_HD T gradient(T w, T g) const { return scale * g + weight_decay * w; }

    VITRINE_HD void plain(T& w, T g) const { w -= lr * gradient(w, g); }

    template <bool first, bool nesterov>
    VITRINE_HD void with_momentum(T& w, T g, T& b) const {
        const T d = gradient(w, g);
        const T buffer = first ? d : momentum * b + damped * d;
        b = buffer;
        w -= lr * (nesterov ? d + momentum * buffer : buffer);
    }
};

template <class T>
struct Adam {
    T keep, coupled, beta1, rest1, beta2, rest2, rate, correction, eps, scale;

    explicit Adam(const AdamStep& s)
        : keep(T(s.decoupled ? 1 - s.lr * s.weight_decay : 1)),
          coupled(T(s.decoupled ? 0 : s.weight_decay)),
          beta1(T(s.beta1)),
          rest1(T(1 - s.beta1)),
          beta2(T(s.beta2)),
          rest2(T(1 - s.beta2)),
          rate(T(s.lr / (1 - std::pow(s.beta1, static_cast<double>(s.t))))),
          correction(T(1 / std::sqrt(1 - std::pow(s.beta2, static_cast<double>(s.t))))),
          eps(T(s.eps)),
          scale(T(s.grad_scale)) {}

    VITRINE_HD void element(T& w, T g, T& m, T& v) const {
        const T d = scale * g + coupled * w;
        m = beta1 * m + rest1 * d;
        v = beta2 * v + rest2 * d * d;
        w = keep * w - rate * m / (square_root(v) * correction + eps);
    }
};

template <class T>
struct Rmsprop {
    T lr, alpha, rest, eps, weight_decay, momentum, scale;

    explicit Rmsprop(const RmspropStep& s)
        : lr(T(s.lr)),
          alpha(T(s.alpha)),
          rest(T(1 - s.alpha)),
          eps(T(s.eps)),
          weight_decay(T(s.weight_decay)),
          momentum(T(s.momentum)),
          scale(T(s.grad_scale)) {}

    /// Element i of each array.
    template <bool centered, bool with_momentum>
    VITRINE_HD void element(std::int64_t i, T* w, const T* g, T* v, T* a, T* b) const {
        const T d = scale * g[i] + weight_decay * w[i];
        T square = alpha * v[i] + rest * d * d;
        v[i] = square;
        if constexpr (centered) {
            const T mean = a[i] + rest * (d - a[i]);
            a[i] = mean;
            square -= mean * mean;
            if (square < 0) square = 0;  // by rounding
        }
        T s = d / (square_root(square) + eps);
        if constexpr (with_momentum) s = b[i] = momentum * b[i] + s;
        w[i] -= lr * s;
    }
};

}  // namespace vitrine::kernels

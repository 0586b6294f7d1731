// What the graph knows of an elementwise loss f(x, t) beyond its kernels: the target's gradient and second derivatives.
// An undefined tensor stands for zeros. Private to core/ops/loss.cpp.
#pragma once

#include <cmath>

#include "vitrine/core/ops/binary.h"
#include "vitrine/core/ops/unary.h"
#include "vitrine/kernels/loss/loss.h"

namespace vitrine {

using kernels::Bce;
using kernels::BceWithLogits;
using kernels::Huber;
using kernels::KlDiv;
using kernels::KlDivLog;
using kernels::L1;
using kernels::Mse;

/// A loss of x - t alone that is the same for t - x.
template <class F>
constexpr bool symmetric = std::is_same_v<F, Mse> || std::is_same_v<F, L1> || std::is_same_v<F, Huber>;

// g df/dt. Of symmetric losses it is df/dx with x and t exchanged.
inline Tensor target_gradient(Bce, const Tensor& x, const Tensor&, const Tensor& g) {
    const auto log_not_below = [](const Tensor& p) { return clamp(log(p), -100, HUGE_VAL); };
    return g * (log_not_below(1 - x) - log_not_below(x));
}
inline Tensor target_gradient(BceWithLogits, const Tensor& x, const Tensor&, const Tensor& g) { return neg(x) * g; }
inline Tensor target_gradient(KlDiv, const Tensor& x, const Tensor& t, const Tensor& g) { return g * (log(t) + 1 - x); }
inline Tensor target_gradient(KlDivLog, const Tensor& x, const Tensor& t, const Tensor& g) { return g * exp(t) * (t - x + 1); }

// w d2f/dx2.
inline Tensor change_of_slope(Mse, const Tensor&, const Tensor&, const Tensor& w) { return 2 * w; }
inline Tensor change_of_slope(L1, const Tensor&, const Tensor&, const Tensor&) { return {}; }
inline Tensor change_of_slope(Huber f, const Tensor& x, const Tensor& t, const Tensor& w) {
    return w * f.scale * le(abs(x - t), f.delta).to(x.dtype());
}
inline Tensor change_of_slope(Bce, const Tensor& x, const Tensor& t, const Tensor& w) {
    return w * (t / square(x) + (1 - t) / square(1 - x));
}
inline Tensor change_of_slope(BceWithLogits, const Tensor& x, const Tensor&, const Tensor& w) {
    const Tensor s = sigmoid(x);
    return w * s * (1 - s);
}
inline Tensor change_of_slope(KlDiv, const Tensor&, const Tensor&, const Tensor&) { return {}; }
inline Tensor change_of_slope(KlDivLog, const Tensor&, const Tensor&, const Tensor&) { return {}; }

// w d2f/dx dt.
inline Tensor mixed_slope(Mse, const Tensor&, const Tensor&, const Tensor& w) { return -2 * w; }
inline Tensor mixed_slope(L1, const Tensor&, const Tensor&, const Tensor&) { return {}; }
inline Tensor mixed_slope(Huber f, const Tensor& x, const Tensor& t, const Tensor& w) { return neg(change_of_slope(f, x, t, w)); }
inline Tensor mixed_slope(Bce, const Tensor& x, const Tensor&, const Tensor& w) { return neg(w / (x * (1 - x))); }
inline Tensor mixed_slope(BceWithLogits, const Tensor&, const Tensor&, const Tensor& w) { return neg(w); }
inline Tensor mixed_slope(KlDiv, const Tensor&, const Tensor&, const Tensor& w) { return neg(w); }
inline Tensor mixed_slope(KlDivLog, const Tensor&, const Tensor& t, const Tensor& w) { return neg(w * exp(t)); }

}  // namespace vitrine

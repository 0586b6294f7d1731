// Elementwise losses of predictions and targets, summed in the same pass. Letters as in kernels/loss/loss.h.
#pragma once

#include "vitrine/core/operand.h"

namespace vitrine {

/// What becomes of the loss of each element: kept, averaged, summed.
enum class Reduction { none, mean, sum };

struct LossOptions {
    Reduction reduction = Reduction::mean;
};

struct HuberOptions {
    double delta = 1;  ///< where the square becomes a line; > 0
    Reduction reduction = Reduction::mean;
};

struct SmoothL1Options {
    double beta = 1;  ///< where the square becomes a line; 0 gives l1_loss
    Reduction reduction = Reduction::mean;
};

struct KlDivOptions {
    bool log_target = false;  ///< the target is a logarithm of probabilities, as x is
    Reduction reduction = Reduction::mean;
};

/// y = (x - t)^2, or its mean or sum. x and t: one shape, dtype and device, f32 or f64; either may require grad. Throws
/// Error otherwise, and for the mean of no elements. So do all below.
Tensor mse_loss(Operand x, const Tensor& target, LossOptions options = {});
/// y = |x - t|, or its mean or sum; its gradient at x = t is 0.
Tensor l1_loss(Operand x, const Tensor& target, LossOptions options = {});
/// With d = |x - t|: y = d^2 / 2 where d <= delta, delta (d - delta / 2) elsewhere, or its mean or sum (Huber, Robust
/// Estimation of a Location Parameter, 1964). Throws Error unless delta > 0.
Tensor huber_loss(Operand x, const Tensor& target, HuberOptions options = {});
/// huber_loss / beta: y = d^2 / (2 beta) where d <= beta, d - beta / 2 elsewhere (Girshick, Fast R-CNN, 2015). Throws
/// Error unless beta >= 0.
Tensor smooth_l1_loss(Operand x, const Tensor& target, SmoothL1Options options = {});
/// y = -t log x - (1 - t) log(1 - x) of the probability x, logarithms not below -100, or its mean or sum. x outside
/// [0, 1] gives NaN. With logits binary_cross_entropy_with_logits keeps more digits.
Tensor binary_cross_entropy(Operand x, const Tensor& target, LossOptions options = {});
/// Binary cross entropy of the logit x with the target probability t in [0, 1] (not checked),
/// y = max(x, 0) - x t + log(1 + e^-|x|), or its mean or sum.
Tensor binary_cross_entropy_with_logits(Operand x, const Tensor& target, LossOptions options = {});
/// y = t (log t - x), 0 where t = 0, of the log-probability x and the probability t, or its mean over all elements or
/// sum; with log_target y = e^t (t - x). The divergence of Kullback and Leibler is the sum, divided by the number of
/// distributions.
Tensor kl_div(Operand x, const Tensor& target, KlDivOptions options = {});

}  // namespace vitrine

// Elementwise losses of predictions and targets, summed in the same pass. Letters as in kernels/loss/loss.h.
#pragma once

#include "vitrine/core/operand.h"

namespace vitrine {

/// What becomes of the loss of each element: kept, averaged, summed.
enum class Reduction { none, mean, sum };

struct LossOptions {
    Reduction reduction = Reduction::mean;
};

/// y = (x - t)^2, or its mean or sum. x and t: one shape, dtype and device, f32 or f64; either may require grad. Throws
/// Error otherwise, and for the mean of no elements.
Tensor mse_loss(Operand x, const Tensor& target, LossOptions options = {});
/// Binary cross entropy of the logit x with the target probability t in [0, 1] (not checked),
/// y = max(x, 0) - x t + log(1 + e^-|x|), or its mean or sum. Otherwise like mse_loss.
Tensor binary_cross_entropy_with_logits(Operand x, const Tensor& target, LossOptions options = {});

/// dx of mse_loss: 2 (x - t) dy, dy of x's shape for Reduction::none, else a scalar.
Tensor mse_loss_backward(Operand x, const Tensor& target, const Tensor& dy, LossOptions options = {});
/// dx of binary_cross_entropy_with_logits: (1 / (1 + e^-x) - t) dy, dy as above.
Tensor binary_cross_entropy_with_logits_backward(Operand x, const Tensor& target, const Tensor& dy,
                                                 LossOptions options = {});

}  // namespace vitrine

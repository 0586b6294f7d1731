// Cross entropy of logits and class targets.
#pragma once

#include "vitrine/core/ops/loss.h"

namespace vitrine {

struct CrossEntropyOptions {
    Reduction reduction = Reduction::mean;
    /// Rows with this target are left out: loss 0, gradient 0, not counted by the mean.
    std::int64_t ignore_index = -100;
    /// e in [0, 1]: the target is 1 - e of itself and e / C of every class (Szegedy et al., Rethinking the Inception
    /// Architecture, 2016).
    double label_smoothing = 0;
    /// (C), x's dtype and device: what each class counts; undefined: 1. No gradient goes to it.
    Tensor weight = {};
};

/// -w_t log softmax(x)_t: log_softmax and the negative log likelihood of the target class in one pass. x: logits (N, C),
/// (N, C, d1, ...) or (C), f32 or f64.
///
/// target i64: classes 0 to C-1 or ignore_index, x's shape without C. The mean divides by the sum of the weights of the
/// target classes (NaN when all rows are ignored).
/// target of x's dtype and shape: probabilities q of the classes (not checked), -sum_c w_c q_c log softmax(x)_c;
/// ignore_index does not matter, the mean divides by the number of rows, and the target may require grad.
///
/// Gives x's shape without C, or a scalar. Throws Error for another shape or dtype, a target out of range, a smoothing
/// outside [0, 1], or the mean of no rows.
Tensor cross_entropy(Operand x, const Tensor& target, CrossEntropyOptions options = {});

/// -w_t x_t: the negative log likelihood of classes whose log-probabilities are x, as log_softmax gives them. Shapes,
/// class targets, options and errors of cross_entropy; label_smoothing must be 0.
Tensor nll_loss(Operand x, const Tensor& target, CrossEntropyOptions options = {});

}  // namespace vitrine

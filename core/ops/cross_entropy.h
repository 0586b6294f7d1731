// Cross entropy of logits and class targets.
#pragma once

#include "vitrine/core/ops/loss.h"

namespace vitrine {

struct CrossEntropyOptions {
    Reduction reduction = Reduction::mean;
    /// Rows with this target are left out: loss 0, gradient 0, not counted by the mean.
    std::int64_t ignore_index = -100;
};

/// -log softmax(x)_t: log_softmax and the negative log likelihood of the target class in one pass. x: logits (N, C),
/// (N, C, d1, ...) or (C), f32 or f64; target: i64 classes 0 to C-1 or ignore_index, x's shape without C. Gives
/// target's shape, or a scalar, the mean (over the rows that are not ignored; NaN when all are) or sum. Throws Error
/// for another shape or dtype, a target out of range, or the mean of no rows.
Tensor cross_entropy(Operand x, const Tensor& target, CrossEntropyOptions options = {});

}  // namespace vitrine

// Softmax and log-softmax along any axis.
#pragma once

#include "vitrine/core/operand.h"

namespace vitrine {

/// y_j = exp(x_j) / sum_k exp(x_k) along `axis`, computed without overflow. x: any shape, f32 or f64; axis from -dim to
/// dim-1. A row of -inf gives NaN. Throws Error for another dtype or axis.
Tensor softmax(Operand x, std::int64_t axis);
/// y_j = x_j - log sum_k exp(x_k) along `axis`: the logarithm of softmax, accurate where softmax underflows.
Tensor log_softmax(Operand x, std::int64_t axis);

/// dx of softmax from its output y and dy: dx_j = y_j (dy_j - sum_k dy_k y_k).
Tensor softmax_backward(Operand y, const Tensor& dy, std::int64_t axis);
/// dx of log_softmax from its output y and dy: dx_j = dy_j - exp(y_j) sum_k dy_k.
Tensor log_softmax_backward(Operand y, const Tensor& dy, std::int64_t axis);

}  // namespace vitrine

// Elementwise functions of one tensor. Each takes f32 or f64 of any shape (neg: any dtype but bool) and throws Error
// for other dtypes. NaN goes through all of them.
#pragma once

#include "vitrine/core/operand.h"

namespace vitrine {

Tensor exp(Operand x);         ///< e^x
Tensor log(Operand x);         ///< natural logarithm: -inf at 0, NaN below
Tensor sqrt(Operand x);        ///< NaN below 0; its gradient at 0 is infinite
Tensor rsqrt(Operand x);       ///< 1 / sqrt(x)
Tensor square(Operand x);      ///< x^2
Tensor abs(Operand x);         ///< |x|, gradient 0 at 0
Tensor neg(Operand x);         ///< -x
Tensor reciprocal(Operand x);  ///< 1 / x
Tensor erf(Operand x);         ///< 2 / sqrt(pi) times the integral of e^(-t^2) from 0 to x
Tensor sin(Operand x);
Tensor cos(Operand x);
/// x^exponent. An exponent of 0.5, -0.5, -1 or 2 runs the kernel of sqrt, rsqrt, reciprocal or square.
Tensor pow(Operand x, double exponent);
/// min(max(x, lo), hi): the gradient is 1 from lo to hi, bounds included, and 0 outside. Either bound may be infinite;
/// hi wins where hi < lo.
Tensor clamp(Operand x, double lo, double hi);

Tensor sigmoid(Operand x);  ///< 1 / (1 + e^-x)
Tensor tanh(Operand x);
Tensor relu(Operand x);                                      ///< max(x, 0), gradient 0 at 0
Tensor leaky_relu(Operand x, double negative_slope = 0.01);  ///< x above 0, else negative_slope x
Tensor silu(Operand x);                                      ///< x sigmoid(x)
/// log(1 + e^(beta x)) / beta; x itself where beta x > threshold. Throws Error unless beta > 0.
Tensor softplus(Operand x, double beta = 1, double threshold = 20);

/// How gelu computes the normal distribution function.
enum class GeluApproximation { none, tanh };
/// x P(X <= x) for a normal X (Hendrycks and Gimpel, 2016): by erf, or by the paper's approximation with tanh.
Tensor gelu(Operand x, GeluApproximation approximation = GeluApproximation::none);

inline Tensor operator-(Operand x) { return neg(x); }

}  // namespace vitrine

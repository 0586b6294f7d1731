// Layer normalisation.
#pragma once

#include "vitrine/core/operand.h"

namespace vitrine {

/// y = (x - mean) / sqrt(var + eps) weight + bias over the last dimensions of x, f32 or f64, whose sizes are `shape`;
/// mean and var are those of each row of so many elements, weight and bias are `shape` or undefined. y is row-major.
/// Throws Error when x's last sizes are not `shape`, or `shape` is (). (Ba, Kiros and Hinton, 2016.)
Tensor layer_norm(Operand x, const Shape& shape, const Tensor& weight = {}, const Tensor& bias = {}, double eps = 1e-5);

}  // namespace vitrine

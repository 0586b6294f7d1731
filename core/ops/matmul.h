// Matrix products: matmul and the linear map of a layer.
#pragma once

#include "vitrine/core/operand.h"

namespace vitrine {

/// y_ij = sum_k a_ik b_kj over the last two dimensions: a (..., M, K), b (..., K, N), y (..., M, N). Leading
/// dimensions are a batch and broadcast against each other. A one-dimensional a counts as (1, K), a
/// one-dimensional b as (K, 1), and the added dimension is dropped from y: two vectors give their dot product, a
/// tensor without dimensions. Operands may lie in memory in any way: a transposed view is not copied.
/// f32 (with factors of bf16 under an Autocast), f64, or bf16 (summed in f32). Throws Error when the sizes do not fit, or
/// for a tensor without dimensions.
Tensor matmul(Operand a, const Tensor& b);

/// y_j = sum_i x_i weight_ji + bias_j: x (..., in), weight (out, in), bias (out) or undefined, y (..., out). The
/// bias is added while y is still in registers. Dtypes as for matmul. Throws Error when the sizes do not fit.
Tensor linear(Operand x, const Tensor& weight, const Tensor& bias = {});

}  // namespace vitrine

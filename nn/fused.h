// Neighbouring modules that run as one op: fewer passes over memory, the same numbers but for rounding.
#pragma once

#include "basic.h"
#include "linear.h"
#include "norm.h"

namespace vitrine::nn {

/// Whether neighbours run as one op: true at first, unless VITRINE_FUSE=0 in the environment. Fused or not, modules
/// whose hooks want to see what lies between them run one by one, and so does everything while a DetectAnomaly lives,
/// which then names the very op.
bool fusing();
void set_fusing(bool fuse);

/// relu(bn(x)), as batch_norm_relu (core/ops/batch_norm.h).
template <class Derived>
Tensor batch_norm_relu(const BatchNorm<Derived>& bn, Operand x);
/// relu(bn(x) + residual), as batch_norm_add_relu. Throws Error unless residual has x's shape.
template <class Derived>
Tensor batch_norm_add_relu(const BatchNorm<Derived>& bn, Operand x, const Tensor& residual);

extern template Tensor batch_norm_relu(const BatchNorm<BatchNorm1d>&, Operand);
extern template Tensor batch_norm_relu(const BatchNorm<BatchNorm2d>&, Operand);
extern template Tensor batch_norm_add_relu(const BatchNorm<BatchNorm1d>&, Operand, const Tensor&);
extern template Tensor batch_norm_add_relu(const BatchNorm<BatchNorm2d>&, Operand, const Tensor&);

/// relu(linear(x)), as linear_relu (core/ops/linear_relu.h). A product that cuBLAS makes stays apart from the relu.
Tensor linear_relu(const Linear& linear, Operand x);

/// residual + dropout(x), as dropout_add (core/ops/dropout.h).
Tensor dropout_add(const Dropout& dropout, Operand x, const Tensor& residual);

// ---- for Sequential
/// second(first(x)) as one op; undefined where the two, or what looks at them, want two.
Tensor forward_fused(AnyModule& first, AnyModule& second, const Tensor& x);

}  // namespace vitrine::nn

// Reductions over axes.
#pragma once

#include "vitrine/core/operand.h"

namespace vitrine {

Tensor sum(Operand x);
Tensor sum(Operand x, const Shape& axes, bool keepdim = false);
Tensor sum(Operand x, std::int64_t axis, bool keepdim = false);
/// x summed over the axes along which `shape` was broadcast to x's shape.
Tensor sum_to(Operand x, const Shape& shape);

}  // namespace vitrine

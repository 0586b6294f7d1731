// Running sums.
#pragma once

#include "vitrine/core/operand.h"

namespace vitrine {

/// y_j = sum of x_k along `axis` for k <= j. x: at least one dimension, f32 or f64. Throws Error for another dtype or axis.
Tensor cumsum(Operand x, std::int64_t axis);

}  // namespace vitrine

// The gradient of relu, recorded, for ops that have one inside. Private to core/ops.
#pragma once

#include "vitrine/core/tensor.h"

namespace vitrine {

/// dy where y = relu(x) is above 0, else 0.
Tensor relu_gradient(const Tensor& y, const Tensor& dy);

}  // namespace vitrine

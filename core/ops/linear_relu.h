// The linear map of a layer and the relu behind it.
#pragma once

#include "vitrine/core/operand.h"

namespace vitrine {

/// relu(linear(x, weight, bias)), each element while it is still in registers. Sizes and errors are linear's.
Tensor linear_relu(Operand x, const Tensor& weight, const Tensor& bias = {});

}  // namespace vitrine

// Elementwise functions of one tensor.
#pragma once

#include "vitrine/core/operand.h"

namespace vitrine {

Tensor exp(Operand x);
Tensor neg(Operand x);

}  // namespace vitrine

// Elementwise ops of two operands, with broadcasting and numbers on both sides.
#pragma once

#include "vitrine/core/operand.h"

namespace vitrine {

Tensor add(Operand x, Operand w);
Tensor sub(Operand x, Operand w);
Tensor mul(Operand x, Operand w);
Tensor div(Operand x, Operand w);
Tensor maximum(Operand x, Operand w);
Tensor minimum(Operand x, Operand w);

inline Tensor operator+(Operand x, Operand w) { return add(x, w); }
inline Tensor operator-(Operand x, Operand w) { return sub(x, w); }
inline Tensor operator*(Operand x, Operand w) { return mul(x, w); }
inline Tensor operator/(Operand x, Operand w) { return div(x, w); }

}  // namespace vitrine

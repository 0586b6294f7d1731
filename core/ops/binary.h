// Elementwise functions of two operands, either of which may be a number. Shapes broadcast: counted from the last
// dimension, sizes are equal or one of them is 1. Dtypes promote: bool < u8 < i32 < i64 < f32 or f64; a number never
// changes a floating tensor's dtype, a floating number makes an integer tensor f32. All throw Error for shapes that do
// not broadcast, f32 with f64, two devices, or two numbers.
#pragma once

#include "vitrine/core/operand.h"

namespace vitrine {

Tensor add(Operand x, Operand w);  ///< x + w; of bools: or. Integers wrap around
Tensor sub(Operand x, Operand w);  ///< x - w; not of two bools
Tensor mul(Operand x, Operand w);  ///< x w; of bools: and
Tensor div(Operand x, Operand w);  ///< x / w; of integers: f32
/// The larger (smaller) one; NaN where either is. Where the two are equal each gets half of the gradient.
Tensor maximum(Operand x, Operand w);
Tensor minimum(Operand x, Operand w);

/// Comparisons give bool tensors, without a gradient; with NaN all are false but not_equal.
Tensor eq(Operand x, Operand w);
Tensor ne(Operand x, Operand w);
Tensor lt(Operand x, Operand w);
Tensor le(Operand x, Operand w);
Tensor gt(Operand x, Operand w);
Tensor ge(Operand x, Operand w);

Tensor operator+(Operand x, Operand w);
Tensor operator-(Operand x, Operand w);
Tensor operator*(Operand x, Operand w);
Tensor operator/(Operand x, Operand w);

Tensor operator==(Operand x, Operand w);
Tensor operator!=(Operand x, Operand w);
Tensor operator<(Operand x, Operand w);
Tensor operator<=(Operand x, Operand w);
Tensor operator>(Operand x, Operand w);
Tensor operator>=(Operand x, Operand w);

/// In place. Throw Error while recording if an operand requires grad (write x = x + w), if w does not broadcast to x's
/// shape, or if the result's dtype is not x's.
Tensor& operator+=(Tensor& x, Operand w);
Tensor& operator-=(Tensor& x, Operand w);
Tensor& operator*=(Tensor& x, Operand w);
Tensor& operator/=(Tensor& x, Operand w);

}  // namespace vitrine

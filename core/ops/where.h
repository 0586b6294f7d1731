// Choosing by a mask.
#pragma once

#include "vitrine/core/operand.h"

namespace vitrine {

/// y = x where condition is true, w where it is false: all three broadcast together. condition is bool; x or w may be a
/// number; dtypes promote as in x + w, and equal dtypes of any kind may be chosen from. The gradient of an element goes
/// to the side that it came from. Throws Error for another condition, two numbers, shapes that do not broadcast, two
/// devices.
Tensor where(Operand condition, Operand x, Operand w);

/// y = value where mask is true, else x. mask is bool and broadcasts to x. Throws Error for another mask, or for a value
/// that x's dtype cannot hold.
Tensor masked_fill(Operand x, const Tensor& mask, double value);

/// The elements of x at which mask is true, one after the other in row-major order: a vector. x and mask broadcast
/// together; mask is bool. How many there are is read back from the device. Throws Error for another mask, shapes that
/// do not broadcast, two devices.
Tensor masked_select(Operand x, const Tensor& mask);

}  // namespace vitrine

// Padding the last dimensions of a tensor.
#pragma once

#include <vector>

#include "vitrine/core/operand.h"
#include "vitrine/kernels/pad/pad.h"

namespace vitrine {

/// What stands outside x: a value; x mirrored at its first and last element, which are not repeated; its nearest element.
using PadMode = kernels::PadMode;

/// x with more elements around it: `amounts` is {left, right} of the last dimension, then of the one before it, as
/// PyTorch has it. In mode constant an amount may be negative and cuts elements off. Every dtype. Throws Error for an odd
/// number of amounts or more than x has dimensions, for a reflection of `size` elements or more, for a replication of
/// nothing, for a value that x's dtype cannot hold.
Tensor pad(Operand x, const std::vector<std::int64_t>& amounts, PadMode mode = PadMode::constant, double value = 0);

/// dx (x_shape) of pad from dy, with the amounts that pad was given; they are not negative.
Tensor pad_backward(Operand dy, const Shape& x_shape, const std::vector<std::int64_t>& amounts, PadMode mode);

}  // namespace vitrine

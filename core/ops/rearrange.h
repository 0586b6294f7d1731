// Elements in another order along some dimensions.
#pragma once

#include <vector>

#include "vitrine/core/operand.h"

namespace vitrine {

/// x with its elements in reverse order along the given axes. Every dtype. Throws Error for an axis that x does not have or
/// that is named twice.
Tensor flip(Operand x, const std::vector<std::int64_t>& axes);

/// x moved by `shifts` places along `axes`, one for each; what leaves at the end comes back at the beginning, and a
/// negative shift moves the other way. An axis may be named twice. Every dtype. Throws Error for other numbers of shifts
/// than of axes, for an axis that x does not have.
Tensor roll(Operand x, const std::vector<std::int64_t>& shifts, const std::vector<std::int64_t>& axes);
/// x moved along all its elements in row-major order.
Tensor roll(Operand x, std::int64_t shift);

}  // namespace vitrine

// Views: other shapes and strides over the same storage. The members of Tensor of the same names call these.
#pragma once

#include "vitrine/core/operand.h"

namespace vitrine {

/// The same elements, in row-major order, in another shape; one size may be -1. A view where strides allow, else a copy.
/// Throws Error when the numbers of elements differ.
Tensor reshape(Operand x, const Shape& shape);
/// Dimensions first to last (both may be negative) joined into one.
Tensor flatten(Operand x, std::int64_t first = 0, std::int64_t last = -1);
/// Dimension i of the result is dimension axes[i] of x; axes is a permutation (negative ones count from the end).
Tensor permute(Operand x, const Shape& axes);
Tensor transpose(Operand x, std::int64_t a, std::int64_t b);
/// x repeated along dimensions of size 1 (and new leading ones) to `shape`, without a copy; -1 keeps a size.
Tensor expand(Operand x, const Shape& shape);
/// Without dimension `axis`, which must have size 1.
Tensor squeeze(Operand x, std::int64_t axis);
/// With a dimension of size 1 before position `axis` (-dim-1 to dim).
Tensor unsqueeze(Operand x, std::int64_t axis);
/// Elements begin, begin + step, ... below end along `axis`. Positions may be negative (from the end) and are cut to the
/// size; step >= 1.
Tensor slice(Operand x, std::int64_t axis, std::int64_t begin, std::int64_t end, std::int64_t step = 1);
/// Element `index` (may be negative) along `axis`, which goes away.
Tensor select(Operand x, std::int64_t axis, std::int64_t index);

}  // namespace vitrine

// Parts of a tensor, as views.
#pragma once

#include <vector>

#include "vitrine/core/operand.h"

namespace vitrine {

/// x cut along an axis into parts of `size`; the last one is shorter where size does not divide. Throws Error unless
/// size >= 1.
std::vector<Tensor> split(Operand x, std::int64_t size, std::int64_t axis = 0);
/// x cut along an axis into parts of the given sizes. Throws Error unless they add up to x's.
std::vector<Tensor> split(Operand x, const std::vector<std::int64_t>& sizes, std::int64_t axis = 0);
/// x cut along an axis into at most `chunks` parts of one size, the last one shorter. Throws Error unless chunks >= 1.
std::vector<Tensor> chunk(Operand x, std::int64_t chunks, std::int64_t axis = 0);
/// The slices of x along an axis, without that axis.
std::vector<Tensor> unbind(Operand x, std::int64_t axis = 0);

}  // namespace vitrine

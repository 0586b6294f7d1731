// Assignment to a slice, as an op.
#pragma once

#include <cstdint>

#include "vitrine/core/operand.h"

namespace vitrine {

/// x with src in place of x.slice(axis, begin, end, step): `x[begin:end:step] = src` without a change in place, with
/// gradients to both. Positions as in slice(). Every dtype. Throws Error unless src has the shape of the slice, and x's
/// dtype and device.
Tensor slice_scatter(Operand x, const Tensor& src, std::int64_t axis = 0, std::int64_t begin = 0,
                     std::int64_t end = INT64_MAX, std::int64_t step = 1);

}  // namespace vitrine

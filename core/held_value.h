// A number that an op writes into a tensor. Private to core/ops.
#pragma once

#include <cmath>

#include "operand.h"

namespace vitrine {

/// Throws Error unless an element of the dtype can be the value: integers hold whole numbers of their range.
inline void check_holds(const Call& call, DType dtype, double value) {
    if (is_floating(dtype) || is_half(dtype)) return;
    const int bits = dtype == DType::boolean ? 1 : dtype == DType::u8 ? 8 : dtype == DType::i32 ? 31 : 63;
    const bool negative = dtype == DType::i32 || dtype == DType::i64;
    const double end = std::ldexp(1, bits);
    call.check(value == std::trunc(value) && value < end && value >= (negative ? -end : 0), "value ", value, " for x of ",
               dtype, ", which cannot hold it");
}

}  // namespace vitrine

// Sorting along an axis, and the largest elements.
#pragma once

#include "vitrine/core/operand.h"

namespace vitrine {

struct SortOptions {
    std::int64_t axis = -1;
    bool descending = false;
};

struct TopkOptions {
    std::int64_t axis = -1;
    bool largest = true;  ///< false: the smallest
};

/// Sorted elements, and where in x each stood (i64).
struct Sorted {
    Tensor values, indices;
};

/// x's elements in order along an axis; equals keep theirs, NaN is the largest. x: at least one dimension, f32 or f64,
/// else Error. The gradient of a value goes back to where it stood.
Sorted sort(Operand x, SortOptions options = {});
/// The indices of sort.
Tensor argsort(Operand x, SortOptions options = {});
/// The k largest elements along an axis, the largest first, of equals the first. Throws Error unless 0 <= k <= the size.
Sorted topk(Operand x, std::int64_t k, TopkOptions options = {});

}  // namespace vitrine

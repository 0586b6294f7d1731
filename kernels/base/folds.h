// How two values become one, in sums and maxima over many. On every device.
#pragma once

#include <cstdint>
#include <limits>

#include "hd.h"

namespace vitrine::kernels {

/// A longer sum of floats is cut into chunks of so many values, whose sums are added up in double.
constexpr std::int64_t fold_chunk = 1024;

struct FoldAdd {
    static constexpr double identity = 0;
    template <class T>
    VITRINE_INLINE T operator()(T a, T b) const { return a + b; }
};

/// The larger; NaN if one is NaN. (Two selections in a row become vector code, `b > a || b != b` does not.)
struct FoldMax {
    static constexpr double identity = -std::numeric_limits<double>::infinity();
    template <class T>
    VITRINE_INLINE T operator()(T a, T b) const {
        const T larger = b > a ? b : a;
        return b != b ? b : larger;
    }
};

/// The smaller; NaN if one is NaN.
struct FoldMin {
    static constexpr double identity = std::numeric_limits<double>::infinity();
    template <class T>
    VITRINE_INLINE T operator()(T a, T b) const {
        const T smaller = b < a ? b : a;
        return b != b ? b : smaller;
    }
};

}  // namespace vitrine::kernels

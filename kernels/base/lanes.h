// Sums (and maxima, ...) of n values in a fixed order that a compiler turns into vector code, for CPU kernels:
//
//     const float total = fold_lanes<float>(n, FoldAdd{}, [=](std::int64_t i) { return x[i] * x[i]; });
//
// 32 running values, value i going to number i % 32, are joined in halves at the end: 16 + 16, 8 + 8, ...
// So a float sum of n values has the rounding errors of n / 32 additions in a row. A longer sum is cut into
// chunks of fold_chunk values, whose sums are added up in double.
#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>

#include "hd.h"

namespace vitrine::kernels {

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

/// value(0), ..., value(n - 1) joined, n of any size.
template <class T, class Fold, class F>
inline T fold_lanes(std::int64_t n, Fold fold, F value) {
    constexpr std::int64_t lanes = 32, few = 12;
    if (n <= few) {  // to join 32 lanes would be most of the work
        T total = static_cast<T>(Fold::identity);
        for (std::int64_t i = 0; i < n; ++i) total = fold(total, value(i));
        return total;
    }
    T lane[lanes];
    for (std::int64_t j = 0; j < lanes; ++j) lane[j] = static_cast<T>(Fold::identity);

    std::int64_t i = 0;
    for (; i + lanes <= n; i += lanes)
        for (std::int64_t j = 0; j < lanes; ++j) lane[j] = fold(lane[j], value(i + j));
    for (std::int64_t j = 0; j < n - i; ++j) lane[j] = fold(lane[j], value(i + j));

    for (std::int64_t half = lanes / 2; half > 0; half /= 2)
        for (std::int64_t j = 0; j < half; ++j) lane[j] = fold(lane[j], lane[j + half]);
    return lane[0];
}

/// The same in chunks of fold_chunk values, joined in double.
template <class T, class Fold, class F>
inline double fold_chunks(std::int64_t n, Fold fold, F value) {
    double total = Fold::identity;
    for (std::int64_t begin = 0; begin < n; begin += fold_chunk) {
        const std::int64_t size = std::min(fold_chunk, n - begin);
        total = fold(total, double(fold_lanes<T>(size, fold, [=](std::int64_t i) { return value(begin + i); })));
    }
    return total;
}

}  // namespace vitrine::kernels

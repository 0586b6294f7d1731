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

#include "folds.h"

namespace vitrine::kernels {

/// 2 half values joined in halves, into lane[0]. Loops of known length that stay loops until they are vector code: the
/// joining then takes place in registers.
template <int half, class T, class Fold>
VITRINE_INLINE void join_lanes(T* lane, Fold fold) {
#pragma omp simd
    for (int j = 0; j < half; ++j) lane[j] = fold(lane[j], lane[j + half]);
    if constexpr (half > 1) join_lanes<half / 2>(lane, fold);
}

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

    join_lanes<lanes / 2>(lane, fold);
    return lane[0];
}

/// The same in chunks of fold_chunk values, joined in double.
template <class T, class Fold, class F>
inline double fold_chunks(std::int64_t n, Fold fold, F value) {
    if (n <= fold_chunk) return double(fold_lanes<T>(n, fold, value));
    double total = Fold::identity;
    for (std::int64_t begin = 0; begin < n; begin += fold_chunk) {
        const std::int64_t size = std::min(fold_chunk, n - begin);
        total = fold(total, double(fold_lanes<T>(size, fold, [=](std::int64_t i) { return value(begin + i); })));
    }
    return total;
}

}  // namespace vitrine::kernels

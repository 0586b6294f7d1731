// Sums along rows for layer_norm and group_norm of single pixels on the CPU, four rows side by side: while an addition to
// the sum of one row is on its way, the others have theirs, and the last sixteen sums of four rows are joined together.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "vitrine/kernels/base/folds.h"
#include "vitrine/kernels/base/hd.h"

namespace vitrine::kernels {

constexpr int abreast = 4;               // rows side by side
constexpr std::int64_t row_lanes = 16;   // running sums of a row, value k going to number k % 16

template <class T>
struct Vectors {
    typedef T Sixteen __attribute__((vector_size(16 * sizeof(T))));
    typedef T Eight __attribute__((vector_size(8 * sizeof(T))));
    typedef T Four __attribute__((vector_size(4 * sizeof(T))));
};
template <class T>
using Lanes = typename Vectors<T>::Sixteen;  // goes by reference: by value, each instruction set has its own way

template <class T>
VITRINE_INLINE void load_lanes(const T* x, Lanes<T>& lanes) {
    std::memcpy(&lanes, x, sizeof lanes);
}
template <class T>
VITRINE_INLINE void store_lanes(const Lanes<T>& lanes, T* y) {
    std::memcpy(y, &lanes, sizeof lanes);
}
/// The `count` < 16 last values of a row and `other` behind them.
template <class T>
[[gnu::noinline]] void copy_end(const T* x, std::int64_t count, T other, T* end) {
    for (std::int64_t j = 0; j < row_lanes; ++j) end[j] = j < count ? x[j] : other;
}
/// The same of `count` <= 16 values.
template <class T>
VITRINE_INLINE void load_lanes(const T* x, std::int64_t count, T other, Lanes<T>& lanes) {
    T end[row_lanes];
    if (count < row_lanes) copy_end(x, count, other, end), x = end;
    load_lanes(x, lanes);
}

/// sum[r] += the sixteen values of row[r]. First each quarter of a vector gets a number of each row, then the quarters are
/// added up.
template <class T>
VITRINE_INLINE void add_joined(const Lanes<T>* row, double* sum) {
    const Lanes<T> pairs01 = __builtin_shufflevector(row[0], row[1], 0, 16, 1, 17, 4, 20, 5, 21, 8, 24, 9, 25, 12, 28, 13, 29) +
                             __builtin_shufflevector(row[0], row[1], 2, 18, 3, 19, 6, 22, 7, 23, 10, 26, 11, 27, 14, 30, 15, 31);
    const Lanes<T> pairs23 = __builtin_shufflevector(row[2], row[3], 0, 16, 1, 17, 4, 20, 5, 21, 8, 24, 9, 25, 12, 28, 13, 29) +
                             __builtin_shufflevector(row[2], row[3], 2, 18, 3, 19, 6, 22, 7, 23, 10, 26, 11, 27, 14, 30, 15, 31);
    const Lanes<T> quarters = __builtin_shufflevector(pairs01, pairs23, 0, 1, 16, 17, 4, 5, 20, 21, 8, 9, 24, 25, 12, 13, 28, 29) +
                              __builtin_shufflevector(pairs01, pairs23, 2, 3, 18, 19, 6, 7, 22, 23, 10, 11, 26, 27, 14, 15, 30, 31);
    const typename Vectors<T>::Eight halves = __builtin_shufflevector(quarters, quarters, 0, 1, 2, 3, 4, 5, 6, 7) +
                                              __builtin_shufflevector(quarters, quarters, 8, 9, 10, 11, 12, 13, 14, 15);
    const typename Vectors<T>::Four four = __builtin_shufflevector(halves, halves, 0, 1, 2, 3) + __builtin_shufflevector(halves, halves, 4, 5, 6, 7);
    for (int r = 0; r < abreast; ++r) sum[r] += double(four[r]);
}

/// sum[s][r] = the sum of term s of row r over its columns, for rows r < `rows`, which is abreast or 1 and changes no bit.
/// terms(r, k, count, term) fills term[s] with those of the columns k, k + 1, ..., count of them: sixteen, but at the end
/// of a row, where the lanes behind the count are 0. Sums of float are joined in double after fold_chunk columns.
template <int rows, std::size_t sums, class T, class Terms>
VITRINE_INLINE void fold_rows(std::int64_t width, double (&sum)[sums][abreast], Terms terms) {
    for (auto& s : sum) std::fill_n(s, abreast, 0.0);
    for (std::int64_t begin = 0; begin < width; begin += fold_chunk) {
        const std::int64_t end = std::min(begin + fold_chunk, width);
        Lanes<T> lane[sums][abreast] = {};
        const auto add = [&](std::int64_t k, std::int64_t count) __attribute__((always_inline)) {
#pragma GCC unroll 4
            for (int r = 0; r < rows; ++r) {
                Lanes<T> term[sums];
                terms(r, k, count, term);
#pragma GCC unroll 2
                for (std::size_t s = 0; s < sums; ++s) lane[s][r] += term[s];
            }
        };
        std::int64_t k = begin;
        for (; k + row_lanes <= end; k += row_lanes) add(k, row_lanes);
        if (k < end) add(k, end - k);
        for (std::size_t s = 0; s < sums; ++s) add_joined<T>(lane[s], sum[s]);
    }
}

}  // namespace vitrine::kernels

// What CPU kernels of normalisations share: sums down the columns of a matrix (rows x channels), and the loops that
// write y and dx. batch_norm takes all rows at once, group_norm those of one image.
//
// All work on tiles: some rows of a strip of columns. The strip's sums and factors stay in registers while the rows pass;
// a strip as wide as it can be reads memory in long pieces, and its rows are asked for some rows ahead, which counts for
// what lies in the third-level cache or further.
#pragma once

#include <algorithm>
#include <cstdint>
#include <type_traits>

#include "vitrine/kernels/base/hd.h"
#include "vitrine/kernels/base/parallel.h"

namespace vitrine::kernels {

constexpr std::int64_t column_chunk = 64;   // rows whose sums are kept in T
constexpr std::int64_t column_rows = 256;   // rows of a tile that is written
constexpr std::int64_t column_strip = 128;  // columns of the widest strip

/// tile(width, c) for the columns c, ..., c + width - 1 of each strip. width is 128, 64 or 32, known to the compiler, or
/// what is left.
template <class Tile>
VITRINE_INLINE void for_strips(std::int64_t channels, Tile tile) {
    std::int64_t c = 0;
    for (; c + 128 <= channels; c += 128) tile(std::integral_constant<std::int64_t, 128>{}, c);
    if (c + 64 <= channels) tile(std::integral_constant<std::int64_t, 64>{}, c), c += 64;
    if (c + 32 <= channels) tile(std::integral_constant<std::int64_t, 32>{}, c), c += 32;
    if (c < channels) tile(channels - c, c);
}

/// Asks for the `width` values at x, which are read 8 to 16 rows later. They may lie behind the end of an array.
template <class T>
VITRINE_INLINE void ask(const T* x, std::int64_t width) {
    constexpr std::int64_t line = 64 / sizeof(T);
    for (std::int64_t j = 0; j < width; j += line) __builtin_prefetch(x + j);
}
template <class Width>
VITRINE_INLINE std::int64_t ahead(Width width, std::int64_t stride) {
    return stride * (width >= 64 ? 8 : 16);
}

/// Of each column of a strip: y = (x - centre) scale + shift, dx = dy scale - offset - (x - centre) slope.
template <class T>
struct ColumnFactors {
    T centre[column_strip], scale[column_strip], shift[column_strip], offset[column_strip], slope[column_strip];
    VITRINE_INLINE T y(T centred, std::int64_t j) const { return centred * scale[j] + shift[j]; }
};

// ---- where the gradient of a normalisation's y comes from: that of element i, in column j of its strip

// It is given.
template <class T>
struct GivenGradient {
    const T* dy;
    VITRINE_INLINE T operator()(std::int64_t i, std::int64_t, T, const ColumnFactors<T>&) const { return dy[i]; }
    VITRINE_INLINE void ask_for(std::int64_t i, std::int64_t width) const { ask(dy + i, width); }
};
// A relu stands behind y, which lets pass what lies at y > 0.
template <class T>
struct GradientBehindRelu {
    const T *dy, *y;
    VITRINE_INLINE T operator()(std::int64_t i, std::int64_t, T, const ColumnFactors<T>&) const {
        const T d = dy[i], v = y[i];
        return v > 0 ? d : T(0);
    }
    VITRINE_INLINE void ask_for(std::int64_t i, std::int64_t width) const { ask(dy + i, width), ask(y + i, width); }
};

// The same where nothing is added between: y is computed again, from x, instead of read.
template <class T>
struct GradientBehindReluOfX {
    const T* dy;
    VITRINE_INLINE T operator()(std::int64_t i, std::int64_t j, T centred, const ColumnFactors<T>& f) const {
        const T d = dy[i];
        return f.y(centred, j) > 0 ? d : T(0);
    }
    VITRINE_INLINE void ask_for(std::int64_t i, std::int64_t width) const { ask(dy + i, width); }
};

// ---- sums over the rows of a chunk, of `width` columns

// s1 = sum (x - first), s2 = sum (x - first)^2. The sums are local arrays: nothing that x could be.
template <class T, class Width>
VITRINE_INLINE void deviations(const T* x, std::int64_t stride, std::int64_t rows, Width width, T* s1, T* s2) {
    T first[column_strip], sum[column_strip] = {}, squares[column_strip] = {};
    std::copy_n(x, width, first);
    for (std::int64_t r = 1; r < rows; ++r) {
        x += stride;
        ask(x + ahead(width, stride), width);
        for (std::int64_t c = 0; c < width; ++c) {
            const T d = x[c] - first[c];
            sum[c] += d, squares[c] += d * d;
        }
    }
    std::copy_n(sum, width, s1), std::copy_n(squares, width, s2);
}

// s1 = sum dy, s2 = sum dy (x - centre), from element `at` of x and of dy
template <class T, class Gradient, class Width>
VITRINE_INLINE void products(Gradient dy, const T* x, const ColumnFactors<T>& f, std::int64_t at, std::int64_t stride,
                             std::int64_t rows, Width width, T* s1, T* s2) {
    T sum[column_strip] = {}, sum_x[column_strip] = {};
    for (std::int64_t r = 0; r < rows; ++r, at += stride) {
        dy.ask_for(at + ahead(width, stride), width), ask(x + at + ahead(width, stride), width);
        for (std::int64_t j = 0; j < width; ++j) {
            const T centred = x[at + j] - f.centre[j], d = dy(at + j, j, centred, f);
            sum[j] += d, sum_x[j] += d * centred;
        }
    }
    std::copy_n(sum, width, s1), std::copy_n(sum_x, width, s2);
}

// ---- a piece: its chunks joined in double

// mean and m2 = sum (x - mean)^2 of the rows: two sets of rows are joined by the formula of Chan, Golub and LeVeque.
template <class T>
VITRINE_INLINE void moments_of_rows(const T* x, Range rows, std::int64_t channels, double* mean, double* m2) {
    std::fill_n(mean, channels, 0), std::fill_n(m2, channels, 0);
    for (std::int64_t r = rows.begin; r < rows.end; r += column_chunk) {
        const std::int64_t size = std::min(column_chunk, rows.end - r), before = r - rows.begin;
        const double k = double(size), one_kth = 1 / k, share_of_new = k / double(before + size),
                     weight = share_of_new * double(before);
        for_strips(channels, [=](auto width, std::int64_t c) __attribute__((always_inline)) {
            T s1[column_strip], s2[column_strip];
            const T* first = x + r * channels + c;
            deviations(first, channels, size, width, s1, s2);
            for (std::int64_t j = 0; j < width; ++j) {
                const double chunk_mean = double(first[j]) + double(s1[j]) * one_kth;
                const double chunk_m2 = double(s2[j]) - double(s1[j]) * double(s1[j]) * one_kth;
                const double delta = chunk_mean - mean[c + j];
                mean[c + j] += delta * share_of_new;
                m2[c + j] += (chunk_m2 < 0 ? 0 : chunk_m2) + delta * delta * weight;
            }
        });
    }
}

// sum = sum dy, sum_x = sum dy (x - centre); fill(f, c, width) writes the factors that this and dy need.
template <class T, class Gradient, class Fill>
VITRINE_INLINE void products_of_rows(Gradient dy, const T* x, Fill fill, Range rows, std::int64_t channels, double* sum,
                                     double* sum_x) {
    std::fill_n(sum, channels, 0), std::fill_n(sum_x, channels, 0);
    for (std::int64_t r = rows.begin; r < rows.end; r += column_chunk) {
        const std::int64_t size = std::min(column_chunk, rows.end - r);
        for_strips(channels, [=](auto width, std::int64_t c) __attribute__((always_inline)) {
            ColumnFactors<T> f;
            T s1[column_strip], s2[column_strip];
            fill(f, c, width);
            products(dy, x, f, r * channels + c, channels, size, width, s1, s2);
            for (std::int64_t j = 0; j < width; ++j) sum[c + j] += double(s1[j]), sum_x[c + j] += double(s2[j]);
        });
    }
}

// ---- tiles that are written: rows `stride` elements apart

template <class T>
struct PlainY {
    VITRINE_INLINE T operator()(T v, std::int64_t) const { return v; }
    VITRINE_INLINE void ask_for(std::int64_t, std::int64_t) const {}
};
// max(0, v + r)
template <class T>
struct ReluOfSum {
    const T* r;
    VITRINE_INLINE T operator()(T v, std::int64_t i) const { return v + r[i] < 0 ? T(0) : v + r[i]; }
    VITRINE_INLINE void ask_for(std::int64_t i, std::int64_t width) const { ask(r + i, width); }
};
template <class T>
struct ReluOfY {
    VITRINE_INLINE T operator()(T v, std::int64_t) const { return v < 0 ? T(0) : v; }
    VITRINE_INLINE void ask_for(std::int64_t, std::int64_t) const {}
};

// y = then((x - centre) scale + shift)
template <class T, class Then, class Fill>
VITRINE_INLINE void normalise_tiles(const T* x, T* __restrict__ y, std::int64_t channels, Range rows, Fill fill, Then then) {
    for (std::int64_t begin = rows.begin; begin < rows.end; begin += column_rows) {
        const std::int64_t end = std::min(begin + column_rows, rows.end);
        for_strips(channels, [=](auto width, std::int64_t c) __attribute__((always_inline)) {
            ColumnFactors<T> f;
            fill(f, c, width);
            for (std::int64_t at = begin * channels + c; at < end * channels; at += channels) {
                ask(x + at + ahead(width, channels), width), then.ask_for(at + ahead(width, channels), width);
                for (std::int64_t j = 0; j < width; ++j) y[at + j] = then(f.y(x[at + j] - f.centre[j], j), at + j);
            }
        });
    }
}

// dx = dy scale - offset - (x - centre) slope; dr = dy, unless null
template <bool with_dr, class T, class Gradient, class Fill>
VITRINE_INLINE void gradient_tiles(Gradient dy, const T* x, T* __restrict__ dx, T* __restrict__ dr, std::int64_t channels,
                                   Range rows, Fill fill) {
    for (std::int64_t begin = rows.begin; begin < rows.end; begin += column_rows) {
        const std::int64_t end = std::min(begin + column_rows, rows.end);
        for_strips(channels, [=](auto width, std::int64_t c) __attribute__((always_inline)) {
            ColumnFactors<T> f;
            fill(f, c, width);
            for (std::int64_t at = begin * channels + c; at < end * channels; at += channels) {
                dy.ask_for(at + ahead(width, channels), width), ask(x + at + ahead(width, channels), width);
                for (std::int64_t j = 0; j < width; ++j) {
                    const T centred = x[at + j] - f.centre[j], d = dy(at + j, j, centred, f);
                    if constexpr (with_dr) dr[at + j] = d;
                    dx[at + j] = d * f.scale[j] - f.offset[j] - centred * f.slope[j];
                }
            }
        });
    }
}

}  // namespace vitrine::kernels

// What CPU kernels of normalisations share: sums down the columns of a matrix (rows x channels), and the loops that
// write y and dx. batch_norm takes all rows at once, group_norm those of one image.
#pragma once

#include <algorithm>
#include <cstdint>

#include "vitrine/kernels/base/parallel.h"

namespace vitrine::kernels {

constexpr std::int64_t column_chunk = 64;   // rows whose sums are kept in T
constexpr std::int64_t column_lanes = 32;   // columns whose sums stay in registers
constexpr std::int64_t column_strip = 128;  // columns whose factors stay in the first-level cache

// ---- sums over the rows of a chunk, of `count` columns or, known to the compiler, column_lanes

// s1 = sum (x - first), s2 = sum (x - first)^2. The sums are local arrays: nothing that x could be.
template <bool full, class T>
inline void deviations(const T* x, std::int64_t stride, std::int64_t rows, std::int64_t count, T* s1, T* s2) {
    const std::int64_t width = full ? column_lanes : count;
    T first[column_lanes], sum[column_lanes] = {}, squares[column_lanes] = {};
    std::copy_n(x, width, first);
    for (std::int64_t r = 1; r < rows; ++r) {
        x += stride;
        for (std::int64_t c = 0; c < width; ++c) {
            const T d = x[c] - first[c];
            sum[c] += d, squares[c] += d * d;
        }
    }
    std::copy_n(sum, width, s1), std::copy_n(squares, width, s2);
}

// Where the gradient of a normalisation's y comes from: it is given, or a relu stands behind y, which lets pass what lies
// at y > 0.
template <class T>
struct GivenGradient {
    const T* dy;
    T operator[](std::int64_t i) const { return dy[i]; }
};
template <class T>
struct GradientBehindRelu {
    const T *dy, *y;
    T operator[](std::int64_t i) const {
        const T d = dy[i], v = y[i];
        return v > 0 ? d : T(0);
    }
};

// s1 = sum dy, s2 = sum dy (x - mean), from element `at` of x and of dy
template <bool full, class T, class Gradient>
inline void products(Gradient dy, const T* x, const T* mean, std::int64_t at, std::int64_t stride, std::int64_t rows,
                     std::int64_t count, T* s1, T* s2) {
    const std::int64_t width = full ? column_lanes : count;
    T sum[column_lanes] = {}, sum_x[column_lanes] = {};
    for (std::int64_t r = 0; r < rows; ++r, at += stride) {
        for (std::int64_t c = 0; c < width; ++c) {
            const T d = dy[at + c];
            sum[c] += d, sum_x[c] += d * (x[at + c] - mean[c]);
        }
    }
    std::copy_n(sum, width, s1), std::copy_n(sum_x, width, s2);
}

// ---- a piece: its chunks joined in double

// mean and m2 = sum (x - mean)^2 of the rows: two sets of rows are joined by the formula of Chan, Golub and LeVeque.
template <class T>
inline void moments_of_rows(const T* x, Range rows, std::int64_t channels, double* mean, double* m2) {
    T s1[column_lanes], s2[column_lanes];
    std::fill_n(mean, channels, 0), std::fill_n(m2, channels, 0);
    for (std::int64_t r = rows.begin; r < rows.end; r += column_chunk) {
        const std::int64_t size = std::min(column_chunk, rows.end - r), before = r - rows.begin;
        const double k = double(size), one_kth = 1 / k, share_of_new = k / double(before + size),
                     weight = share_of_new * double(before);
        for (std::int64_t c = 0; c < channels; c += column_lanes) {
            const T* first = x + r * channels + c;
            const std::int64_t count = std::min(column_lanes, channels - c);
            if (count == column_lanes)
                deviations<true>(first, channels, size, count, s1, s2);
            else
                deviations<false>(first, channels, size, count, s1, s2);
            for (std::int64_t j = 0; j < count; ++j) {
                const double chunk_mean = double(first[j]) + double(s1[j]) * one_kth;
                const double chunk_m2 = double(s2[j]) - double(s1[j]) * double(s1[j]) * one_kth;
                const double delta = chunk_mean - mean[c + j];
                mean[c + j] += delta * share_of_new;
                m2[c + j] += (chunk_m2 < 0 ? 0 : chunk_m2) + delta * delta * weight;
            }
        }
    }
}

// sum = sum dy, sum_x = sum dy (x - mean); mean(c) is that of column c.
template <class T, class Gradient, class Mean>
inline void products_of_rows(Gradient dy, const T* x, Mean mean, Range rows, std::int64_t channels, double* sum,
                             double* sum_x) {
    T s1[column_lanes], s2[column_lanes], centre[column_lanes];
    std::fill_n(sum, channels, 0), std::fill_n(sum_x, channels, 0);
    for (std::int64_t r = rows.begin; r < rows.end; r += column_chunk) {
        const std::int64_t size = std::min(column_chunk, rows.end - r);
        for (std::int64_t c = 0; c < channels; c += column_lanes) {
            const std::int64_t at = r * channels + c, count = std::min(column_lanes, channels - c);
            for (std::int64_t j = 0; j < count; ++j) centre[j] = mean(c + j);
            if (count == column_lanes)
                products<true>(dy, x, centre, at, channels, size, count, s1, s2);
            else
                products<false>(dy, x, centre, at, channels, size, count, s1, s2);
            for (std::int64_t j = 0; j < count; ++j) sum[c + j] += double(s1[j]), sum_x[c + j] += double(s2[j]);
        }
    }
}

// ---- row by row, `width` columns from column 0 of x and y, `stride` elements between rows

// y = (x - centre) scale + shift
template <class T>
inline void normalise_strip(const T* x, T* y, std::int64_t stride, std::int64_t rows, std::int64_t width,
                            const T* centre, const T* scale, const T* shift) {
    for (std::int64_t r = 0; r < rows; ++r, x += stride, y += stride)
        for (std::int64_t j = 0; j < width; ++j) y[j] = (x[j] - centre[j]) * scale[j] + shift[j];
}

// y = max(0, (x - centre) scale + shift + r); r may be null
template <class T>
inline void normalise_relu_strip(const T* x, const T* residual, T* y, std::int64_t stride, std::int64_t rows,
                                 std::int64_t width, const T* centre, const T* scale, const T* shift) {
    for (std::int64_t r = 0; r < rows; ++r, x += stride, y += stride) {
        for (std::int64_t j = 0; j < width; ++j) {
            T v = (x[j] - centre[j]) * scale[j] + shift[j];
            if (residual) v += residual[r * stride + j];
            y[j] = v < 0 ? T(0) : v;
        }
    }
}

// dx = dy scale - offset - (x - centre) slope
template <class T>
inline void gradient_strip(const T* x, const T* dy, T* dx, std::int64_t stride, std::int64_t rows, std::int64_t width,
                           const T* centre, const T* scale, const T* offset, const T* slope) {
    for (std::int64_t r = 0; r < rows; ++r, x += stride, dy += stride, dx += stride)
        for (std::int64_t j = 0; j < width; ++j) dx[j] = dy[j] * scale[j] - offset[j] - (x[j] - centre[j]) * slope[j];
}

// The same behind a relu: with dr = dy where y > 0, else 0, in place of dy. dr is written, unless null.
template <class T>
inline void gradient_relu_strip(const T* x, const T* y, const T* dy, T* __restrict__ dx, T* __restrict__ dr,
                                std::int64_t stride, std::int64_t rows, std::int64_t width, const T* centre,
                                const T* scale, const T* offset, const T* slope) {
    for (std::int64_t r = 0; r < rows; ++r, x += stride, y += stride, dy += stride, dx += stride) {
        for (std::int64_t j = 0; j < width; ++j) {
            const T d = dy[j], v = y[j], passed = v > 0 ? d : T(0);
            if (dr) dr[j] = passed;
            dx[j] = passed * scale[j] - offset[j] - (x[j] - centre[j]) * slope[j];
        }
        if (dr) dr += stride;
    }
}

}  // namespace vitrine::kernels

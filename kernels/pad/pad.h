// Padding: y holds x with `left` places before it along each dimension, and places behind it.
//
//   pad       y_j = x_{s(j)}           s of every dimension; value where a dimension says "outside"
//
//                                      k = j - left, n the size of x
//                 constant             s = k for 0 <= k < n, else outside
//                 reflect              s = |k| for k < n, else 2 (n - 1) - k          left, right < n
//                 replicate            s = min(max(k, 0), n - 1)                      n > 0
//
//   pad_fold  dx_i = sum_{j : s(j) = i} dy_j     along one dimension, reflect and replicate; j ascending
//
// pad moves elements: every dtype. y is written in the order of its memory, x may have any strides.
#pragma once

#include <cstdint>

#include "vitrine/kernels/base/device.h"
#include "vitrine/kernels/base/half.h"
#include "vitrine/kernels/base/hd.h"

namespace vitrine::kernels {

enum class PadMode { constant, reflect, replicate };

/// s(j); -1: outside.
VITRINE_HD inline std::int64_t pad_source(std::int64_t j, std::int64_t left, std::int64_t n, PadMode mode) {
    const std::int64_t k = j - left;
    if (k >= 0 && k < n) return k;
    if (mode == PadMode::constant) return -1;
    if (mode == PadMode::replicate) return k < 0 ? 0 : n - 1;
    return k < 0 ? -k : 2 * (n - 1) - k;
}

/// Dimensions in the order of y's memory, innermost first; y has no gaps. At least two are set, the second may have size 1.
struct PadShape {
    static constexpr int max_dims = 8;
    int dims;  // at least 2
    std::int64_t y_sizes[max_dims], x_sizes[max_dims], x_strides[max_dims], left[max_dims];
    PadMode mode;
    std::int64_t count;  // of y

    /// Where the element of x for element i of y stands, dimensions below `first` left out; -1: outside.
    VITRINE_HD std::int64_t source(std::int64_t i, int first = 0) const {
        std::int64_t offset = 0;
        for (int d = first; d < dims; ++d) {
            const std::int64_t rest = i / y_sizes[d];
            const std::int64_t s = pad_source(i - rest * y_sizes[d], left[d], x_sizes[d], mode);
            if (s < 0) return -1;
            offset += s * x_strides[d];
            i = rest;
        }
        return offset;
    }
};

/// dy (outer, left + n + right, inner) to dx (outer, n, inner), both row-major.
struct PadFold {
    std::int64_t outer, n, inner, left, right;
    PadMode mode;
};

template <class T>
void pad(Cpu, const T* x, T value, T* y, const PadShape& shape);
template <class T>
void pad_fold(Cpu, const T* dy, T* dx, const PadFold& n);

template <class T>
void pad(Simt, const T* x, T value, T* y, const PadShape& shape);
template <class T>
void pad_fold(Simt, const T* dy, T* dx, const PadFold& n);

template <class T>
void pad(Cuda, const T* x, T value, T* y, const PadShape& shape);
template <class T>
void pad_fold(Cuda, const T* dy, T* dx, const PadFold& n);

/// The elements of dy that were copied from dx_i, first and second run; i of the padded dimension, j ascending.
template <class T>
VITRINE_HD inline T pad_fold_sum(const T* dy, std::int64_t i, const PadFold& n) {
    const std::int64_t m = n.left + n.n + n.right, own = n.left + i;
    T sum = 0;
    if (n.mode == PadMode::replicate) {
        const std::int64_t begin = i == 0 ? 0 : own, end = i == n.n - 1 ? m : own + 1;
        for (std::int64_t j = begin; j < end; ++j) sum += dy[j * n.inner];
        return sum;
    }
    const std::int64_t before = n.left - i, behind = n.left + 2 * (n.n - 1) - i;
    if (i > 0 && before >= 0) sum += dy[before * n.inner];
    sum += dy[own * n.inner];
    if (i < n.n - 1 && behind < m) sum += dy[behind * n.inner];
    return sum;
}

}  // namespace vitrine::kernels

#include "pad.h"

#include <algorithm>

#include "vitrine/kernels/base/parallel.h"

namespace vitrine::kernels {
namespace {

/// A row along y's innermost dimension: what lies outside, x, what lies outside.
template <class T>
void pad_row(const T* x, T value, T* y, const PadShape& shape) {
    const std::int64_t m = shape.y_sizes[0], n = shape.x_sizes[0], left = shape.left[0], step = shape.x_strides[0];
    const auto outside = [&](std::int64_t begin, std::int64_t end) {
        for (std::int64_t j = begin; j < end; ++j) {
            const std::int64_t s = pad_source(j, left, n, shape.mode);
            y[j] = s < 0 ? value : x[s * step];
        }
    };
    outside(0, left);
    if (step == 1 && n >= 16)
        std::copy_n(x, n, y + left);
    else
        for (std::int64_t k = 0; k < n; ++k) y[left + k] = x[k * step];
    outside(left + n, m);
}

/// `range` of the rows along dimension 0: no division for each, as rows may be as short as the channels of an image.
template <class T>
void pad_rows(const T* x, T value, T* y, const PadShape& shape, Range range) {
    const std::int64_t m = shape.y_sizes[0], rows = shape.y_sizes[1];
    for (std::int64_t r = range.begin; r < range.end;) {
        const std::int64_t plane = shape.source(r / rows, 2);
        for (std::int64_t j = r % rows; j < rows && r < range.end; ++j, ++r) {
            const std::int64_t s = plane < 0 ? -1 : pad_source(j, shape.left[1], shape.x_sizes[1], shape.mode);
            if (s < 0)
                std::fill_n(y + r * m, m, value);
            else
                pad_row(x + plane + s * shape.x_strides[1], value, y + r * m, shape);
        }
    }
}

template <class T>
void pad_fold_rows(const T* dy, T* dx, const PadFold& n, Range rows) {
    const std::int64_t m = n.left + n.n + n.right;
    for (std::int64_t r = rows.begin; r < rows.end; ++r) {
        const std::int64_t outer = r / n.n, i = r % n.n;
        const T* from = dy + outer * m * n.inner;
        for (std::int64_t c = 0; c < n.inner; ++c) dx[r * n.inner + c] = pad_fold_sum(from + c, i, n);
    }
}

}  // namespace

template <class T>
void pad(Cpu, const T* x, T value, T* y, const PadShape& shape) {
    const std::int64_t rows = shape.count == 0 ? 0 : shape.count / shape.y_sizes[0];
    const int parts = parts_for(rows, static_cast<double>(shape.y_sizes[0]) + 8);
    if (parts == 1) return pad_rows(x, value, y, shape, {0, rows});
#pragma omp parallel for num_threads(parts)
    for (int p = 0; p < parts; ++p) pad_rows(x, value, y, shape, share(rows, p, parts));
}

template <class T>
void pad_fold(Cpu, const T* dy, T* dx, const PadFold& n) {
    const int parts = parts_for(n.outer * n.n, 4.0 * static_cast<double>(n.inner));
    if (parts == 1) return pad_fold_rows(dy, dx, n, {0, n.outer * n.n});
#pragma omp parallel for num_threads(parts)
    for (int p = 0; p < parts; ++p) pad_fold_rows(dy, dx, n, share(n.outer * n.n, p, parts));
}

template void pad(Cpu, const float*, float, float*, const PadShape&);
template void pad(Cpu, const double*, double, double*, const PadShape&);
template void pad(Cpu, const std::int32_t*, std::int32_t, std::int32_t*, const PadShape&);
template void pad(Cpu, const std::int64_t*, std::int64_t, std::int64_t*, const PadShape&);
template void pad(Cpu, const std::uint8_t*, std::uint8_t, std::uint8_t*, const PadShape&);
template void pad(Cpu, const bool*, bool, bool*, const PadShape&);
template void pad(Cpu, const bf16*, bf16, bf16*, const PadShape&);
template void pad(Cpu, const f16*, f16, f16*, const PadShape&);

template void pad_fold(Cpu, const float*, float*, const PadFold&);
template void pad_fold(Cpu, const double*, double*, const PadFold&);

}  // namespace vitrine::kernels

#include "rearrange.h"

#include <algorithm>

#include "vitrine/kernels/base/parallel.h"

namespace vitrine::kernels {
namespace {

template <class T>
void copy_run(const T* x, std::int64_t step, T* y, std::int64_t count) {
    if (step == 1 && count >= 16)
        std::copy_n(x, count, y);
    else if (step == -1)
        for (std::int64_t j = 0; j < count; ++j) y[j] = x[-j];
    else
        for (std::int64_t j = 0; j < count; ++j) y[j] = x[j * step];
}

template <class T>
void rearrange_row(const T* x, T* y, const RearrangeShape& shape) {
    const std::int64_t n = shape.sizes[0], step = shape.x_strides[0], shift = shape.shifts[0];
    if (shape.flipped[0]) {
        copy_run(x + (n - 1) * step, -step, y, n);
    } else {
        copy_run(x + (n - shift) * step, step, y, shift);
        copy_run(x, step, y + shift, n - shift);
    }
}

/// `range` of the rows along dimension 0: no division for each, as rows may be as short as the channels of an image.
template <class T>
void rearrange_rows(const T* x, T* y, const RearrangeShape& shape, Range range) {
    const std::int64_t n = shape.sizes[0], rows = shape.sizes[1];
    for (std::int64_t r = range.begin; r < range.end;) {
        const T* plane = x + shape.source(r / rows, 2);
        for (std::int64_t j = r % rows; j < rows && r < range.end; ++j, ++r)
            rearrange_row(plane + shape.source_along(1, j) * shape.x_strides[1], y + r * n, shape);
    }
}

}  // namespace

template <class T>
void rearrange(Cpu, const T* x, T* y, const RearrangeShape& shape) {
    const std::int64_t rows = shape.count == 0 ? 0 : shape.count / shape.sizes[0];
    const int parts = parts_for(rows, static_cast<double>(shape.sizes[0]) + 8);
    if (parts == 1) return rearrange_rows(x, y, shape, {0, rows});
#pragma omp parallel for num_threads(parts)
    for (int p = 0; p < parts; ++p) rearrange_rows(x, y, shape, share(rows, p, parts));
}

template void rearrange(Cpu, const float*, float*, const RearrangeShape&);
template void rearrange(Cpu, const double*, double*, const RearrangeShape&);
template void rearrange(Cpu, const std::int32_t*, std::int32_t*, const RearrangeShape&);
template void rearrange(Cpu, const std::int64_t*, std::int64_t*, const RearrangeShape&);
template void rearrange(Cpu, const std::uint8_t*, std::uint8_t*, const RearrangeShape&);
template void rearrange(Cpu, const bool*, bool*, const RearrangeShape&);
template void rearrange(Cpu, const bf16*, bf16*, const RearrangeShape&);
template void rearrange(Cpu, const f16*, f16*, const RearrangeShape&);

}  // namespace vitrine::kernels

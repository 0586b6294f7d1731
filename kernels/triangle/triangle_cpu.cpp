#include "triangle.h"

#include <algorithm>

#include "vitrine/kernels/base/parallel.h"

namespace vitrine::kernels {
namespace {

template <class T>
void triangle_rows(const T* x, T* y, TriangleShape n, Range rows) {
    for (std::int64_t r = rows.begin; r < rows.end; ++r) {
        const T* xr = x + r * n.cols;
        T* yr = y + r * n.cols;
        // The row is cut once: before it lies what a lower triangle keeps, from it on what an upper one keeps.
        const std::int64_t i = r % n.rows, cut = std::clamp<std::int64_t>(i + n.diagonal + (n.upper ? 0 : 1), 0, n.cols);
        if (n.upper) {
            std::fill_n(yr, cut, static_cast<T>(0));
            std::copy(xr + cut, xr + n.cols, yr + cut);
        } else {
            std::copy_n(xr, cut, yr);
            std::fill(yr + cut, yr + n.cols, static_cast<T>(0));
        }
    }
}

}  // namespace

template <class T>
void triangle(Cpu, const T* x, T* y, TriangleShape n) {
    const std::int64_t rows = n.batch * n.rows;
    const int parts = parts_for(rows, static_cast<double>(n.cols));
    if (parts == 1) return triangle_rows(x, y, n, {0, rows});
#pragma omp parallel for num_threads(parts)
    for (int p = 0; p < parts; ++p) triangle_rows(x, y, n, share(rows, p, parts));
}

template void triangle(Cpu, const float*, float*, TriangleShape);
template void triangle(Cpu, const double*, double*, TriangleShape);
template void triangle(Cpu, const std::int32_t*, std::int32_t*, TriangleShape);
template void triangle(Cpu, const std::int64_t*, std::int64_t*, TriangleShape);
template void triangle(Cpu, const std::uint8_t*, std::uint8_t*, TriangleShape);
template void triangle(Cpu, const bool*, bool*, TriangleShape);
template void triangle(Cpu, const bf16*, bf16*, TriangleShape);
template void triangle(Cpu, const f16*, f16*, TriangleShape);

}  // namespace vitrine::kernels

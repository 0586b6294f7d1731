#include "sort.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <numeric>

#include "vitrine/kernels/base/parallel.h"

namespace vitrine::kernels {
namespace {

/// Where element k of row r lies; r counts (outer, inner).
std::int64_t place(SortShape n, std::int64_t r, std::int64_t k, std::int64_t cols) {
    return (r / n.inner * cols + k) * n.inner + r % n.inner;
}

template <class T>
void sort_rows(const T* x, T* y, std::int64_t* index, SortShape n, Range rows, std::int64_t* orders) {
    for (std::int64_t r = rows.begin; r < rows.end; ++r) {
        const T* const row = x + place(n, r, 0, n.cols);
        std::int64_t* const order = orders + r * n.cols;
        const auto before = [=](std::int64_t a, std::int64_t b) {
            return sorts_before(row[a * n.inner], a, row[b * n.inner], b, n.descending);
        };
        std::iota(order, order + n.cols, std::int64_t(0));
        if (n.kept < n.cols) std::partial_sort(order, order + n.kept, order + n.cols, before);
        else std::sort(order, order + n.cols, before);
        for (std::int64_t j = 0; j < n.kept; ++j) {
            const std::int64_t at = place(n, r, j, n.kept);
            y[at] = row[order[j] * n.inner];
            index[at] = order[j];
        }
    }
}

template <class T>
void sort_backward_rows(const std::int64_t* index, const T* dy, T* dx, SortShape n, Range rows) {
    for (std::int64_t r = rows.begin; r < rows.end; ++r) {
        for (std::int64_t k = 0; k < n.cols; ++k) dx[place(n, r, k, n.cols)] = T(0);
        for (std::int64_t j = 0; j < n.kept; ++j) {
            const std::int64_t at = place(n, r, j, n.kept);
            dx[place(n, r, index[at], n.cols)] = dy[at];
        }
    }
}

template <class T>
void sort_gather_rows(const T* x, const std::int64_t* index, T* y, SortShape n, Range rows) {
    for (std::int64_t r = rows.begin; r < rows.end; ++r)
        for (std::int64_t j = 0; j < n.kept; ++j) {
            const std::int64_t at = place(n, r, j, n.kept);
            y[at] = x[place(n, r, index[at], n.cols)];
        }
}

}  // namespace

std::size_t sort_workspace_bytes(SortShape n) {
    const auto padded = static_cast<std::int64_t>(std::bit_ceil(static_cast<std::uint64_t>(std::max<std::int64_t>(n.cols, 1))));
    return static_cast<std::size_t>(n.outer * n.inner * padded) * sizeof(std::int64_t);
}

template <class T>
void sort_forward(Cpu, const T* x, T* y, std::int64_t* index, SortShape n, void* workspace) {
    const std::int64_t rows = n.outer * n.inner;
    const int parts = parts_for(rows, 4 * double(n.cols) * std::log2(double(n.cols) + 2));
    if (parts == 1) return sort_rows(x, y, index, n, {0, rows}, static_cast<std::int64_t*>(workspace));
#pragma omp parallel for num_threads(parts)
    for (int p = 0; p < parts; ++p) sort_rows(x, y, index, n, share(rows, p, parts), static_cast<std::int64_t*>(workspace));
}

template <class T>
void sort_backward(Cpu, const std::int64_t* index, const T* dy, T* dx, SortShape n) {
    const std::int64_t rows = n.outer * n.inner;
    const int parts = parts_for(rows, static_cast<double>(n.cols + n.kept));
    if (parts == 1) return sort_backward_rows(index, dy, dx, n, {0, rows});
#pragma omp parallel for num_threads(parts)
    for (int p = 0; p < parts; ++p) sort_backward_rows(index, dy, dx, n, share(rows, p, parts));
}

template <class T>
void sort_gather(Cpu, const T* x, const std::int64_t* index, T* y, SortShape n) {
    const std::int64_t rows = n.outer * n.inner;
    const int parts = parts_for(rows, static_cast<double>(n.kept));
    if (parts == 1) return sort_gather_rows(x, index, y, n, {0, rows});
#pragma omp parallel for num_threads(parts)
    for (int p = 0; p < parts; ++p) sort_gather_rows(x, index, y, n, share(rows, p, parts));
}

template void sort_forward(Cpu, const float*, float*, std::int64_t*, SortShape, void*);
template void sort_forward(Cpu, const double*, double*, std::int64_t*, SortShape, void*);
template void sort_backward(Cpu, const std::int64_t*, const float*, float*, SortShape);
template void sort_backward(Cpu, const std::int64_t*, const double*, double*, SortShape);
template void sort_gather(Cpu, const float*, const std::int64_t*, float*, SortShape);
template void sort_gather(Cpu, const double*, const std::int64_t*, double*, SortShape);

}  // namespace vitrine::kernels

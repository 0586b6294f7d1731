#include <algorithm>

#include "softmax.h"
#include "vitrine/kernels/base/clones.h"
#include "vitrine/kernels/base/lanes.h"
#include "vitrine/kernels/base/math.h"
#include "vitrine/kernels/base/parallel.h"

namespace vitrine::kernels {
namespace {

constexpr double cost = 4;  // operations of parallel.h for an element

// ---- rows that lie side by side: inner == 1

template <class T>
VITRINE_CLONES void softmax_forward_rows(const T* x, T* y, SoftmaxShape n, Range rows) {
    const std::int64_t cols = n.cols;
    x += rows.begin * cols, y += rows.begin * cols;
    for (std::int64_t r = rows.begin; r < rows.end; ++r, x += cols, y += cols) {
        const T m = fold_lanes<T>(cols, FoldMax{}, [=](std::int64_t k) { return x[k]; });
        const T sum = fold_lanes<T>(cols, FoldAdd{}, [=](std::int64_t k) { return y[k] = math::exp(x[k] - m); });
        const T one_over_sum = T(1) / sum;
        for (std::int64_t j = 0; j < cols; ++j) y[j] *= one_over_sum;
    }
}

template <class T>
VITRINE_CLONES void softmax_backward_rows(const T* y, const T* dy, T* dx, SoftmaxShape n, Range rows) {
    const std::int64_t cols = n.cols;
    y += rows.begin * cols, dy += rows.begin * cols, dx += rows.begin * cols;
    for (std::int64_t r = rows.begin; r < rows.end; ++r, y += cols, dy += cols, dx += cols) {
        const T dot = fold_lanes<T>(cols, FoldAdd{}, [=](std::int64_t k) { return dy[k] * y[k]; });
        for (std::int64_t j = 0; j < cols; ++j) dx[j] = y[j] * (dy[j] - dot);
    }
}

template <class T>
VITRINE_CLONES void log_softmax_forward_rows(const T* x, T* y, SoftmaxShape n, Range rows) {
    const std::int64_t cols = n.cols;
    x += rows.begin * cols, y += rows.begin * cols;
    for (std::int64_t r = rows.begin; r < rows.end; ++r, x += cols, y += cols) {
        const T m = fold_lanes<T>(cols, FoldMax{}, [=](std::int64_t k) { return x[k]; });
        const T sum = fold_lanes<T>(cols, FoldAdd{}, [=](std::int64_t k) { return math::exp(x[k] - m); });
        const T log_sum = math::log(sum);
        for (std::int64_t j = 0; j < cols; ++j) y[j] = x[j] - m - log_sum;
    }
}

template <class T>
VITRINE_CLONES void log_softmax_backward_rows(const T* y, const T* dy, T* dx, SoftmaxShape n, Range rows) {
    const std::int64_t cols = n.cols;
    y += rows.begin * cols, dy += rows.begin * cols, dx += rows.begin * cols;
    for (std::int64_t r = rows.begin; r < rows.end; ++r, y += cols, dy += cols, dx += cols) {
        const T sum = fold_lanes<T>(cols, FoldAdd{}, [=](std::int64_t k) { return dy[k]; });
        for (std::int64_t j = 0; j < cols; ++j) dx[j] = dy[j] - math::exp(y[j]) * sum;
    }
}

// ---- rows that lie across: element k of row i is k * inner further. `width` neighbouring rows are done at a time,
// element by element, so that the neighbours are the lanes of a vector and memory is read in its order.

constexpr std::int64_t width = 64;

std::int64_t blocks_across(SoftmaxShape n) { return n.outer * ((n.inner + width - 1) / width); }

struct Block {
    std::int64_t start, rows;  // first element of the first row, and how many rows
};

Block block_across(SoftmaxShape n, std::int64_t b) {
    const std::int64_t in_a_row = (n.inner + width - 1) / width, o = b / in_a_row, i = b % in_a_row * width;
    return {o * n.cols * n.inner + i, std::min(width, n.inner - i)};
}

template <class T>
void max_and_sum_across(const T* x, SoftmaxShape n, std::int64_t rows, T* m, T* sum) {
    for (std::int64_t i = 0; i < rows; ++i) m[i] = x[i], sum[i] = 0;
    for (std::int64_t k = 1; k < n.cols; ++k)
        for (std::int64_t i = 0; i < rows; ++i) m[i] = FoldMax{}(m[i], x[k * n.inner + i]);
    for (std::int64_t k = 0; k < n.cols; ++k)
        for (std::int64_t i = 0; i < rows; ++i) sum[i] += math::exp(x[k * n.inner + i] - m[i]);
}

template <class T>
VITRINE_CLONES void softmax_forward_across(const T* x, T* y, SoftmaxShape n, Range blocks) {
    T m[width], sum[width];
    for (std::int64_t b = blocks.begin; b < blocks.end; ++b) {
        const auto [start, rows] = block_across(n, b);
        max_and_sum_across(x + start, n, rows, m, sum);
        for (std::int64_t j = 0; j < n.cols; ++j)
            for (std::int64_t i = 0, at = start + j * n.inner; i < rows; ++i, ++at) y[at] = math::exp(x[at] - m[i]) / sum[i];
    }
}

template <class T>
VITRINE_CLONES void softmax_backward_across(const T* y, const T* dy, T* dx, SoftmaxShape n, Range blocks) {
    T dot[width];
    for (std::int64_t b = blocks.begin; b < blocks.end; ++b) {
        const auto [start, rows] = block_across(n, b);
        for (std::int64_t i = 0; i < rows; ++i) dot[i] = 0;
        for (std::int64_t k = 0; k < n.cols; ++k)
            for (std::int64_t i = 0, at = start + k * n.inner; i < rows; ++i, ++at) dot[i] += dy[at] * y[at];
        for (std::int64_t j = 0; j < n.cols; ++j)
            for (std::int64_t i = 0, at = start + j * n.inner; i < rows; ++i, ++at) dx[at] = y[at] * (dy[at] - dot[i]);
    }
}

template <class T>
VITRINE_CLONES void log_softmax_forward_across(const T* x, T* y, SoftmaxShape n, Range blocks) {
    T m[width], sum[width];
    for (std::int64_t b = blocks.begin; b < blocks.end; ++b) {
        const auto [start, rows] = block_across(n, b);
        max_and_sum_across(x + start, n, rows, m, sum);
        for (std::int64_t i = 0; i < rows; ++i) sum[i] = math::log(sum[i]);
        for (std::int64_t j = 0; j < n.cols; ++j)
            for (std::int64_t i = 0, at = start + j * n.inner; i < rows; ++i, ++at) y[at] = x[at] - m[i] - sum[i];
    }
}

template <class T>
VITRINE_CLONES void log_softmax_backward_across(const T* y, const T* dy, T* dx, SoftmaxShape n, Range blocks) {
    T sum[width];
    for (std::int64_t b = blocks.begin; b < blocks.end; ++b) {
        const auto [start, rows] = block_across(n, b);
        for (std::int64_t i = 0; i < rows; ++i) sum[i] = 0;
        for (std::int64_t k = 0; k < n.cols; ++k)
            for (std::int64_t i = 0, at = start + k * n.inner; i < rows; ++i, ++at) sum[i] += dy[at];
        for (std::int64_t j = 0; j < n.cols; ++j)
            for (std::int64_t i = 0, at = start + j * n.inner; i < rows; ++i, ++at) dx[at] = dy[at] - math::exp(y[at]) * sum[i];
    }
}

struct Work {
    std::int64_t units;  // rows, or blocks of rows that lie across
    int parts;
};

Work work_of(SoftmaxShape n) {
    if (n.outer * n.cols * n.inner == 0) return {0, 1};
    if (n.inner == 1) return {n.outer, parts_for(n.outer, cost * double(n.cols))};
    return {blocks_across(n), parts_for(blocks_across(n), cost * double(n.cols * std::min(width, n.inner)))};
}

}  // namespace

template <class T>
void softmax_forward(Cpu, const T* x, T* y, SoftmaxShape n) {
    const auto rows = n.inner == 1 ? softmax_forward_rows<T> : softmax_forward_across<T>;
    const Work work = work_of(n);
    if (work.parts == 1) return rows(x, y, n, {0, work.units});
#pragma omp parallel for num_threads(work.parts)
    for (int p = 0; p < work.parts; ++p) rows(x, y, n, share(work.units, p, work.parts));
}

template <class T>
void softmax_backward(Cpu, const T* y, const T* dy, T* dx, SoftmaxShape n) {
    const auto rows = n.inner == 1 ? softmax_backward_rows<T> : softmax_backward_across<T>;
    const Work work = work_of(n);
    if (work.parts == 1) return rows(y, dy, dx, n, {0, work.units});
#pragma omp parallel for num_threads(work.parts)
    for (int p = 0; p < work.parts; ++p) rows(y, dy, dx, n, share(work.units, p, work.parts));
}

template <class T>
void log_softmax_forward(Cpu, const T* x, T* y, SoftmaxShape n) {
    const auto rows = n.inner == 1 ? log_softmax_forward_rows<T> : log_softmax_forward_across<T>;
    const Work work = work_of(n);
    if (work.parts == 1) return rows(x, y, n, {0, work.units});
#pragma omp parallel for num_threads(work.parts)
    for (int p = 0; p < work.parts; ++p) rows(x, y, n, share(work.units, p, work.parts));
}

template <class T>
void log_softmax_backward(Cpu, const T* y, const T* dy, T* dx, SoftmaxShape n) {
    const auto rows = n.inner == 1 ? log_softmax_backward_rows<T> : log_softmax_backward_across<T>;
    const Work work = work_of(n);
    if (work.parts == 1) return rows(y, dy, dx, n, {0, work.units});
#pragma omp parallel for num_threads(work.parts)
    for (int p = 0; p < work.parts; ++p) rows(y, dy, dx, n, share(work.units, p, work.parts));
}

template void softmax_forward(Cpu, const float*, float*, SoftmaxShape);
template void softmax_forward(Cpu, const double*, double*, SoftmaxShape);
template void softmax_backward(Cpu, const float*, const float*, float*, SoftmaxShape);
template void softmax_backward(Cpu, const double*, const double*, double*, SoftmaxShape);
template void log_softmax_forward(Cpu, const float*, float*, SoftmaxShape);
template void log_softmax_forward(Cpu, const double*, double*, SoftmaxShape);
template void log_softmax_backward(Cpu, const float*, const float*, float*, SoftmaxShape);
template void log_softmax_backward(Cpu, const double*, const double*, double*, SoftmaxShape);

}  // namespace vitrine::kernels

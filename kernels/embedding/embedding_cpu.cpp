#include "embedding.h"
#include "vitrine/kernels/base/parallel.h"

namespace vitrine::kernels {
namespace {

template <class T>
void embedding_forward_rows(const T* w, const std::int64_t* t, T* y, EmbeddingShape n, Range rows) {
    for (std::int64_t i = rows.begin; i < rows.end; ++i) {
        const T* row = w + t[i] * n.cols;
        for (std::int64_t c = 0; c < n.cols; ++c) y[i * n.cols + c] = row[c];
    }
}

/// Threads share the columns: each goes through all ids in their order.
template <class T>
void embedding_backward_columns(const std::int64_t* t, const T* dy, T* dw, EmbeddingShape n, Range columns) {
    for (std::int64_t v = 0; v < n.rows; ++v)
        for (std::int64_t c = columns.begin; c < columns.end; ++c) dw[v * n.cols + c] = 0;
    for (std::int64_t i = 0; i < n.count; ++i) {
        if (t[i] == n.padding) continue;
        T* sum = dw + t[i] * n.cols;
        const T* dyi = dy + i * n.cols;
        for (std::int64_t c = columns.begin; c < columns.end; ++c) sum[c] += dyi[c];
    }
}

constexpr std::int64_t line = 16;  // columns of f32 that share a line of the cache

}  // namespace

void embedding_check(Cpu, const std::int64_t* t, std::int64_t* bad, EmbeddingShape n) {
    *bad = -1;
    for (std::int64_t i = 0; i < n.count && *bad < 0; ++i)
        if (t[i] < 0 || t[i] >= n.rows) *bad = i;
}

template <class T>
void embedding_forward(Cpu, const T* w, const std::int64_t* t, T* y, EmbeddingShape n) {
    const int parts = parts_for(n.count, static_cast<double>(n.cols));
    if (parts == 1) return embedding_forward_rows(w, t, y, n, {0, n.count});
#pragma omp parallel for num_threads(parts)
    for (int p = 0; p < parts; ++p) embedding_forward_rows(w, t, y, n, share(n.count, p, parts));
}

template <class T>
void embedding_backward(Cpu, const std::int64_t* t, const T* dy, T* dw, EmbeddingShape n) {
    const int parts = parts_for((n.cols + line - 1) / line, static_cast<double>((n.rows + n.count) * line));
    if (parts == 1) return embedding_backward_columns(t, dy, dw, n, {0, n.cols});
#pragma omp parallel for num_threads(parts)
    for (int p = 0; p < parts; ++p) embedding_backward_columns(t, dy, dw, n, share(n.cols, p, parts, line));
}

template void embedding_forward(Cpu, const float*, const std::int64_t*, float*, EmbeddingShape);
template void embedding_forward(Cpu, const double*, const std::int64_t*, double*, EmbeddingShape);
template void embedding_backward(Cpu, const std::int64_t*, const float*, float*, EmbeddingShape);
template void embedding_backward(Cpu, const std::int64_t*, const double*, double*, EmbeddingShape);

}  // namespace vitrine::kernels

// check      one block of 128 threads; block_reduce finds the first wrong id
//
// forward    grid (N), block 128: a block copies row t_i of w to row i of y
//
//                y_i:   [ t0 t1 ... t127 | t0 t1 ... ]       neighbours read and write neighbours
//
// backward   grid (V, C / 128), block 128: a block owns 128 columns of row v of dw, a thread one. Every thread looks
//            through all ids (the same address for the whole block, and a branch that all take alike) and adds the rows
//            of dy whose id is v. No sort and no atomics: the order of the sum is that of the ids. A table of few, long
//            rows has as many blocks as one of many short ones.
#include "embedding.h"

#include <algorithm>

#include "vitrine/kernels/base/gpu.h"
#include "vitrine/kernels/base/gpu_reduce.h"

namespace vitrine::kernels {
inline namespace VITRINE_GPU_NAMESPACE {

constexpr int embedding_threads = 128;

__global__ void embedding_check_kernel(const std::int64_t* t, std::int64_t* bad, EmbeddingShape n) {
    __shared__ std::int64_t buffer[32];
    std::int64_t first = n.count;
    for (std::int64_t i = threadIdx.x; i < n.count && first == n.count; i += embedding_threads)
        if (t[i] < 0 || t[i] >= n.rows) first = i;
    first = block_reduce(first, n.count, ReduceMin{}, buffer);
    if (threadIdx.x == 0) *bad = first == n.count ? -1 : first;
}

template <class T>
__global__ void embedding_forward_kernel(const T* w, const std::int64_t* t, T* y, EmbeddingShape n) {
    for (std::int64_t i = blockIdx.x; i < n.count; i += gridDim.x) {
        const T* row = w + t[i] * n.cols;
        for (std::int64_t c = threadIdx.x; c < n.cols; c += embedding_threads) y[i * n.cols + c] = row[c];
    }
}

template <class T>
__global__ void embedding_backward_kernel(const std::int64_t* t, const T* dy, T* dw, EmbeddingShape n) {
    const std::int64_t first = static_cast<std::int64_t>(blockIdx.y) * embedding_threads + threadIdx.x;
    const std::int64_t step = static_cast<std::int64_t>(gridDim.y) * embedding_threads;
    for (std::int64_t v = blockIdx.x; v < n.rows; v += gridDim.x) {
        for (std::int64_t c = first; c < n.cols; c += step) {
            T sum = 0;
            if (v != n.padding)
                for (std::int64_t i = 0; i < n.count; ++i)
                    if (t[i] == v) sum += dy[i * n.cols + c];
            dw[v * n.cols + c] = sum;
        }
    }
}

}  // namespace VITRINE_GPU_NAMESPACE

void embedding_check(Gpu on, const std::int64_t* t, std::int64_t* bad, EmbeddingShape n) {
    launch<embedding_check_kernel>(on, {1, embedding_threads}, t, bad, n);
}

template <class T>
void embedding_forward(Gpu on, const T* w, const std::int64_t* t, T* y, EmbeddingShape n) {
    launch<embedding_forward_kernel<T>>(on, {grid_for(n.count, 1), embedding_threads}, w, t, y, n);
}

template <class T>
void embedding_backward(Gpu on, const std::int64_t* t, const T* dy, T* dw, EmbeddingShape n) {
    const dim3 grid(grid_for(n.rows, 1), std::min(grid_for(n.cols, embedding_threads), 65535u));
    launch<embedding_backward_kernel<T>>(on, {grid, embedding_threads}, t, dy, dw, n);
}

template void embedding_forward(Gpu, const float*, const std::int64_t*, float*, EmbeddingShape);
template void embedding_forward(Gpu, const double*, const std::int64_t*, double*, EmbeddingShape);
template void embedding_backward(Gpu, const std::int64_t*, const float*, float*, EmbeddingShape);
template void embedding_backward(Gpu, const std::int64_t*, const double*, double*, EmbeddingShape);

}  // namespace vitrine::kernels

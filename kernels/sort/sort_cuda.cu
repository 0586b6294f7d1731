// Bitonic sort (Batcher, Sorting Networks and Their Applications, 1968) of the places 0 to P-1 of every row, P the power
// of two that is not below cols; places from cols on come last. A step (size, distance) orders each pair of places that
// are `distance` apart, upwards or downwards by turns of `size`:
//
//     size 2:  distance 1        size 4:  distance 2, 1        ...        size P:  distance P/2, ..., 1
//
// P <= 1024:   grid (rows), block (P/2, at least 32): a row in shared memory, thread t takes pair t, a barrier a step.
// P larger:    grid (rows * P/2 / 256), block (256), a launch for each step; places in the workspace.
// The other kernels: 256 threads a block, an element a thread.
//
// Sorted are places, and each comparison fetches its two numbers from where they lie: the profile shows 11 sectors for
// ideal 4. It stays: a row of at most 1024 numbers fits the first-level cache, and numbers kept beside the places would
// take shared memory from other blocks. Pairs less than 32 apart share banks two by two, as the order of pairs wants it.
#include <bit>

#include "sort.h"
#include "vitrine/kernels/base/gpu.h"

namespace vitrine::kernels {
inline namespace VITRINE_GPU_NAMESPACE {

constexpr int sort_threads = 256;
constexpr int sort_shared = 1024;  // places of a row that fit in shared memory

/// Where element k of row r lies; r counts (outer, inner).
__device__ inline std::int64_t sort_place(SortShape n, std::int64_t r, std::int64_t k, std::int64_t cols) {
    return (r / n.inner * cols + k) * n.inner + r % n.inner;
}

/// The places of pair t at this distance.
__device__ inline std::int64_t first_of_pair(std::int64_t t, std::int64_t distance) {
    return t / distance * 2 * distance + t % distance;
}

/// One step for one pair: `order` is the row's places, x its first element.
template <class T>
__device__ void order_pair(const T* x, std::int64_t* order, std::int64_t t, std::int64_t size, std::int64_t distance, SortShape n) {
    const std::int64_t i = first_of_pair(t, distance), j = i + distance, a = order[i], b = order[j];
    const bool up = (i & size) == 0;
    bool b_first = false;  // places beyond the row come last, among themselves in any order
    if (a >= n.cols || b >= n.cols) b_first = b < n.cols;
    else b_first = sorts_before(x[b * n.inner], b, x[a * n.inner], a, n.descending);
    const bool beyond = a >= n.cols && b >= n.cols;
    if (!beyond && b_first == up) order[i] = b, order[j] = a;
}

template <class T>
__device__ void write_sorted(const T* x, T* y, std::int64_t* index, SortShape n, std::int64_t r, std::int64_t j, std::int64_t k) {
    const std::int64_t at = sort_place(n, r, j, n.kept);
    y[at] = x[k * n.inner];
    index[at] = k;
}

template <class T>
__global__ void sort_row_kernel(const T* x, T* y, std::int64_t* index, SortShape n, std::int64_t padded) {
    __shared__ std::int64_t order[sort_shared];
    const std::int64_t rows = n.outer * n.inner;
    for (std::int64_t r = blockIdx.x; r < rows; r += gridDim.x) {
        const T* row = x + sort_place(n, r, 0, n.cols);
        for (std::int64_t k = threadIdx.x; k < padded; k += blockDim.x) order[k] = k;
        __syncthreads();
        for (std::int64_t size = 2; size <= padded; size *= 2)
            for (std::int64_t distance = size / 2; distance > 0; distance /= 2) {
                if (threadIdx.x < padded / 2) order_pair(row, order, threadIdx.x, size, distance, n);
                __syncthreads();
            }
        for (std::int64_t j = threadIdx.x; j < n.kept; j += blockDim.x) write_sorted(row, y, index, n, r, j, order[j]);
        __syncthreads();  // before the next row overwrites order
    }
}

__global__ void sort_begin_kernel(std::int64_t* orders, std::int64_t padded, std::int64_t rows) {
    const std::int64_t step = std::int64_t(gridDim.x) * blockDim.x;
    for (std::int64_t i = std::int64_t(blockIdx.x) * blockDim.x + threadIdx.x; i < rows * padded; i += step) orders[i] = i % padded;
}

template <class T>
__global__ void sort_step_kernel(const T* x, std::int64_t* orders, SortShape n, std::int64_t padded, std::int64_t size, std::int64_t distance) {
    const std::int64_t pairs = padded / 2, step = std::int64_t(gridDim.x) * blockDim.x;
    for (std::int64_t i = std::int64_t(blockIdx.x) * blockDim.x + threadIdx.x; i < n.outer * n.inner * pairs; i += step) {
        const std::int64_t r = i / pairs;
        order_pair(x + sort_place(n, r, 0, n.cols), orders + r * padded, i % pairs, size, distance, n);
    }
}

template <class T>
__global__ void sort_end_kernel(const T* x, const std::int64_t* orders, T* y, std::int64_t* index, SortShape n, std::int64_t padded) {
    const std::int64_t step = std::int64_t(gridDim.x) * blockDim.x;
    for (std::int64_t i = std::int64_t(blockIdx.x) * blockDim.x + threadIdx.x; i < n.outer * n.inner * n.kept; i += step) {
        const std::int64_t r = i / n.kept, j = i % n.kept;
        write_sorted(x + sort_place(n, r, 0, n.cols), y, index, n, r, j, orders[r * padded + j]);
    }
}

template <class T>
__global__ void sort_zero_kernel(T* dx, std::int64_t elements) {
    const std::int64_t step = std::int64_t(gridDim.x) * blockDim.x;
    for (std::int64_t i = std::int64_t(blockIdx.x) * blockDim.x + threadIdx.x; i < elements; i += step) dx[i] = T(0);
}

template <class T>
__global__ void sort_backward_kernel(const std::int64_t* index, const T* dy, T* dx, SortShape n) {
    const std::int64_t step = std::int64_t(gridDim.x) * blockDim.x;
    for (std::int64_t i = std::int64_t(blockIdx.x) * blockDim.x + threadIdx.x; i < n.outer * n.inner * n.kept; i += step) {
        const std::int64_t r = i / n.kept, at = sort_place(n, r, i % n.kept, n.kept);
        dx[sort_place(n, r, index[at], n.cols)] = dy[at];
    }
}

template <class T>
__global__ void sort_gather_kernel(const T* x, const std::int64_t* index, T* y, SortShape n) {
    const std::int64_t step = std::int64_t(gridDim.x) * blockDim.x;
    for (std::int64_t i = std::int64_t(blockIdx.x) * blockDim.x + threadIdx.x; i < n.outer * n.inner * n.kept; i += step) {
        const std::int64_t r = i / n.kept, at = sort_place(n, r, i % n.kept, n.kept);
        y[at] = x[sort_place(n, r, index[at], n.cols)];
    }
}

inline std::int64_t padded_of(const SortShape& n) { return static_cast<std::int64_t>(std::bit_ceil(static_cast<std::uint64_t>(n.cols))); }

inline Launch row_launch(const SortShape& n) {
    const std::int64_t half = padded_of(n) / 2;
    return {grid_for(n.kept == 0 ? 0 : n.outer * n.inner, 1), half < 32 ? 32 : static_cast<unsigned>(half)};
}

}  // namespace VITRINE_GPU_NAMESPACE

template <class T>
void sort_forward(Gpu on, const T* x, T* y, std::int64_t* index, SortShape n, void* workspace) {
    if (padded_of(n) <= sort_shared) return launch<sort_row_kernel<T>>(on, row_launch(n), x, y, index, n, padded_of(n));
    const std::int64_t rows = n.kept == 0 ? 0 : n.outer * n.inner, padded = padded_of(n);
    if (rows == 0) return;
    std::int64_t* const orders = static_cast<std::int64_t*>(workspace);
    launch<sort_begin_kernel>(on, {grid_for(rows * padded, sort_threads), sort_threads}, orders, padded, rows);
    for (std::int64_t size = 2; size <= padded; size *= 2)
        for (std::int64_t distance = size / 2; distance > 0; distance /= 2)
            launch<sort_step_kernel<T>>(on, {grid_for(rows * padded / 2, sort_threads), sort_threads}, x, orders, n, padded, size, distance);
    launch<sort_end_kernel<T>>(on, {grid_for(rows * n.kept, sort_threads), sort_threads}, x, orders, y, index, n, padded);
}

template <class T>
void sort_backward(Gpu on, const std::int64_t* index, const T* dy, T* dx, SortShape n) {
    const std::int64_t elements = n.outer * n.cols * n.inner;
    launch<sort_zero_kernel<T>>(on, {grid_for(elements, sort_threads), sort_threads}, dx, elements);
    launch<sort_backward_kernel<T>>(on, {grid_for(n.outer * n.inner * n.kept, sort_threads), sort_threads}, index, dy, dx, n);
}

template <class T>
void sort_gather(Gpu on, const T* x, const std::int64_t* index, T* y, SortShape n) {
    launch<sort_gather_kernel<T>>(on, {grid_for(n.outer * n.inner * n.kept, sort_threads), sort_threads}, x, index, y, n);
}

template void sort_forward(Gpu, const float*, float*, std::int64_t*, SortShape, void*);
template void sort_forward(Gpu, const double*, double*, std::int64_t*, SortShape, void*);
template void sort_backward(Gpu, const std::int64_t*, const float*, float*, SortShape);
template void sort_backward(Gpu, const std::int64_t*, const double*, double*, SortShape);
template void sort_gather(Gpu, const float*, const std::int64_t*, float*, SortShape);
template void sort_gather(Gpu, const double*, const std::int64_t*, double*, SortShape);

}  // namespace vitrine::kernels

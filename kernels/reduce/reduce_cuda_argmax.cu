// argmax on a GPU. Grids and blocks as in reduce_cuda.cu; each thread keeps its best value and the first place of it.
// A row is joined in two steps: the largest value of all threads, then the smallest place among those that have it.
#include "reduce.h"
#include "reduce_ops.h"
#include "reduce_walk_gpu.h"
#include "vitrine/kernels/base/gpu_reduce.h"

namespace vitrine::kernels {
inline namespace VITRINE_GPU_NAMESPACE {

constexpr std::int64_t nowhere = INT64_MAX;

/// The element read: of x itself, or of a piece.
template <class T>
__device__ Best candidate(const T* row, std::int64_t offset, std::int64_t i) {
    return {static_cast<double>(row[offset]), i};
}
__device__ inline Best candidate(const Best* row, std::int64_t offset, std::int64_t) { return row[offset]; }

/// The better; the first of equals. "Nowhere" is worse than anything.
__device__ inline Best better(Best a, Best b) {
    if (a.index == nowhere || b.index == nowhere) return a.index == nowhere ? b : a;
    if (same(a.value, b.value)) return a.index < b.index ? a : b;
    return beats(b.value, a.value) ? b : a;
}

__device__ inline void store_best(const ReduceShape& n, std::int64_t k, Best best, std::int64_t* index, Best* partial) {
    if (gridDim.y > 1) partial[blockIdx.y * n.kept.elements() + k] = best;
    else index[k] = best.index == nowhere ? 0 : best.index;
}

template <class T>
__global__ void argmax_rows_kernel(const T* x, ReduceShape n, std::int64_t* index, Best* partial) {
    __shared__ double values[32];
    __shared__ std::int64_t places[32];
    const std::int64_t kept = n.kept.elements();
    const Range r = reduce_piece(n.reduced.elements(), blockIdx.y, gridDim.y);
    const std::int64_t step = std::int64_t(gridDim.x) * blockDim.y;
    for (std::int64_t k = std::int64_t(blockIdx.x) * blockDim.y + threadIdx.y; k < kept; k += step) {  // whole warps
        const T* row = x + n.kept.offset(k);
        Best best = {FoldMax::identity, nowhere};
        for (std::int64_t i = r.begin + threadIdx.x; i < r.end; i += blockDim.x)
            best = better(best, candidate(row, n.reduced.offset(i), i));

        const bool warp = blockDim.y > 1;
        const double top = warp ? warp_reduce(best.value, FoldMax{})
                                : block_reduce(best.value, FoldMax::identity, FoldMax{}, values);
        const std::int64_t place = same(best.value, top) ? best.index : nowhere;
        const std::int64_t first = warp ? warp_reduce(place, ReduceMin{})
                                        : block_reduce(place, nowhere, ReduceMin{}, places);
        if (threadIdx.x == 0) store_best(n, k, {top, first}, index, partial);
    }
}

template <class T>
__global__ void argmax_columns_kernel(const T* x, ReduceShape n, std::int64_t* index, Best* partial) {
    __shared__ double values[column_threads][columns_of_block];
    __shared__ std::int64_t places[column_threads][columns_of_block];
    const Range r = reduce_piece(n.reduced.elements(), blockIdx.y, gridDim.y);
    const std::int64_t k = std::int64_t(blockIdx.x) * columns_of_block + threadIdx.x;
    const bool active = k < n.kept.elements();

    Best best = {FoldMax::identity, nowhere};
    if (active) {
        const T* column = x + n.kept.offset(k);
        for (std::int64_t i = r.begin + threadIdx.y; i < r.end; i += column_threads)
            best = better(best, candidate(column, n.reduced.offset(i), i));
    }
    values[threadIdx.y][threadIdx.x] = best.value;
    places[threadIdx.y][threadIdx.x] = best.index;
    __syncthreads();

    if (!active || threadIdx.y > 0) return;
    for (int j = 1; j < column_threads; ++j) best = better(best, {values[j][threadIdx.x], places[j][threadIdx.x]});
    store_best(n, k, best, index, partial);
}

template <class T>
void argmax_launch(Gpu on, const T* x, std::int64_t* index, const ReduceShape& n, Best* partial, std::int64_t pieces) {
    if (by_columns(n)) launch<argmax_columns_kernel<T>>(on, columns_launch(n, pieces), x, n, index, partial);
    else launch<argmax_rows_kernel<T>>(on, rows_launch(n, pieces), x, n, index, partial);
}

}  // namespace VITRINE_GPU_NAMESPACE

template <class T>
void reduce_argmax(Gpu on, const T* x, std::int64_t* index, const ReduceShape& n, void* workspace) {
    const std::int64_t pieces = reduce_pieces(n);
    Best* const partial = static_cast<Best*>(workspace);
    if (one_launch(n)) return launch<argmax_rows_kernel<T>>(on, rows_launch(n, 1), x, n, index, partial);
    argmax_launch(on, x, index, n, partial, pieces);
    if (pieces > 1)
        argmax_launch(on, static_cast<const Best*>(partial), index, shape_of_partials(n, pieces), nullptr, 1);
}

template void reduce_argmax(Gpu, const float*, std::int64_t*, const ReduceShape&, void*);
template void reduce_argmax(Gpu, const double*, std::int64_t*, const ReduceShape&, void*);

}  // namespace vitrine::kernels

// Step 5 of the ladder: a thread reads 16 bytes at a time, 4 floats or 2 doubles.
//
//   grid    x: the sums     y: the pieces of each     block   256 threads; thread t takes packs t, t+256, ...
//
//   piece:  [ . . | t0 t0 t0 t0 | t1 t1 t1 t1 | ... | t255 ... | t0 ... | . . . ]
//                 ^ the first address that is a multiple of 16             ^ the elements before and after: a thread each
//
// A quarter of the requests brings the same bytes. Elements that lie apart have no packs: they all go the way of the
// elements before the first pack, a thread each, 256 apart.
#include "reduce_steps.h"
#include "reduce_walk_gpu.h"
#include "vitrine/kernels/base/gpu_pack.h"
#include "vitrine/kernels/base/gpu_reduce.h"

namespace vitrine::kernels {
inline namespace VITRINE_GPU_NAMESPACE {

/// The elements of a piece that are read in packs; none if elements lie apart.
template <class X>
__device__ Range sum_packs(const X* row, const ReduceShape& n, Range piece) {
    const bool together = n.reduced.count == 1 && n.reduced.stride[0] == 1;
    std::int64_t begin = piece.begin;
    if (!together) begin = piece.end;
    while (begin < piece.end && !pack_aligned(row + begin)) ++begin;
    return {begin, begin + (piece.end - begin) / pack_width<X> * pack_width<X>};
}

template <class X, class Y>
__global__ void sum_vectorised_kernel(const X* x, ReduceShape n, SumEnd<Y> end) {
    constexpr int width = pack_width<X>;
    __shared__ double part[32];
    const Range piece = sum_piece_of_block(n);
    for (std::int64_t k = blockIdx.x; k < n.kept.elements(); k += gridDim.x) {
        const X* row = x + n.kept.offset(k);
        const Range packs = sum_packs(row, n, piece);
        const std::int64_t t = threadIdx.x;

        double sums[width] = {};
        for (std::int64_t r = packs.begin + t * width; r < packs.end; r += sum_threads * width) {
            X pack[width];
            load_pack(row + r, pack);
            for (int i = 0; i < width; ++i) sums[i] += static_cast<double>(pack[i]);
        }
        double sum = 0;
        for (int i = 0; i < width; ++i) sum += sums[i];
        for (std::int64_t r = piece.begin + t; r < packs.begin; r += sum_threads)
            sum += static_cast<double>(row[n.reduced.offset(r)]);
        for (std::int64_t r = packs.end + t; r < piece.end; r += sum_threads)
            sum += static_cast<double>(row[n.reduced.offset(r)]);

        sum = block_reduce(sum, 0.0, ReduceAdd{}, part);
        if (threadIdx.x == 0) end(k, sum);
    }
}

}  // namespace VITRINE_GPU_NAMESPACE

template <class T>
void sum_vectorised(Gpu on, const T* x, T* y, double divisor, const ReduceShape& n, void* workspace) {
    const std::int64_t pieces = reduce_pieces(n), kept = n.kept.elements();
    double* const partial = static_cast<double*>(workspace);
    const SumEnd<T> end{y, divisor, partial, kept};
    const dim3 grid(grid_for(kept, 1), static_cast<unsigned>(pieces));
    launch<sum_vectorised_kernel<T, T>>(on, {grid, sum_threads}, x, n, end);
    if (pieces > 1)
        launch<sum_vectorised_kernel<double, T>>(on, {grid_for(kept, 1), sum_threads}, partial,
                                               shape_of_partials(n, pieces), end);
}

template void sum_vectorised(Gpu, const float*, float*, double, const ReduceShape&, void*);
template void sum_vectorised(Gpu, const double*, double*, double, const ReduceShape&, void*);

}  // namespace vitrine::kernels

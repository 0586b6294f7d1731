// Step 4 of the ladder: four sums in the registers of a thread, and shuffles instead of the tree.
//
//   grid    x: the sums     y: the pieces of each     block   256 threads
//
//   thread  s0 += x[t], s1 += x[t+256], s2 += x[t+512], s3 += x[t+768], s0 += x[t+1024], ...
//
// An addition waits for the one before it; four sums that know nothing of each other let four loads and additions be on
// their way at a time. block_reduce (kernels/base/gpu_reduce.h) joins 32 threads by shuffles and only the 8 warps
// through shared memory: 2 barriers instead of 10.
#include "reduce_steps.h"
#include "reduce_walk_gpu.h"
#include "vitrine/kernels/base/gpu_reduce.h"

namespace vitrine::kernels {
inline namespace VITRINE_GPU_NAMESPACE {

template <class X, class Y>
__global__ void sum_register_tiled_kernel(const X* x, ReduceShape n, SumEnd<Y> end) {
    constexpr int count = 4;
    __shared__ double part[32];
    const Range piece = sum_piece_of_block(n);
    for (std::int64_t k = blockIdx.x; k < n.kept.elements(); k += gridDim.x) {
        const X* row = x + n.kept.offset(k);
        double sums[count] = {};
        for (std::int64_t first = piece.begin + threadIdx.x; first < piece.end; first += count * sum_threads) {
            for (int i = 0; i < count; ++i) {
                const std::int64_t r = first + i * sum_threads;
                if (r < piece.end) sums[i] += static_cast<double>(row[n.reduced.offset(r)]);
            }
        }
        const double sum = block_reduce((sums[0] + sums[1]) + (sums[2] + sums[3]), 0.0, ReduceAdd{}, part);
        if (threadIdx.x == 0) end(k, sum);
    }
}

}  // namespace VITRINE_GPU_NAMESPACE

template <class T>
void sum_register_tiled(Gpu on, const T* x, T* y, double divisor, const ReduceShape& n, void* workspace) {
    const std::int64_t pieces = reduce_pieces(n), kept = n.kept.elements();
    double* const partial = static_cast<double*>(workspace);
    const SumEnd<T> end{y, divisor, partial, kept};
    const dim3 grid(grid_for(kept, 1), static_cast<unsigned>(pieces));
    launch<sum_register_tiled_kernel<T, T>>(on, {grid, sum_threads}, x, n, end);
    if (pieces > 1)
        launch<sum_register_tiled_kernel<double, T>>(on, {grid_for(kept, 1), sum_threads}, partial,
                                               shape_of_partials(n, pieces), end);
}

template void sum_register_tiled(Gpu, const float*, float*, double, const ReduceShape&, void*);
template void sum_register_tiled(Gpu, const double*, double*, double, const ReduceShape&, void*);

}  // namespace vitrine::kernels

// Step 3 of the ladder: long sums are cut into pieces, and the tree is turned round.
//
//   grid    x: the sums     y: the pieces of each     block   256 threads
//
//   row:    [ block 0: t0 ... t255 | t0 ... | block 1: t0 ... t255 | t0 ... ]
//
// With one block for a sum, a sum of everything keeps one processor of the GPU busy. Pieces (reduce_pieces, none for
// short sums) are blocks of their own; their sums go to `partial`, and a second launch adds those up. In the tree
// (kernels/base/gpu_tree.h) the first half of the threads works, then the first quarter: whole
// warps work or have nothing to do at all, and neighbours read neighbours.
#include "reduce_steps.h"
#include "reduce_walk_gpu.h"
#include "vitrine/kernels/base/gpu_reduce.h"
#include "vitrine/kernels/base/gpu_tree.h"

namespace vitrine::kernels {
inline namespace VITRINE_GPU_NAMESPACE {

template <class X, class Y>
__global__ void sum_tiled_kernel(const X* x, ReduceShape n, SumEnd<Y> end) {
    __shared__ double tree[sum_threads];
    const Range piece = sum_piece_of_block(n);
    for (std::int64_t k = blockIdx.x; k < n.kept.elements(); k += gridDim.x) {
        const X* row = x + n.kept.offset(k);
        double sum = 0;
        for (std::int64_t r = piece.begin + threadIdx.x; r < piece.end; r += sum_threads)
            sum += static_cast<double>(row[n.reduced.offset(r)]);
        sum = block_tree<sum_threads>(sum, ReduceAdd{}, tree);
        if (threadIdx.x == 0) end(k, sum);
    }
}

}  // namespace VITRINE_GPU_NAMESPACE

template <class T>
void sum_tiled(Gpu on, const T* x, T* y, double divisor, const ReduceShape& n, void* workspace) {
    const std::int64_t pieces = reduce_pieces(n), kept = n.kept.elements();
    double* const partial = static_cast<double*>(workspace);
    const SumEnd<T> end{y, divisor, partial, kept};
    const dim3 grid(grid_for(kept, 1), static_cast<unsigned>(pieces));
    launch<sum_tiled_kernel<T, T>>(on, {grid, sum_threads}, x, n, end);
    if (pieces > 1)
        launch<sum_tiled_kernel<double, T>>(on, {grid_for(kept, 1), sum_threads}, partial,
                                               shape_of_partials(n, pieces), end);
}

template void sum_tiled(Gpu, const float*, float*, double, const ReduceShape&, void*);
template void sum_tiled(Gpu, const double*, double*, double, const ReduceShape&, void*);

}  // namespace vitrine::kernels

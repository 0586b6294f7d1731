// Step 3 of the ladder: the row is read once and kept in shared memory.
//
//   grid    a block for each row     block   128 threads; thread t takes columns t, t+128, t+256, ...
//   shared  the first columns of the row, at most 4096, and a tree of 128 for the sums
//
// Of the three reads of x two become reads of shared memory, without conflicts: neighbours stand in neighbouring banks.
// Columns beyond those that are kept are read again. A thread reads nothing but what it wrote itself, so this costs no
// barrier; the trees' 18 stay.
#include "group_norm_steps.h"
#include "vitrine/kernels/base/gpu_reduce.h"
#include "vitrine/kernels/base/gpu_tree.h"
#include "vitrine/kernels/base/math.h"

namespace vitrine::kernels {
inline namespace VITRINE_GPU_NAMESPACE {

constexpr std::int64_t layer_norm_kept = 4096;  // 32 KiB of double

template <class T>
__global__ void layer_norm_tiled_kernel(LayerNormRows<T> n) {
    __shared__ T tree[layer_norm_threads];
    VITRINE_DYNAMIC_SHARED(T, row);
    for (std::int64_t r = blockIdx.x; r < n.rows; r += gridDim.x) {
        const T* xr = n.x + r * n.width;
        T* yr = n.y + r * n.width;
        const T first = xr[0], m = T(n.width);

        T sum = 0;
        for (std::int64_t k = threadIdx.x; k < n.width; k += layer_norm_threads) {
            const T v = xr[k];
            if (k < layer_norm_kept) row[k] = v;
            sum += v - first;
        }
        const T mu = first + block_tree<layer_norm_threads>(sum, ReduceAdd{}, tree) / m;
        T squares = 0;
        for (std::int64_t k = threadIdx.x; k < n.width; k += layer_norm_threads) {
            const T d = (k < layer_norm_kept ? row[k] : xr[k]) - mu;
            squares += d * d;
        }
        squares = block_tree<layer_norm_threads>(squares, ReduceAdd{}, tree);
        const T rstd = T(1 / math::sqrt(double(squares / m) + n.eps));
        if (threadIdx.x == 0) n.mean[r] = mu, n.rstd[r] = rstd;

        for (std::int64_t j = threadIdx.x; j < n.width; j += layer_norm_threads)
            yr[j] = n.result(j, j < layer_norm_kept ? row[j] : xr[j], mu, rstd);
    }
}

}  // namespace VITRINE_GPU_NAMESPACE

template <class T>
void layer_norm_tiled(Gpu on, const LayerNormRows<T>& n) {
    const std::int64_t kept = n.width < layer_norm_kept ? n.width : layer_norm_kept;
    const std::size_t bytes = static_cast<std::size_t>(kept) * sizeof(T);
    launch<layer_norm_tiled_kernel<T>>(on, {grid_for(n.rows, 1), layer_norm_threads, bytes}, n);
}

template void layer_norm_tiled(Gpu, const LayerNormRows<float>&);
template void layer_norm_tiled(Gpu, const LayerNormRows<double>&);

}  // namespace vitrine::kernels

// Step 2 of the ladder: a block for a row, so that neighbouring threads read neighbours.
//
//   grid    a block for each row     block   128 threads; thread t takes columns t, t+128, t+256, ...
//
//   row:    [ t0 t1 ... t127 | t0 t1 ... t127 | t0 ... ]
//
// A request of a warp is one run of memory: 4 pieces of 32 bytes instead of 32. The price: the threads have to agree on
// the mean and on the variance, two trees in shared memory of 9 barriers each. x still comes from global memory three
// times.
#include "group_norm_steps.h"
#include "vitrine/kernels/base/gpu_reduce.h"
#include "vitrine/kernels/base/gpu_tree.h"
#include "vitrine/kernels/base/math.h"

namespace vitrine::kernels {
inline namespace VITRINE_GPU_NAMESPACE {

template <class T>
__global__ void layer_norm_coalesced_kernel(LayerNormRows<T> n) {
    __shared__ T tree[layer_norm_threads];
    for (std::int64_t r = blockIdx.x; r < n.rows; r += gridDim.x) {
        const T* xr = n.x + r * n.width;
        T* yr = n.y + r * n.width;
        const T first = xr[0], m = T(n.width);

        T sum = 0;
        for (std::int64_t k = threadIdx.x; k < n.width; k += layer_norm_threads) sum += xr[k] - first;
        const T mu = first + block_tree<layer_norm_threads>(sum, ReduceAdd{}, tree) / m;
        T squares = 0;
        for (std::int64_t k = threadIdx.x; k < n.width; k += layer_norm_threads) squares += (xr[k] - mu) * (xr[k] - mu);
        squares = block_tree<layer_norm_threads>(squares, ReduceAdd{}, tree);
        const T rstd = T(1 / math::sqrt(double(squares / m) + n.eps));
        if (threadIdx.x == 0) n.mean[r] = mu, n.rstd[r] = rstd;

        for (std::int64_t j = threadIdx.x; j < n.width; j += layer_norm_threads) yr[j] = n.result(j, xr[j], mu, rstd);
    }
}

}  // namespace VITRINE_GPU_NAMESPACE

template <class T>
void layer_norm_coalesced(Gpu on, const LayerNormRows<T>& n) {
    launch<layer_norm_coalesced_kernel<T>>(on, {grid_for(n.rows, 1), layer_norm_threads}, n);
}

template void layer_norm_coalesced(Gpu, const LayerNormRows<float>&);
template void layer_norm_coalesced(Gpu, const LayerNormRows<double>&);

}  // namespace vitrine::kernels

// Step 4 of the ladder: what a thread has read stays in its registers, and shuffles join the threads' sums.
//
//   grid    a block for each row     block   128 threads; thread t takes columns t, t+128, t+256, ...
//   thread  the first 8 of its columns in registers: rows of up to 1024 are read once
//
// The step before wrote each number to shared memory for the same thread to read it back; a register does that for
// nothing. block_reduce (kernels/base/gpu_reduce.h) joins 32 threads by shuffles and only the 4 warps through shared
// memory: 2 barriers a sum instead of 9.
#include "group_norm_steps.h"
#include "vitrine/kernels/base/gpu_reduce.h"
#include "vitrine/kernels/base/math.h"

namespace vitrine::kernels {
inline namespace VITRINE_GPU_NAMESPACE {

template <class T>
__global__ void layer_norm_register_tiled_kernel(LayerNormRows<T> n) {
    constexpr int count = 8;
    constexpr std::int64_t kept = count * layer_norm_threads;
    __shared__ T part[32];
    for (std::int64_t r = blockIdx.x; r < n.rows; r += gridDim.x) {
        const T* xr = n.x + r * n.width;
        T* yr = n.y + r * n.width;
        const T first = xr[0], m = T(n.width);
        const std::int64_t t = threadIdx.x;

        T own[count], sum = 0;
        for (int i = 0; i < count; ++i) {
            const std::int64_t k = t + i * layer_norm_threads;
            own[i] = k < n.width ? xr[k] : first;  // first adds nothing to the sum
            sum += own[i] - first;
        }
        for (std::int64_t k = t + kept; k < n.width; k += layer_norm_threads) sum += xr[k] - first;
        const T mu = first + block_reduce(sum, T(0), ReduceAdd{}, part) / m;

        T squares = 0;
        for (int i = 0; i < count; ++i)
            if (t + i * layer_norm_threads < n.width) squares += (own[i] - mu) * (own[i] - mu);
        for (std::int64_t k = t + kept; k < n.width; k += layer_norm_threads) squares += (xr[k] - mu) * (xr[k] - mu);
        squares = block_reduce(squares, T(0), ReduceAdd{}, part);
        const T rstd = T(1 / math::sqrt(double(squares / m) + n.eps));
        if (t == 0) n.mean[r] = mu, n.rstd[r] = rstd;

        for (int i = 0; i < count; ++i) {
            const std::int64_t j = t + i * layer_norm_threads;
            if (j < n.width) yr[j] = n.result(j, own[i], mu, rstd);
        }
        for (std::int64_t j = t + kept; j < n.width; j += layer_norm_threads) yr[j] = n.result(j, xr[j], mu, rstd);
    }
}

}  // namespace VITRINE_GPU_NAMESPACE

template <class T>
void layer_norm_register_tiled(Gpu on, const LayerNormRows<T>& n) {
    launch<layer_norm_register_tiled_kernel<T>>(on, {grid_for(n.rows, 1), layer_norm_threads}, n);
}

template void layer_norm_register_tiled(Gpu, const LayerNormRows<float>&);
template void layer_norm_register_tiled(Gpu, const LayerNormRows<double>&);

}  // namespace vitrine::kernels

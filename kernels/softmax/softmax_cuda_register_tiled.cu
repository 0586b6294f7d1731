// Step 4 of the ladder: what a thread has read stays in its registers, and shuffles join what the threads found.
//
//   grid    a block for each row     block   128 threads; thread t takes columns t, t+128, t+256, ...
//   thread  the first 8 of its columns in registers: rows of up to 1024 are read once
//
// The step before wrote each number to shared memory for the same thread to read it back; a register does that for
// nothing. block_reduce (kernels/base/gpu_reduce.h) joins 32 threads by shuffles and only the 4 warps through shared
// memory: 2 barriers instead of 9, and next to no requests to shared memory.
#include "softmax_steps.h"
#include "vitrine/kernels/base/gpu_reduce.h"
#include "vitrine/kernels/base/math.h"

namespace vitrine::kernels {
inline namespace VITRINE_GPU_NAMESPACE {

template <bool log, class T>
__global__ void softmax_register_tiled_kernel(const T* x, T* y, SoftmaxShape n) {
    constexpr int count = 8;
    constexpr std::int64_t kept = count * softmax_threads;
    __shared__ T part[32];
    for (std::int64_t r = blockIdx.x; r < n.outer * n.inner; r += gridDim.x) {
        const T* xr = x + softmax_row(n, r);
        T* yr = y + softmax_row(n, r);
        const std::int64_t first = threadIdx.x;

        T own[count], m = T(-INFINITY);
        for (int i = 0; i < count; ++i) {
            const std::int64_t k = first + i * softmax_threads;
            own[i] = k < n.cols ? xr[k * n.inner] : T(-INFINITY);
            m = ReduceMax{}(m, own[i]);
        }
        for (std::int64_t k = first + kept; k < n.cols; k += softmax_threads) m = ReduceMax{}(m, xr[k * n.inner]);
        m = block_reduce(m, T(-INFINITY), ReduceMax{}, part);

        T sum = 0;
        for (int i = 0; i < count; ++i) {
            const T shifted = own[i] - m, e = math::exp(shifted);
            own[i] = log ? shifted : e;
            if (first + i * softmax_threads < n.cols) sum += e;
        }
        for (std::int64_t k = first + kept; k < n.cols; k += softmax_threads) sum += math::exp(xr[k * n.inner] - m);
        sum = block_reduce(sum, T(0), ReduceAdd{}, part);

        const T log_sum = log ? math::log(sum) : T(0);
        for (int i = 0; i < count; ++i) {
            const std::int64_t j = first + i * softmax_threads;
            if (j < n.cols) yr[j * n.inner] = log ? own[i] - log_sum : own[i] / sum;
        }
        for (std::int64_t j = first + kept; j < n.cols; j += softmax_threads) {
            const T shifted = xr[j * n.inner] - m;
            yr[j * n.inner] = log ? shifted - log_sum : math::exp(shifted) / sum;
        }
    }
}

}  // namespace VITRINE_GPU_NAMESPACE

template <bool log, class T>
void softmax_register_tiled(Gpu on, const T* x, T* y, SoftmaxShape n) {
    launch<softmax_register_tiled_kernel<log, T>>(on, {grid_for(n.outer * n.inner, 1), softmax_threads}, x, y, n);
}

template void softmax_register_tiled<false>(Gpu, const float*, float*, SoftmaxShape);
template void softmax_register_tiled<false>(Gpu, const double*, double*, SoftmaxShape);
template void softmax_register_tiled<true>(Gpu, const float*, float*, SoftmaxShape);
template void softmax_register_tiled<true>(Gpu, const double*, double*, SoftmaxShape);

}  // namespace vitrine::kernels

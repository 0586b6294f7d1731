// Step 1 of the ladder: a thread for a row, the three loops of the formula as they stand.
//
//   grid    all rows / 128     block   128 threads; thread t of block b takes row 128 b + t
//
//   row 0:  [ t0 t0 t0 ... ]          What the threads of a warp read at the same time lies a whole row apart:
//   row 1:  [ t1 t1 t1 ... ]          one request for 32 numbers touches 32 pieces of memory, and 7 of 8 bytes
//   row 2:  [ t2 t2 t2 ... ]          that arrive are thrown away. Few rows also mean few threads.
#include "softmax_steps.h"
#include "vitrine/kernels/base/gpu_reduce.h"
#include "vitrine/kernels/base/math.h"

namespace vitrine::kernels {
inline namespace VITRINE_GPU_NAMESPACE {

template <bool log, class T>
__global__ void softmax_naive_kernel(const T* x, T* y, SoftmaxShape n) {
    const std::int64_t rows = n.outer * n.inner, step = std::int64_t(gridDim.x) * softmax_threads;
    for (std::int64_t r = std::int64_t(blockIdx.x) * softmax_threads + threadIdx.x; r < rows; r += step) {
        const T* xr = x + softmax_row(n, r);
        T* yr = y + softmax_row(n, r);

        T m = T(-INFINITY);
        for (std::int64_t k = 0; k < n.cols; ++k) m = ReduceMax{}(m, xr[k * n.inner]);
        T sum = 0;
        for (std::int64_t k = 0; k < n.cols; ++k) sum += math::exp(xr[k * n.inner] - m);
        const T log_sum = log ? math::log(sum) : T(0);
        for (std::int64_t j = 0; j < n.cols; ++j)
            yr[j * n.inner] = log ? xr[j * n.inner] - m - log_sum : math::exp(xr[j * n.inner] - m) / sum;
    }
}

}  // namespace VITRINE_GPU_NAMESPACE

template <bool log, class T>
void softmax_naive(Gpu on, const T* x, T* y, SoftmaxShape n) {
    launch<softmax_naive_kernel<log, T>>(on, {grid_for(n.outer * n.inner, softmax_threads), softmax_threads}, x, y, n);
}

template void softmax_naive<false>(Gpu, const float*, float*, SoftmaxShape);
template void softmax_naive<false>(Gpu, const double*, double*, SoftmaxShape);
template void softmax_naive<true>(Gpu, const float*, float*, SoftmaxShape);
template void softmax_naive<true>(Gpu, const double*, double*, SoftmaxShape);

}  // namespace vitrine::kernels

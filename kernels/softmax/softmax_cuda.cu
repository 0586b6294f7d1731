// inner == 1, rows side by side:
//
//   grid    one block per row          block   128 threads; thread t takes columns t, t+128, t+256, ...
//
//   row:    [ t0 t1 ... t127 | t0 t1 ... t127 | t0 ... ]      neighbours read neighbours: coalesced
//
//           Each thread folds its columns; block_reduce joins the 128 partial results (shuffles in a warp, shared memory
//           across warps). The 2nd and 3rd read of x usually hit the L2 cache.
//
// inner > 1, rows across:
//
//   grid    all rows / 128             block   128 threads, a row each; rows i and i+1 are neighbours in memory
#include "softmax_steps.h"
#include "vitrine/kernels/base/gpu.h"
#include "vitrine/kernels/base/gpu_reduce.h"
#include "vitrine/kernels/base/math.h"

namespace vitrine::kernels {
inline namespace VITRINE_GPU_NAMESPACE {

constexpr int threads = 128;

// ---- a block for a row

template <bool log, class T>
__global__ void softmax_forward_kernel(const T* x, T* y, std::int64_t rows, std::int64_t cols) {
    __shared__ T part[32];
    for (std::int64_t r = blockIdx.x; r < rows; r += gridDim.x) {
        const T* xr = x + r * cols;
        T* yr = y + r * cols;

        T m = T(-INFINITY);
        for (std::int64_t k = threadIdx.x; k < cols; k += threads) m = ReduceMax{}(m, xr[k]);
        m = block_reduce(m, T(-INFINITY), ReduceMax{}, part);

        T sum = 0;
        for (std::int64_t k = threadIdx.x; k < cols; k += threads) sum += math::exp(xr[k] - m);
        sum = block_reduce(sum, T(0), ReduceAdd{}, part);

        const T log_sum = log ? math::log(sum) : T(0);
        for (std::int64_t j = threadIdx.x; j < cols; j += threads)
            yr[j] = log ? xr[j] - m - log_sum : math::exp(xr[j] - m) / sum;
    }
}

template <bool log, class T>
__global__ void softmax_backward_kernel(const T* y, const T* dy, T* dx, std::int64_t rows, std::int64_t cols) {
    __shared__ T part[32];
    for (std::int64_t r = blockIdx.x; r < rows; r += gridDim.x) {
        const T *yr = y + r * cols, *dyr = dy + r * cols;
        T* dxr = dx + r * cols;

        T sum = 0;
        for (std::int64_t k = threadIdx.x; k < cols; k += threads) sum += log ? dyr[k] : dyr[k] * yr[k];
        sum = block_reduce(sum, T(0), ReduceAdd{}, part);

        for (std::int64_t j = threadIdx.x; j < cols; j += threads)
            dxr[j] = log ? dyr[j] - math::exp(yr[j]) * sum : yr[j] * (dyr[j] - sum);
    }
}

// ---- a thread for a row

template <bool log, class T>
__global__ void softmax_forward_across_kernel(const T* x, T* y, SoftmaxShape n) {
    const std::int64_t rows = n.outer * n.inner, step = std::int64_t(gridDim.x) * threads;
    for (std::int64_t r = std::int64_t(blockIdx.x) * threads + threadIdx.x; r < rows; r += step) {
        const std::int64_t start = r / n.inner * n.cols * n.inner + r % n.inner;
        const T* xr = x + start;
        T* yr = y + start;

        T m = T(-INFINITY);
        for (std::int64_t k = 0; k < n.cols; ++k) m = ReduceMax{}(m, xr[k * n.inner]);
        T sum = 0;
        for (std::int64_t k = 0; k < n.cols; ++k) sum += math::exp(xr[k * n.inner] - m);
        const T log_sum = log ? math::log(sum) : T(0);
        for (std::int64_t j = 0; j < n.cols; ++j)
            yr[j * n.inner] = log ? xr[j * n.inner] - m - log_sum : math::exp(xr[j * n.inner] - m) / sum;
    }
}

template <bool log, class T>
__global__ void softmax_backward_across_kernel(const T* y, const T* dy, T* dx, SoftmaxShape n) {
    const std::int64_t rows = n.outer * n.inner, step = std::int64_t(gridDim.x) * threads;
    for (std::int64_t r = std::int64_t(blockIdx.x) * threads + threadIdx.x; r < rows; r += step) {
        const std::int64_t start = r / n.inner * n.cols * n.inner + r % n.inner;
        const T *yr = y + start, *dyr = dy + start;
        T* dxr = dx + start;

        T sum = 0;
        for (std::int64_t k = 0; k < n.cols; ++k) sum += log ? dyr[k * n.inner] : dyr[k * n.inner] * yr[k * n.inner];
        for (std::int64_t j = 0; j < n.cols; ++j) {
            const T dyj = dyr[j * n.inner], yj = yr[j * n.inner];
            dxr[j * n.inner] = log ? dyj - math::exp(yj) * sum : yj * (dyj - sum);
        }
    }
}

}  // namespace VITRINE_GPU_NAMESPACE

template <class T>
void softmax_forward(Gpu on, const T* x, T* y, SoftmaxShape n) {
    if (n.step != KernelStep::automatic) softmax_step<false>(on, x, y, n);
    else if (n.inner == 1)
        launch<softmax_forward_kernel<false, T>>(on, {grid_for(n.outer, 1), threads}, x, y, n.outer, n.cols);
    else
        launch<softmax_forward_across_kernel<false, T>>(on, {grid_for(n.outer * n.inner, threads), threads}, x, y, n);
}

template <class T>
void softmax_backward(Gpu on, const T* y, const T* dy, T* dx, SoftmaxShape n) {
    if (n.inner == 1)
        launch<softmax_backward_kernel<false, T>>(on, {grid_for(n.outer, 1), threads}, y, dy, dx, n.outer, n.cols);
    else
        launch<softmax_backward_across_kernel<false, T>>(on, {grid_for(n.outer * n.inner, threads), threads}, y, dy, dx, n);
}

template <class T>
void log_softmax_forward(Gpu on, const T* x, T* y, SoftmaxShape n) {
    if (n.step != KernelStep::automatic) softmax_step<true>(on, x, y, n);
    else if (n.inner == 1)
        launch<softmax_forward_kernel<true, T>>(on, {grid_for(n.outer, 1), threads}, x, y, n.outer, n.cols);
    else
        launch<softmax_forward_across_kernel<true, T>>(on, {grid_for(n.outer * n.inner, threads), threads}, x, y, n);
}

template <class T>
void log_softmax_backward(Gpu on, const T* y, const T* dy, T* dx, SoftmaxShape n) {
    if (n.inner == 1)
        launch<softmax_backward_kernel<true, T>>(on, {grid_for(n.outer, 1), threads}, y, dy, dx, n.outer, n.cols);
    else
        launch<softmax_backward_across_kernel<true, T>>(on, {grid_for(n.outer * n.inner, threads), threads}, y, dy, dx, n);
}

template void softmax_forward(Gpu, const float*, float*, SoftmaxShape);
template void softmax_forward(Gpu, const double*, double*, SoftmaxShape);
template void softmax_backward(Gpu, const float*, const float*, float*, SoftmaxShape);
template void softmax_backward(Gpu, const double*, const double*, double*, SoftmaxShape);
template void log_softmax_forward(Gpu, const float*, float*, SoftmaxShape);
template void log_softmax_forward(Gpu, const double*, double*, SoftmaxShape);
template void log_softmax_backward(Gpu, const float*, const float*, float*, SoftmaxShape);
template void log_softmax_backward(Gpu, const double*, const double*, double*, SoftmaxShape);

}  // namespace vitrine::kernels

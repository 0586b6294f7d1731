// grid    n / 256 blocks             block   256 threads, an element each
#include "cube.h"
#include "vitrine/kernels/base/gpu.h"

namespace consumer {
inline namespace VITRINE_GPU_NAMESPACE {

constexpr int threads = 256;

template <class T>
__global__ void cube_forward_kernel(const T* x, T* y, std::int64_t n) {
    const std::int64_t i = std::int64_t(blockIdx.x) * threads + threadIdx.x;
    if (i < n) y[i] = x[i] * x[i] * x[i];
}

template <class T>
__global__ void cube_backward_kernel(const T* x, const T* dy, T* dx, std::int64_t n) {
    const std::int64_t i = std::int64_t(blockIdx.x) * threads + threadIdx.x;
    if (i < n) dx[i] = 3 * x[i] * x[i] * dy[i];
}

}  // namespace VITRINE_GPU_NAMESPACE

using vitrine::kernels::Gpu, vitrine::kernels::grid_for, vitrine::kernels::launch;

template <class T>
void cube_forward(Gpu on, const T* x, T* y, std::int64_t n) {
    launch<cube_forward_kernel<T>>(on, {grid_for(n, threads), threads}, x, y, n);
}

template <class T>
void cube_backward(Gpu on, const T* x, const T* dy, T* dx, std::int64_t n) {
    launch<cube_backward_kernel<T>>(on, {grid_for(n, threads), threads}, x, dy, dx, n);
}

template void cube_forward(Gpu, const float*, float*, std::int64_t);
template void cube_forward(Gpu, const double*, double*, std::int64_t);
template void cube_backward(Gpu, const float*, const float*, float*, std::int64_t);
template void cube_backward(Gpu, const double*, const double*, double*, std::int64_t);

}  // namespace consumer

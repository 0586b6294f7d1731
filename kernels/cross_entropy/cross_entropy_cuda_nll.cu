// The negative log likelihood alone on a GPU.
//
// forward    rows / 256 blocks of 256 threads, a row each
// backward   rows x classes / 256 blocks of 256 threads, an element of dx each
#include "cross_entropy.h"
#include "vitrine/kernels/base/gpu.h"

namespace vitrine::kernels {
inline namespace VITRINE_GPU_NAMESPACE {

constexpr int nll_threads = 256;

template <class T>
__global__ void nll_forward_kernel(const T* x, const std::int64_t* t, const T* w, T* loss, CrossEntropyShape n) {
    const std::int64_t step = std::int64_t(gridDim.x) * blockDim.x;
    for (std::int64_t i = std::int64_t(blockIdx.x) * blockDim.x + threadIdx.x; i < n.rows; i += step)
        loss[i] = t[i] == n.ignored ? T(0) : -(w ? w[t[i]] : T(1)) * x[i * n.classes + t[i]];
}

template <class T>
__global__ void nll_backward_kernel(const std::int64_t* t, const T* w, const T* dy, const T* scale, T* dx, CrossEntropyShape n) {
    const std::int64_t step = std::int64_t(gridDim.x) * blockDim.x;
    for (std::int64_t at = std::int64_t(blockIdx.x) * blockDim.x + threadIdx.x; at < n.rows * n.classes; at += step) {
        const std::int64_t i = at / n.classes, c = at % n.classes;
        const T g = scale ? dy[0] * scale[0] : dy[i];
        dx[at] = c == t[i] && t[i] != n.ignored ? -(w ? w[c] : T(1)) * g : T(0);
    }
}

}  // namespace VITRINE_GPU_NAMESPACE

template <class T>
void nll_forward(Gpu on, const T* x, const std::int64_t* t, const T* w, T* loss, CrossEntropyShape n) {
    launch<nll_forward_kernel<T>>(on, {grid_for(n.rows, nll_threads), nll_threads}, x, t, w, loss, n);
}

template <class T>
void nll_backward(Gpu on, const std::int64_t* t, const T* w, const T* dy, const T* scale, T* dx, CrossEntropyShape n) {
    launch<nll_backward_kernel<T>>(on, {grid_for(n.rows * n.classes, nll_threads), nll_threads}, t, w, dy, scale, dx, n);
}

template void nll_forward(Gpu, const float*, const std::int64_t*, const float*, float*, CrossEntropyShape);
template void nll_forward(Gpu, const double*, const std::int64_t*, const double*, double*, CrossEntropyShape);
template void nll_backward(Gpu, const std::int64_t*, const float*, const float*, const float*, float*, CrossEntropyShape);
template void nll_backward(Gpu, const std::int64_t*, const double*, const double*, const double*, double*, CrossEntropyShape);

}  // namespace vitrine::kernels

// grid    elements / 256 blocks       block   256 threads, an element of y, or (backward) of x, each
//
//         thread i: channel i % C of pixel i / C, so that the threads of a warp read and write neighbours
#include "upsample.h"
#include "vitrine/kernels/base/gpu.h"

namespace vitrine::kernels {
inline namespace VITRINE_GPU_NAMESPACE {

constexpr int upsample_threads = 256;

template <class T>
__global__ void upsample_forward_kernel(const T* x, T* y, UpsampleShape n) {
    const std::int64_t i = std::int64_t(blockIdx.x) * upsample_threads + threadIdx.x;
    if (i >= n.y_size()) return;
    const std::int64_t pixel = i / n.channels, row = pixel / n.w.out;
    const std::int64_t h = row / n.h.out * n.h.in + n.h.source(row % n.h.out), w = n.w.source(pixel % n.w.out);
    y[i] = x[(h * n.w.in + w) * n.channels + i % n.channels];
}

template <class T>
__global__ void upsample_backward_kernel(const T* dy, T* dx, UpsampleShape n) {
    const std::int64_t i = std::int64_t(blockIdx.x) * upsample_threads + threadIdx.x;
    if (i >= n.x_size()) return;
    const std::int64_t c = i % n.channels, pixel = i / n.channels, w = pixel % n.w.in;
    const std::int64_t h = pixel / n.w.in % n.h.in, image = pixel / n.w.in / n.h.in * n.h.out;

    T sum = 0;
    for (std::int64_t p = n.h.first(h); p < n.h.first(h + 1); ++p)
        for (std::int64_t q = n.w.first(w); q < n.w.first(w + 1); ++q)
            sum += dy[((image + p) * n.w.out + q) * n.channels + c];
    dx[i] = sum;
}

}  // namespace VITRINE_GPU_NAMESPACE

template <class T>
void upsample_nearest_forward(Gpu on, const T* x, T* y, const UpsampleShape& n) {
    launch<upsample_forward_kernel<T>>(on, {grid_for(n.y_size(), upsample_threads), upsample_threads}, x, y, n);
}

template <class T>
void upsample_nearest_backward(Gpu on, const T* dy, T* dx, const UpsampleShape& n) {
    launch<upsample_backward_kernel<T>>(on, {grid_for(n.x_size(), upsample_threads), upsample_threads}, dy, dx, n);
}

template void upsample_nearest_forward(Gpu, const float*, float*, const UpsampleShape&);
template void upsample_nearest_forward(Gpu, const double*, double*, const UpsampleShape&);
template void upsample_nearest_backward(Gpu, const float*, float*, const UpsampleShape&);
template void upsample_nearest_backward(Gpu, const double*, double*, const UpsampleShape&);

}  // namespace vitrine::kernels

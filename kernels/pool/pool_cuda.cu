// grid    elements / 256 blocks       block   256 threads, an element of y, or (backward) of x, each
//
//         thread i: channel i % C of pixel i / C, so that the threads of a warp read and write neighbours
#include "pool.h"
#include "vitrine/kernels/base/gpu.h"

namespace vitrine::kernels {
inline namespace VITRINE_GPU_NAMESPACE {

constexpr int pool_threads = 256;

/// The pixel and channel that a thread does, in an image of height x width pixels.
struct PoolPixel {
    std::int64_t c, w, h, image;
};
inline __device__ PoolPixel pool_pixel(std::int64_t i, std::int64_t channels, std::int64_t width, std::int64_t height) {
    const std::int64_t pixel = i / channels, row = pixel / width;
    return {i % channels, pixel % width, row % height, row / height};
}

template <class T>
__global__ void max_pool_forward_kernel(const T* x, T* y, std::int32_t* index, PoolShape n) {
    const std::int64_t i = std::int64_t(blockIdx.x) * pool_threads + threadIdx.x;
    if (i >= n.y_size()) return;
    const PoolPixel o = pool_pixel(i, n.channels, n.w.out, n.h.out);
    const T* image = x + o.image * n.h.in * n.w.in * n.channels + o.c;
    const std::int64_t h_begin = n.h.begin(o.h), h_end = n.h.end(o.h), w_begin = n.w.begin(o.w), w_end = n.w.end(o.w);

    T best = T(-INFINITY);
    std::int64_t at = h_begin < h_end && w_begin < w_end ? h_begin * n.w.in + w_begin : -1;
    for (std::int64_t h = h_begin; h < h_end; h += n.h.dilation) {
        for (std::int64_t w = w_begin; w < w_end; w += n.w.dilation) {
            const T v = image[(h * n.w.in + w) * n.channels];
            if (v > best || v != v) best = v, at = h * n.w.in + w;
        }
    }
    y[i] = best;
    if (index) index[i] = static_cast<std::int32_t>(at);
}

template <class T>
__global__ void max_pool_backward_kernel(const std::int32_t* index, const T* dy, T* dx, PoolShape n) {
    const std::int64_t i = std::int64_t(blockIdx.x) * pool_threads + threadIdx.x;
    if (i >= n.x_size()) return;
    const PoolPixel p = pool_pixel(i, n.channels, n.w.in, n.h.in);
    const auto at = static_cast<std::int32_t>(p.h * n.w.in + p.w);

    T sum = 0;
    for (std::int64_t oh = n.h.windows_begin(p.h); oh < n.h.windows_end(p.h); ++oh) {
        for (std::int64_t ow = n.w.windows_begin(p.w); ow < n.w.windows_end(p.w); ++ow) {
            const std::int64_t o = ((p.image * n.h.out + oh) * n.w.out + ow) * n.channels + p.c;
            if (index[o] == at) sum += dy[o];
        }
    }
    dx[i] = sum;
}

template <class T>
__global__ void max_pool_gather_kernel(const T* x, const std::int32_t* index, T* y, PoolShape n) {
    const std::int64_t i = std::int64_t(blockIdx.x) * pool_threads + threadIdx.x;
    if (i >= n.y_size()) return;
    const PoolPixel o = pool_pixel(i, n.channels, n.w.out, n.h.out);
    y[i] = index[i] < 0 ? T(0) : x[(o.image * n.h.in * n.w.in + index[i]) * n.channels + o.c];
}

template <class T>
__global__ void average_pool_forward_kernel(const T* x, T* y, PoolShape n) {
    const std::int64_t i = std::int64_t(blockIdx.x) * pool_threads + threadIdx.x;
    if (i >= n.y_size()) return;
    const PoolPixel o = pool_pixel(i, n.channels, n.w.out, n.h.out);
    const T* image = x + o.image * n.h.in * n.w.in * n.channels + o.c;

    T sum = 0;
    for (std::int64_t h = n.h.begin(o.h); h < n.h.end(o.h); ++h) {
        T line = 0;
        for (std::int64_t w = n.w.begin(o.w); w < n.w.end(o.w); ++w) line += image[(h * n.w.in + w) * n.channels];
        sum += line;
    }
    y[i] = sum * (T(1) / T(n.h.count(o.h) * n.w.count(o.w)));
}

template <class T>
__global__ void average_pool_backward_kernel(const T* dy, T* dx, PoolShape n) {
    const std::int64_t i = std::int64_t(blockIdx.x) * pool_threads + threadIdx.x;
    if (i >= n.x_size()) return;
    const PoolPixel p = pool_pixel(i, n.channels, n.w.in, n.h.in);

    T sum = 0;
    for (std::int64_t oh = n.h.windows_begin(p.h); oh < n.h.windows_end(p.h); ++oh)
        for (std::int64_t ow = n.w.windows_begin(p.w); ow < n.w.windows_end(p.w); ++ow)
            sum += dy[((p.image * n.h.out + oh) * n.w.out + ow) * n.channels + p.c] *
                   (T(1) / T(n.h.count(oh) * n.w.count(ow)));
    dx[i] = sum;
}

inline Launch pool_launch(std::int64_t size) { return {grid_for(size, pool_threads), pool_threads}; }

}  // namespace VITRINE_GPU_NAMESPACE

template <class T>
void max_pool_forward(Gpu on, const T* x, T* y, std::int32_t* index, const PoolShape& n) {
    launch<max_pool_forward_kernel<T>>(on, pool_launch(n.y_size()), x, y, index, n);
}

template <class T>
void max_pool_backward(Gpu on, const std::int32_t* index, const T* dy, T* dx, const PoolShape& n) {
    launch<max_pool_backward_kernel<T>>(on, pool_launch(n.x_size()), index, dy, dx, n);
}

template <class T>
void max_pool_gather(Gpu on, const T* x, const std::int32_t* index, T* y, const PoolShape& n) {
    launch<max_pool_gather_kernel<T>>(on, pool_launch(n.y_size()), x, index, y, n);
}

template <class T>
void average_pool_forward(Gpu on, const T* x, T* y, const PoolShape& n) {
    launch<average_pool_forward_kernel<T>>(on, pool_launch(n.y_size()), x, y, n);
}

template <class T>
void average_pool_backward(Gpu on, const T* dy, T* dx, const PoolShape& n) {
    launch<average_pool_backward_kernel<T>>(on, pool_launch(n.x_size()), dy, dx, n);
}

template void max_pool_forward(Gpu, const float*, float*, std::int32_t*, const PoolShape&);
template void max_pool_forward(Gpu, const double*, double*, std::int32_t*, const PoolShape&);
template void max_pool_backward(Gpu, const std::int32_t*, const float*, float*, const PoolShape&);
template void max_pool_backward(Gpu, const std::int32_t*, const double*, double*, const PoolShape&);
template void max_pool_gather(Gpu, const float*, const std::int32_t*, float*, const PoolShape&);
template void max_pool_gather(Gpu, const double*, const std::int32_t*, double*, const PoolShape&);
template void average_pool_forward(Gpu, const float*, float*, const PoolShape&);
template void average_pool_forward(Gpu, const double*, double*, const PoolShape&);
template void average_pool_backward(Gpu, const float*, float*, const PoolShape&);
template void average_pool_backward(Gpu, const double*, double*, const PoolShape&);

}  // namespace vitrine::kernels

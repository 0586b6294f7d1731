// pad        grid    one block per 1024 elements of y
//            block   256 threads; thread t takes elements t, t+256, t+512, t+768 of its block's
//
// pad_fold   grid    elements of dx / 256      block   256 threads, an element each, its terms one after the other
#include "pad.h"
#include "vitrine/kernels/base/gpu.h"

namespace vitrine::kernels {
inline namespace VITRINE_GPU_NAMESPACE {

constexpr int pad_threads = 256, pad_per_thread = 4;

template <class T>
__global__ void pad_kernel(const T* x, T value, T* y, PadShape shape) {
    const std::int64_t first = std::int64_t(blockIdx.x) * (pad_threads * pad_per_thread) + threadIdx.x;
    for (std::int64_t i = first; i < first + pad_threads * pad_per_thread && i < shape.count; i += pad_threads) {
        const std::int64_t source = shape.source(i);
        y[i] = source < 0 ? value : x[source];
    }
}

template <class T>
__global__ void pad_fold_kernel(const T* dy, T* dx, PadFold n) {
    const std::int64_t i = std::int64_t(blockIdx.x) * pad_threads + threadIdx.x;
    if (i >= n.outer * n.n * n.inner) return;
    const std::int64_t c = i % n.inner, row = i / n.inner, m = n.left + n.n + n.right;
    dx[i] = pad_fold_sum(dy + row / n.n * m * n.inner + c, row % n.n, n);
}

}  // namespace VITRINE_GPU_NAMESPACE

template <class T>
void pad(Gpu on, const T* x, T value, T* y, const PadShape& shape) {
    launch<pad_kernel<T>>(on, {grid_for(shape.count, pad_threads * pad_per_thread), pad_threads}, x, value, y, shape);
}

template <class T>
void pad_fold(Gpu on, const T* dy, T* dx, const PadFold& n) {
    launch<pad_fold_kernel<T>>(on, {grid_for(n.outer * n.n * n.inner, pad_threads), pad_threads}, dy, dx, n);
}

template void pad(Gpu, const float*, float, float*, const PadShape&);
template void pad(Gpu, const double*, double, double*, const PadShape&);
template void pad(Gpu, const std::int32_t*, std::int32_t, std::int32_t*, const PadShape&);
template void pad(Gpu, const std::int64_t*, std::int64_t, std::int64_t*, const PadShape&);
template void pad(Gpu, const std::uint8_t*, std::uint8_t, std::uint8_t*, const PadShape&);
template void pad(Gpu, const bool*, bool, bool*, const PadShape&);
template void pad(Gpu, const bf16*, bf16, bf16*, const PadShape&);
template void pad(Gpu, const f16*, f16, f16*, const PadShape&);

template void pad_fold(Gpu, const float*, float*, const PadFold&);
template void pad_fold(Gpu, const double*, double*, const PadFold&);

}  // namespace vitrine::kernels

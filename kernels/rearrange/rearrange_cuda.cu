// grid    one block per 1024 elements of y
// block   256 threads; thread t takes elements t, t+256, t+512, t+768 of its block's
#include "rearrange.h"
#include "vitrine/kernels/base/gpu.h"

namespace vitrine::kernels {
inline namespace VITRINE_GPU_NAMESPACE {

constexpr int rearrange_threads = 256, rearrange_per_thread = 4;

template <class T>
__global__ void rearrange_kernel(const T* x, T* y, RearrangeShape shape) {
    constexpr int per_block = rearrange_threads * rearrange_per_thread;
    const std::int64_t first = std::int64_t(blockIdx.x) * per_block + threadIdx.x;
    for (std::int64_t i = first; i < first + per_block && i < shape.count; i += rearrange_threads)
        y[i] = x[shape.source(i)];
}

}  // namespace VITRINE_GPU_NAMESPACE

template <class T>
void rearrange(Gpu on, const T* x, T* y, const RearrangeShape& shape) {
    launch<rearrange_kernel<T>>(on, {grid_for(shape.count, rearrange_threads * rearrange_per_thread), rearrange_threads},
                                x, y, shape);
}

template void rearrange(Gpu, const float*, float*, const RearrangeShape&);
template void rearrange(Gpu, const double*, double*, const RearrangeShape&);
template void rearrange(Gpu, const std::int32_t*, std::int32_t*, const RearrangeShape&);
template void rearrange(Gpu, const std::int64_t*, std::int64_t*, const RearrangeShape&);
template void rearrange(Gpu, const std::uint8_t*, std::uint8_t*, const RearrangeShape&);
template void rearrange(Gpu, const bool*, bool*, const RearrangeShape&);
template void rearrange(Gpu, const bf16*, bf16*, const RearrangeShape&);
template void rearrange(Gpu, const f16*, f16*, const RearrangeShape&);

}  // namespace vitrine::kernels

// grid    one block per 1024 elements
// block   256 threads; thread t takes elements t, t+256, t+512, t+768 of its block's
#include "triangle.h"
#include "vitrine/kernels/base/gpu.h"

namespace vitrine::kernels {
inline namespace VITRINE_GPU_NAMESPACE {

constexpr int triangle_threads = 256, triangle_per_thread = 4;

template <class T>
__global__ void triangle_kernel(const T* x, T* y, TriangleShape n) {
    constexpr int per_block = triangle_threads * triangle_per_thread;
    const std::int64_t count = n.batch * n.rows * n.cols;
    const std::int64_t first = std::int64_t(blockIdx.x) * per_block + threadIdx.x;
    for (std::int64_t e = first; e < first + per_block && e < count; e += triangle_threads) {
        const std::int64_t row = e / n.cols, i = row % n.rows, j = e - row * n.cols;
        const bool kept = n.upper ? j >= i + n.diagonal : j <= i + n.diagonal;
        y[e] = kept ? x[e] : static_cast<T>(0);
    }
}

}  // namespace VITRINE_GPU_NAMESPACE

template <class T>
void triangle(Gpu on, const T* x, T* y, TriangleShape n) {
    const std::int64_t count = n.batch * n.rows * n.cols;
    launch<triangle_kernel<T>>(on, {grid_for(count, triangle_threads * triangle_per_thread), triangle_threads}, x, y, n);
}

template void triangle(Gpu, const float*, float*, TriangleShape);
template void triangle(Gpu, const double*, double*, TriangleShape);
template void triangle(Gpu, const std::int32_t*, std::int32_t*, TriangleShape);
template void triangle(Gpu, const std::int64_t*, std::int64_t*, TriangleShape);
template void triangle(Gpu, const std::uint8_t*, std::uint8_t*, TriangleShape);
template void triangle(Gpu, const bool*, bool*, TriangleShape);
template void triangle(Gpu, const bf16*, bf16*, TriangleShape);
template void triangle(Gpu, const f16*, f16*, TriangleShape);

}  // namespace vitrine::kernels

// grid    one block a partial sum
// block   256 threads; thread t takes elements t, t + 256, ... of the block's part
//
// part:   [ t0 t1 ... t255 | t0 t1 ... t255 | ... ]
//         block_reduce joins the 256 sums in a fixed order
#include "square_sum.h"
#include "vitrine/kernels/base/gpu_reduce.h"

namespace vitrine::kernels {
inline namespace VITRINE_GPU_NAMESPACE {

constexpr int square_sum_threads = 256;

template <class T>
__global__ void square_sum_kernel(const T* g, double* partials, std::int64_t n) {
    __shared__ double buffer[32];
    const std::int64_t parts = gridDim.x, part = blockIdx.x;
    const std::int64_t begin = n * part / parts, end = n * (part + 1) / parts;

    double sum = 0;
    for (std::int64_t i = begin + threadIdx.x; i < end; i += square_sum_threads) {
        const auto value = static_cast<double>(g[i]);
        sum += value * value;
    }
    sum = block_reduce(sum, 0.0, ReduceAdd{}, buffer);
    if (threadIdx.x == 0) partials[part] = sum;
}

}  // namespace VITRINE_GPU_NAMESPACE

template <class T>
void square_sum(Gpu on, const T* g, double* partials, std::int64_t n) {
    const auto parts = static_cast<unsigned>(square_sum_parts(n));
    launch<square_sum_kernel<T>>(on, {parts, square_sum_threads}, g, partials, n);
}

template void square_sum(Gpu, const float*, double*, std::int64_t);
template void square_sum(Gpu, const double*, double*, std::int64_t);

}  // namespace vitrine::kernels

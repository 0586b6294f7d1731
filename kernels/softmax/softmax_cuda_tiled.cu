// Step 3 of the ladder: the row is read once and kept in shared memory.
//
//   grid    a block for each row     block   128 threads; thread t takes columns t, t+128, t+256, ...
//   shared  the first `kept` columns of the row, and a tree of 128 for the block's maximum and sum
//
// Of the three reads of x two become reads of shared memory, without conflicts: neighbours stand in neighbouring banks.
// The exponential is kept as well, and computed once. Columns beyond the 4096 that are kept are read again. A thread
// reads nothing but what it wrote itself, so this costs no barrier; the trees' 18 stay.
#include "softmax_steps.h"
#include "vitrine/kernels/base/gpu_reduce.h"
#include "vitrine/kernels/base/gpu_tree.h"
#include "vitrine/kernels/base/math.h"

namespace vitrine::kernels {
inline namespace VITRINE_GPU_NAMESPACE {

constexpr std::int64_t softmax_kept = 4096;  // 32 KiB of double

template <bool log, class T>
__global__ void softmax_tiled_kernel(const T* x, T* y, SoftmaxShape n) {
    __shared__ T tree[softmax_threads];
    VITRINE_DYNAMIC_SHARED(T, row);
    for (std::int64_t r = blockIdx.x; r < n.outer * n.inner; r += gridDim.x) {
        const T* xr = x + softmax_row(n, r);
        T* yr = y + softmax_row(n, r);

        T m = T(-INFINITY);
        for (std::int64_t k = threadIdx.x; k < n.cols; k += softmax_threads) {
            const T v = xr[k * n.inner];
            if (k < softmax_kept) row[k] = v;
            m = ReduceMax{}(m, v);
        }
        m = block_tree<softmax_threads>(m, ReduceMax{}, tree);

        T sum = 0;
        for (std::int64_t k = threadIdx.x; k < n.cols; k += softmax_threads) {
            const T shifted = (k < softmax_kept ? row[k] : xr[k * n.inner]) - m, e = math::exp(shifted);
            if (k < softmax_kept) row[k] = log ? shifted : e;
            sum += e;
        }
        sum = block_tree<softmax_threads>(sum, ReduceAdd{}, tree);

        const T log_sum = log ? math::log(sum) : T(0);
        for (std::int64_t j = threadIdx.x; j < n.cols; j += softmax_threads) {
            const T shifted = j < softmax_kept ? row[j] : xr[j * n.inner] - m;  // kept: its exponential, unless `log`
            if (log) yr[j * n.inner] = shifted - log_sum;
            else yr[j * n.inner] = (j < softmax_kept ? shifted : math::exp(shifted)) / sum;
        }
    }
}

}  // namespace VITRINE_GPU_NAMESPACE

template <bool log, class T>
void softmax_tiled(Gpu on, const T* x, T* y, SoftmaxShape n) {
    const std::int64_t kept = n.cols < softmax_kept ? n.cols : softmax_kept;
    const std::size_t bytes = static_cast<std::size_t>(kept) * sizeof(T);
    launch<softmax_tiled_kernel<log, T>>(on, {grid_for(n.outer * n.inner, 1), softmax_threads, bytes}, x, y, n);
}

template void softmax_tiled<false>(Gpu, const float*, float*, SoftmaxShape);
template void softmax_tiled<false>(Gpu, const double*, double*, SoftmaxShape);
template void softmax_tiled<true>(Gpu, const float*, float*, SoftmaxShape);
template void softmax_tiled<true>(Gpu, const double*, double*, SoftmaxShape);

}  // namespace vitrine::kernels

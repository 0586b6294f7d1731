// Step 2 of the ladder: a block for a row, so that neighbouring threads read neighbours.
//
//   grid    a block for each row     block   128 threads; thread t takes columns t, t+128, t+256, ...
//
//   row:    [ t0 t1 ... t127 | t0 t1 ... t127 | t0 ... ]
//
// A request of a warp is now one run of memory: 4 pieces of 32 bytes instead of 32, all of them used. The price is that
// 128 threads have to agree on the maximum and on the sum: two trees in shared memory, 9 barriers each. x still comes
// from global memory three times. (With n.inner > 1 a row's elements lie apart, and the naive step is the coalesced
// one.)
#include "softmax_steps.h"
#include "vitrine/kernels/base/gpu_reduce.h"
#include "vitrine/kernels/base/gpu_tree.h"
#include "vitrine/kernels/base/math.h"

namespace vitrine::kernels {
inline namespace VITRINE_GPU_NAMESPACE {

template <bool log, class T>
__global__ void softmax_coalesced_kernel(const T* x, T* y, SoftmaxShape n) {
    __shared__ T tree[softmax_threads];
    for (std::int64_t r = blockIdx.x; r < n.outer * n.inner; r += gridDim.x) {
        const T* xr = x + softmax_row(n, r);
        T* yr = y + softmax_row(n, r);

        T m = T(-INFINITY);
        for (std::int64_t k = threadIdx.x; k < n.cols; k += softmax_threads) m = ReduceMax{}(m, xr[k * n.inner]);
        m = block_tree<softmax_threads>(m, ReduceMax{}, tree);
        T sum = 0;
        for (std::int64_t k = threadIdx.x; k < n.cols; k += softmax_threads) sum += math::exp(xr[k * n.inner] - m);
        sum = block_tree<softmax_threads>(sum, ReduceAdd{}, tree);

        const T log_sum = log ? math::log(sum) : T(0);
        for (std::int64_t j = threadIdx.x; j < n.cols; j += softmax_threads)
            yr[j * n.inner] = log ? xr[j * n.inner] - m - log_sum : math::exp(xr[j * n.inner] - m) / sum;
    }
}

}  // namespace VITRINE_GPU_NAMESPACE

template <bool log, class T>
void softmax_coalesced(Gpu on, const T* x, T* y, SoftmaxShape n) {
    launch<softmax_coalesced_kernel<log, T>>(on, {grid_for(n.outer * n.inner, 1), softmax_threads}, x, y, n);
}

template void softmax_coalesced<false>(Gpu, const float*, float*, SoftmaxShape);
template void softmax_coalesced<false>(Gpu, const double*, double*, SoftmaxShape);
template void softmax_coalesced<true>(Gpu, const float*, float*, SoftmaxShape);
template void softmax_coalesced<true>(Gpu, const double*, double*, SoftmaxShape);

}  // namespace vitrine::kernels

// Solution of exercise 4: everybody has read before anybody writes.
//
// In round d every thread adds the sum that stands d places before its own; after log2(threads) rounds each has all of
// them (Hillis and Steele 1986).
//
//   grid    one block     block   256 threads; thread t makes y_t
//
//   d = 1   a    a+b  b+c    c+d      ...
//   d = 2   a    a+b  a+b+c  a+b+c+d  ...
#include "vitrine/kernels/base/gpu.h"

#include "exercises.h"

namespace exercises {

using vitrine::kernels::Gpu, vitrine::kernels::launch;

constexpr int scan_threads = 256;

__global__ void running_sum_kernel(const float* x, float* y, int n) {
    __shared__ float sums[scan_threads];
    const int t = static_cast<int>(threadIdx.x);
    sums[t] = t < n ? x[t] : 0.0f;
    __syncthreads();
    for (int d = 1; d < scan_threads; d *= 2) {
        const float before = t >= d ? sums[t - d] : 0.0f;
        __syncthreads();
        sums[t] += before;
        __syncthreads();
    }
    if (t < n) y[t] = sums[t];
}

void running_sum(Gpu on, const float* x, float* y, int n) { launch<running_sum_kernel>(on, {1, scan_threads}, x, y, n); }

}  // namespace exercises

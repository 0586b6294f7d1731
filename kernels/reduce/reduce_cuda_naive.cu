// Step 1 of the ladder: a thread for a sum.
//
//   grid    all sums / 256     block   256 threads; thread t of block b makes y_k, k = 256 b + t
//
//   row 0:  [ t0 t0 t0 ... ]          What the threads of a warp read at the same time lies a whole row apart: one
//   row 1:  [ t1 t1 t1 ... ]          request touches 32 pieces of memory. And there are as many threads as sums: to
//   row 2:  [ t2 t2 t2 ... ]          add up one long vector, one thread of one processor.
#include "reduce_steps.h"

namespace vitrine::kernels {
inline namespace VITRINE_GPU_NAMESPACE {

template <class T>
__global__ void sum_naive_kernel(const T* x, T* y, double divisor, ReduceShape n) {
    const std::int64_t kept = n.kept.elements(), reduced = n.reduced.elements();
    const std::int64_t step = std::int64_t(gridDim.x) * sum_threads;
    for (std::int64_t k = std::int64_t(blockIdx.x) * sum_threads + threadIdx.x; k < kept; k += step) {
        const T* row = x + n.kept.offset(k);
        double sum = 0;
        for (std::int64_t r = 0; r < reduced; ++r) sum += static_cast<double>(row[n.reduced.offset(r)]);
        y[k] = static_cast<T>(sum / divisor);
    }
}

}  // namespace VITRINE_GPU_NAMESPACE

template <class T>
void sum_naive(Gpu on, const T* x, T* y, double divisor, const ReduceShape& n) {
    launch<sum_naive_kernel<T>>(on, {grid_for(n.kept.elements(), sum_threads), sum_threads}, x, y, divisor, n);
}

template void sum_naive(Gpu, const float*, float*, double, const ReduceShape&);
template void sum_naive(Gpu, const double*, double*, double, const ReduceShape&);

}  // namespace vitrine::kernels

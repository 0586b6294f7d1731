// Step 2 of the ladder: a block for a sum, so that neighbouring threads read neighbours.
//
//   grid    a block for each sum     block   256 threads; thread t adds up r = t, t+256, t+512, ...
//
//   row:    [ t0 t1 ... t255 | t0 t1 ... t255 | t0 ... ]
//
//   tree    a   b   c   d   e   f   g   h          The threads' sums meet in shared memory, neighbours first: thread t
//           a+b     c+d     e+f     g+h            works if t is a multiple of 2, then 4, then 8. The branch keeps a
//           a+..d           e+..h                  few lanes of every warp busy until the end, while the others wait:
//           a+..h                                  three times the requests of a tree by halves, for the same sums.
#include "reduce_steps.h"

namespace vitrine::kernels {
inline namespace VITRINE_GPU_NAMESPACE {

template <class T>
__global__ void sum_coalesced_kernel(const T* x, T* y, double divisor, ReduceShape n) {
    __shared__ double tree[sum_threads];
    const int t = static_cast<int>(threadIdx.x);
    const std::int64_t reduced = n.reduced.elements();
    for (std::int64_t k = blockIdx.x; k < n.kept.elements(); k += gridDim.x) {
        const T* row = x + n.kept.offset(k);
        double sum = 0;
        for (std::int64_t r = t; r < reduced; r += sum_threads) sum += static_cast<double>(row[n.reduced.offset(r)]);

        tree[t] = sum;
        for (int apart = 1; apart < sum_threads; apart *= 2) {
            __syncthreads();
            if (t % (2 * apart) == 0) tree[t] += tree[t + apart];
        }
        if (t == 0) y[k] = static_cast<T>(tree[0] / divisor);
        __syncthreads();  // the next sum overwrites the tree
    }
}

}  // namespace VITRINE_GPU_NAMESPACE

template <class T>
void sum_coalesced(Gpu on, const T* x, T* y, double divisor, const ReduceShape& n) {
    launch<sum_coalesced_kernel<T>>(on, {grid_for(n.kept.elements(), 1), sum_threads}, x, y, divisor, n);
}

template void sum_coalesced(Gpu, const float*, float*, double, const ReduceShape&);
template void sum_coalesced(Gpu, const double*, double*, double, const ReduceShape&);

}  // namespace vitrine::kernels

// Step 1 of the ladder: a thread for a row, the three loops of the formulas as they stand.
//
//   grid    all rows / 128     block   128 threads; thread t of block b takes row 128 b + t
//
//   row 0:  [ t0 t0 t0 ... ]          What the threads of a warp read at the same time lies a whole row apart: one
//   row 1:  [ t1 t1 t1 ... ]          request touches 32 pieces of memory, and most of each is thrown away. Only w and
//   row 2:  [ t2 t2 t2 ... ]          b are read well: all lanes the same element.
#include "group_norm_steps.h"
#include "vitrine/kernels/base/math.h"

namespace vitrine::kernels {
inline namespace VITRINE_GPU_NAMESPACE {

template <class T>
__global__ void layer_norm_naive_kernel(LayerNormRows<T> n) {
    const std::int64_t step = std::int64_t(gridDim.x) * layer_norm_threads;
    for (std::int64_t r = std::int64_t(blockIdx.x) * layer_norm_threads + threadIdx.x; r < n.rows; r += step) {
        const T* xr = n.x + r * n.width;
        T* yr = n.y + r * n.width;
        const T first = xr[0], m = T(n.width);

        T sum = 0;
        for (std::int64_t k = 0; k < n.width; ++k) sum += xr[k] - first;
        const T mu = first + sum / m;
        T squares = 0;
        for (std::int64_t k = 0; k < n.width; ++k) squares += (xr[k] - mu) * (xr[k] - mu);
        const T rstd = T(1 / math::sqrt(double(squares / m) + n.eps));
        n.mean[r] = mu, n.rstd[r] = rstd;

        for (std::int64_t j = 0; j < n.width; ++j) yr[j] = n.result(j, xr[j], mu, rstd);
    }
}

}  // namespace VITRINE_GPU_NAMESPACE

template <class T>
void layer_norm_naive(Gpu on, const LayerNormRows<T>& n) {
    launch<layer_norm_naive_kernel<T>>(on, {grid_for(n.rows, layer_norm_threads), layer_norm_threads}, n);
}

template void layer_norm_naive(Gpu, const LayerNormRows<float>&);
template void layer_norm_naive(Gpu, const LayerNormRows<double>&);

}  // namespace vitrine::kernels

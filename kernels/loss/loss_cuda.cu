// Elementwise losses on a GPU.
//
// each, backward   blocks of 256 threads, thread i takes value i
// sum              a block of 256 threads takes fold_chunk values, thread j those at j, j+256, j+512, ...; block_reduce
//                  joins the threads, and partial[block] keeps the result. Then one block of 256 threads joins the
//                  partial sums the same way. All sums in double: the kernels wait for memory, not for additions.
#include "loss.h"
#include "vitrine/kernels/base/gpu_reduce.h"
#include "vitrine/kernels/base/folds.h"

namespace vitrine::kernels {
inline namespace VITRINE_GPU_NAMESPACE {

constexpr int loss_threads = 256;

template <class F, class T>
__global__ void loss_each_kernel(F f, const T* x, const T* t, T* y, std::int64_t n) {
    const std::int64_t step = std::int64_t(gridDim.x) * blockDim.x;
    for (std::int64_t i = std::int64_t(blockIdx.x) * blockDim.x + threadIdx.x; i < n; i += step)
        y[i] = f.f(x[i], t[i]);
}

template <class F, class T>
__global__ void loss_sum_kernel(F f, const T* x, const T* t, double* partial, std::int64_t n) {
    __shared__ double buffer[32];
    const std::int64_t begin = blockIdx.x * fold_chunk, end = begin + fold_chunk < n ? begin + fold_chunk : n;
    double sum = 0;
    for (std::int64_t i = begin + threadIdx.x; i < end; i += loss_threads) sum += static_cast<double>(f.f(x[i], t[i]));
    sum = block_reduce(sum, 0.0, ReduceAdd{}, buffer);
    if (threadIdx.x == 0) partial[blockIdx.x] = sum;
}

template <class T>
__global__ void loss_total_kernel(const double* partial, std::int64_t pieces, T* y, double divisor) {
    __shared__ double buffer[32];
    double sum = 0;
    for (std::int64_t i = threadIdx.x; i < pieces; i += loss_threads) sum += partial[i];
    sum = block_reduce(sum, 0.0, ReduceAdd{}, buffer);
    if (threadIdx.x == 0) *y = static_cast<T>(sum / divisor);
}

template <class F, class T>
__global__ void loss_backward_kernel(F f, const T* x, const T* t, const T* dy, bool each, double divisor, T* dx,
                                     std::int64_t n) {
    const std::int64_t step = std::int64_t(gridDim.x) * blockDim.x;
    for (std::int64_t i = std::int64_t(blockIdx.x) * blockDim.x + threadIdx.x; i < n; i += step) {
        const T g = each ? dy[i] : static_cast<T>(static_cast<double>(*dy) / divisor);
        dx[i] = g * f.dx(x[i], t[i]);
    }
}

}  // namespace VITRINE_GPU_NAMESPACE

template <class F, class T>
void loss_each(Gpu on, F f, const T* x, const T* t, T* y, std::int64_t n) {
    launch<loss_each_kernel<F, T>>(on, {grid_for(n, loss_threads), loss_threads}, f, x, t, y, n);
}

template <class F, class T>
void loss_sum(Gpu on, F f, const T* x, const T* t, T* y, double divisor, std::int64_t n, void* workspace) {
    double* const partial = static_cast<double*>(workspace);
    const unsigned pieces = grid_for(n, fold_chunk);
    launch<loss_sum_kernel<F, T>>(on, {pieces, loss_threads}, f, x, t, partial, n);
    launch<loss_total_kernel<T>>(on, {1, loss_threads}, partial, std::int64_t(pieces), y, divisor);
}

template <class F, class T>
void loss_backward(Gpu on, F f, const T* x, const T* t, const T* dy, bool each, double divisor, T* dx,
                   std::int64_t n) {
    launch<loss_backward_kernel<F, T>>(on, {grid_for(n, loss_threads), loss_threads}, f, x, t, dy, each, divisor, dx, n);
}

template void loss_each(Gpu, Mse, const float*, const float*, float*, std::int64_t);
template void loss_sum(Gpu, Mse, const float*, const float*, float*, double, std::int64_t, void*);
template void loss_backward(Gpu, Mse, const float*, const float*, const float*, bool, double, float*, std::int64_t);
template void loss_each(Gpu, Mse, const double*, const double*, double*, std::int64_t);
template void loss_sum(Gpu, Mse, const double*, const double*, double*, double, std::int64_t, void*);
template void loss_backward(Gpu, Mse, const double*, const double*, const double*, bool, double, double*, std::int64_t);
template void loss_each(Gpu, L1, const float*, const float*, float*, std::int64_t);
template void loss_sum(Gpu, L1, const float*, const float*, float*, double, std::int64_t, void*);
template void loss_backward(Gpu, L1, const float*, const float*, const float*, bool, double, float*, std::int64_t);
template void loss_each(Gpu, L1, const double*, const double*, double*, std::int64_t);
template void loss_sum(Gpu, L1, const double*, const double*, double*, double, std::int64_t, void*);
template void loss_backward(Gpu, L1, const double*, const double*, const double*, bool, double, double*, std::int64_t);
template void loss_each(Gpu, Huber, const float*, const float*, float*, std::int64_t);
template void loss_sum(Gpu, Huber, const float*, const float*, float*, double, std::int64_t, void*);
template void loss_backward(Gpu, Huber, const float*, const float*, const float*, bool, double, float*, std::int64_t);
template void loss_each(Gpu, Huber, const double*, const double*, double*, std::int64_t);
template void loss_sum(Gpu, Huber, const double*, const double*, double*, double, std::int64_t, void*);
template void loss_backward(Gpu, Huber, const double*, const double*, const double*, bool, double, double*, std::int64_t);
template void loss_each(Gpu, Bce, const float*, const float*, float*, std::int64_t);
template void loss_sum(Gpu, Bce, const float*, const float*, float*, double, std::int64_t, void*);
template void loss_backward(Gpu, Bce, const float*, const float*, const float*, bool, double, float*, std::int64_t);
template void loss_each(Gpu, Bce, const double*, const double*, double*, std::int64_t);
template void loss_sum(Gpu, Bce, const double*, const double*, double*, double, std::int64_t, void*);
template void loss_backward(Gpu, Bce, const double*, const double*, const double*, bool, double, double*, std::int64_t);
template void loss_each(Gpu, BceWithLogits, const float*, const float*, float*, std::int64_t);
template void loss_sum(Gpu, BceWithLogits, const float*, const float*, float*, double, std::int64_t, void*);
template void loss_backward(Gpu, BceWithLogits, const float*, const float*, const float*, bool, double, float*, std::int64_t);
template void loss_each(Gpu, BceWithLogits, const double*, const double*, double*, std::int64_t);
template void loss_sum(Gpu, BceWithLogits, const double*, const double*, double*, double, std::int64_t, void*);
template void loss_backward(Gpu, BceWithLogits, const double*, const double*, const double*, bool, double, double*, std::int64_t);
template void loss_each(Gpu, KlDiv, const float*, const float*, float*, std::int64_t);
template void loss_sum(Gpu, KlDiv, const float*, const float*, float*, double, std::int64_t, void*);
template void loss_backward(Gpu, KlDiv, const float*, const float*, const float*, bool, double, float*, std::int64_t);
template void loss_each(Gpu, KlDiv, const double*, const double*, double*, std::int64_t);
template void loss_sum(Gpu, KlDiv, const double*, const double*, double*, double, std::int64_t, void*);
template void loss_backward(Gpu, KlDiv, const double*, const double*, const double*, bool, double, double*, std::int64_t);
template void loss_each(Gpu, KlDivLog, const float*, const float*, float*, std::int64_t);
template void loss_sum(Gpu, KlDivLog, const float*, const float*, float*, double, std::int64_t, void*);
template void loss_backward(Gpu, KlDivLog, const float*, const float*, const float*, bool, double, float*, std::int64_t);
template void loss_each(Gpu, KlDivLog, const double*, const double*, double*, std::int64_t);
template void loss_sum(Gpu, KlDivLog, const double*, const double*, double*, double, std::int64_t, void*);
template void loss_backward(Gpu, KlDivLog, const double*, const double*, const double*, bool, double, double*, std::int64_t);

}  // namespace vitrine::kernels

// grid    one block a part of the list: arrays a, b, ... and their parts one after the other
// block   256 threads; thread t takes elements t, t + 256, ... of the block's part
//
//         a part 0      a part 1      b part 0      ...
//         [ block 0 ]   [ block 1 ]   [ block 2 ]         part:  [ t0 t1 ... t255 | t0 t1 ... t255 | ... ]
//
// A block finds its array by bisection in the list, which is among the kernel's arguments. square_sum joins the 256
// sums of a block by block_reduce, in a fixed order.
#include "multi_tensor.h"
#include "vitrine/kernels/base/gpu_reduce.h"

namespace vitrine::kernels {
inline namespace VITRINE_GPU_NAMESPACE {

constexpr int list_threads = 256;

template <class T>
__global__ void square_sum_kernel(TensorList<T> list, double* partials) {
    __shared__ double buffer[32];
    const ListPart part = list.part(blockIdx.x);
    const T* y = list.y[part.array];

    double sum = 0;
    for (std::int64_t i = part.begin + threadIdx.x; i < part.end; i += list_threads) {
        const auto value = static_cast<double>(y[i]);
        sum += value * value;
    }
    sum = block_reduce(sum, 0.0, ReduceAdd{}, buffer);
    if (threadIdx.x == 0) partials[blockIdx.x] = sum;
}

template <class T, class F>
__global__ void update_kernel(TensorList<T> list, F f) {
    const ListPart part = list.part(blockIdx.x);
    T* y = list.y[part.array];
    const T* x = list.x[part.array];

    for (std::int64_t i = part.begin + threadIdx.x; i < part.end; i += list_threads) {
        if constexpr (F::reads_x)
            y[i] = f(y[i], x[i]);
        else
            y[i] = f(y[i], y[i]);
    }
}

}  // namespace VITRINE_GPU_NAMESPACE

template <class T>
void square_sum(Gpu on, const TensorList<T>& list, double* partials) {
    launch<square_sum_kernel<T>>(on, {static_cast<unsigned>(list.parts()), list_threads}, list, partials);
}

template <class T, template <class> class F>
void update_list(Gpu on, const TensorList<T>& list, F<T> f) {
    launch<update_kernel<T, F<T>>>(on, {static_cast<unsigned>(list.parts()), list_threads}, list, f);
}

template void square_sum(Gpu, const TensorList<float>&, double*);
template void square_sum(Gpu, const TensorList<double>&, double*);
template void update_list(Gpu, const TensorList<float>&, ScaleBy<float>);
template void update_list(Gpu, const TensorList<double>&, ScaleBy<double>);
template void update_list(Gpu, const TensorList<float>&, ClampTo<float>);
template void update_list(Gpu, const TensorList<double>&, ClampTo<double>);
template void update_list(Gpu, const TensorList<float>&, LerpBy<float>);
template void update_list(Gpu, const TensorList<double>&, LerpBy<double>);

}  // namespace vitrine::kernels

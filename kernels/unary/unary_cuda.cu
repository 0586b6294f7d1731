// grid    one block per 1024 elements
// block   256 threads; thread t takes elements t, t+256, t+512, t+768 of its block's 1024:
//         neighbours read neighbours
#include "unary.h"
#include "vitrine/kernels/base/gpu.h"

namespace vitrine::kernels {
inline namespace VITRINE_GPU_NAMESPACE {

constexpr int threads = 256, per_block = 4 * threads;

template <class F, class T>
__global__ void unary_forward_kernel(F fn, const T* x, T* y, Strided<2> n) {
    const std::int64_t first = std::int64_t(blockIdx.x) * per_block + threadIdx.x;
    for (std::int64_t i = first; i < first + per_block && i < n.count; i += threads) {
        const Offsets<2> at = n.at(i);
        y[at[0]] = fn.f(x[at[1]]);
    }
}

template <class F, class T>
__global__ void unary_backward_kernel(F fn, const T* v, const T* dy, T* dx, Strided<3> n) {
    const std::int64_t first = std::int64_t(blockIdx.x) * per_block + threadIdx.x;
    for (std::int64_t i = first; i < first + per_block && i < n.count; i += threads) {
        const Offsets<3> at = n.at(i);
        dx[at[0]] = dy[at[2]] * fn.df(v[at[1]]);
    }
}

}  // namespace VITRINE_GPU_NAMESPACE

template <class F, class T>
void unary_forward(Gpu on, F fn, const T* x, T* y, const Strided<2>& n) {
    launch<unary_forward_kernel<F, T>>(on, {grid_for(n.count, per_block), threads}, fn, x, y, n);
}

template <class F, class T>
void unary_backward(Gpu on, F fn, const T* v, const T* dy, T* dx, const Strided<3>& n) {
    launch<unary_backward_kernel<F, T>>(on, {grid_for(n.count, per_block), threads}, fn, v, dy, dx,
                                        n);
}

template void unary_forward(Gpu, Exp, const float*, float*, const Strided<2>&);
template void unary_forward(Gpu, Exp, const double*, double*, const Strided<2>&);
template void unary_backward(Gpu, Exp, const float*, const float*, float*, const Strided<3>&);
template void unary_backward(Gpu, Exp, const double*, const double*, double*, const Strided<3>&);

template void unary_forward(Gpu, Log, const float*, float*, const Strided<2>&);
template void unary_forward(Gpu, Log, const double*, double*, const Strided<2>&);
template void unary_backward(Gpu, Log, const float*, const float*, float*, const Strided<3>&);
template void unary_backward(Gpu, Log, const double*, const double*, double*, const Strided<3>&);

template void unary_forward(Gpu, Sqrt, const float*, float*, const Strided<2>&);
template void unary_forward(Gpu, Sqrt, const double*, double*, const Strided<2>&);
template void unary_backward(Gpu, Sqrt, const float*, const float*, float*, const Strided<3>&);
template void unary_backward(Gpu, Sqrt, const double*, const double*, double*, const Strided<3>&);

template void unary_forward(Gpu, Rsqrt, const float*, float*, const Strided<2>&);
template void unary_forward(Gpu, Rsqrt, const double*, double*, const Strided<2>&);
template void unary_backward(Gpu, Rsqrt, const float*, const float*, float*, const Strided<3>&);
template void unary_backward(Gpu, Rsqrt, const double*, const double*, double*, const Strided<3>&);

template void unary_forward(Gpu, Square, const float*, float*, const Strided<2>&);
template void unary_forward(Gpu, Square, const double*, double*, const Strided<2>&);
template void unary_backward(Gpu, Square, const float*, const float*, float*, const Strided<3>&);
template void unary_backward(Gpu, Square, const double*, const double*, double*, const Strided<3>&);

template void unary_forward(Gpu, Abs, const float*, float*, const Strided<2>&);
template void unary_forward(Gpu, Abs, const double*, double*, const Strided<2>&);
template void unary_backward(Gpu, Abs, const float*, const float*, float*, const Strided<3>&);
template void unary_backward(Gpu, Abs, const double*, const double*, double*, const Strided<3>&);

template void unary_forward(Gpu, Neg, const float*, float*, const Strided<2>&);
template void unary_forward(Gpu, Neg, const double*, double*, const Strided<2>&);

template void unary_forward(Gpu, Reciprocal, const float*, float*, const Strided<2>&);
template void unary_forward(Gpu, Reciprocal, const double*, double*, const Strided<2>&);
template void unary_backward(Gpu, Reciprocal, const float*, const float*, float*,
                             const Strided<3>&);
template void unary_backward(Gpu, Reciprocal, const double*, const double*, double*,
                             const Strided<3>&);

template void unary_forward(Gpu, Pow, const float*, float*, const Strided<2>&);
template void unary_forward(Gpu, Pow, const double*, double*, const Strided<2>&);
template void unary_backward(Gpu, Pow, const float*, const float*, float*, const Strided<3>&);
template void unary_backward(Gpu, Pow, const double*, const double*, double*, const Strided<3>&);

template void unary_forward(Gpu, Clamp, const float*, float*, const Strided<2>&);
template void unary_forward(Gpu, Clamp, const double*, double*, const Strided<2>&);
template void unary_backward(Gpu, Clamp, const float*, const float*, float*, const Strided<3>&);
template void unary_backward(Gpu, Clamp, const double*, const double*, double*, const Strided<3>&);

template void unary_forward(Gpu, Sin, const float*, float*, const Strided<2>&);
template void unary_forward(Gpu, Sin, const double*, double*, const Strided<2>&);
template void unary_backward(Gpu, Sin, const float*, const float*, float*, const Strided<3>&);
template void unary_backward(Gpu, Sin, const double*, const double*, double*, const Strided<3>&);

template void unary_forward(Gpu, Cos, const float*, float*, const Strided<2>&);
template void unary_forward(Gpu, Cos, const double*, double*, const Strided<2>&);
template void unary_backward(Gpu, Cos, const float*, const float*, float*, const Strided<3>&);
template void unary_backward(Gpu, Cos, const double*, const double*, double*, const Strided<3>&);

template void unary_forward(Gpu, Sigmoid, const float*, float*, const Strided<2>&);
template void unary_forward(Gpu, Sigmoid, const double*, double*, const Strided<2>&);
template void unary_backward(Gpu, Sigmoid, const float*, const float*, float*, const Strided<3>&);
template void unary_backward(Gpu, Sigmoid, const double*, const double*, double*,
                             const Strided<3>&);

template void unary_forward(Gpu, Tanh, const float*, float*, const Strided<2>&);
template void unary_forward(Gpu, Tanh, const double*, double*, const Strided<2>&);
template void unary_backward(Gpu, Tanh, const float*, const float*, float*, const Strided<3>&);
template void unary_backward(Gpu, Tanh, const double*, const double*, double*, const Strided<3>&);

template void unary_forward(Gpu, Relu, const float*, float*, const Strided<2>&);
template void unary_forward(Gpu, Relu, const double*, double*, const Strided<2>&);
template void unary_backward(Gpu, Relu, const float*, const float*, float*, const Strided<3>&);
template void unary_backward(Gpu, Relu, const double*, const double*, double*, const Strided<3>&);

template void unary_forward(Gpu, LeakyRelu, const float*, float*, const Strided<2>&);
template void unary_forward(Gpu, LeakyRelu, const double*, double*, const Strided<2>&);
template void unary_backward(Gpu, LeakyRelu, const float*, const float*, float*, const Strided<3>&);
template void unary_backward(Gpu, LeakyRelu, const double*, const double*, double*,
                             const Strided<3>&);

template void unary_forward(Gpu, Silu, const float*, float*, const Strided<2>&);
template void unary_forward(Gpu, Silu, const double*, double*, const Strided<2>&);
template void unary_backward(Gpu, Silu, const float*, const float*, float*, const Strided<3>&);
template void unary_backward(Gpu, Silu, const double*, const double*, double*, const Strided<3>&);

template void unary_forward(Gpu, Softplus, const float*, float*, const Strided<2>&);
template void unary_forward(Gpu, Softplus, const double*, double*, const Strided<2>&);
template void unary_backward(Gpu, Softplus, const float*, const float*, float*, const Strided<3>&);
template void unary_backward(Gpu, Softplus, const double*, const double*, double*,
                             const Strided<3>&);

template void unary_forward(Gpu, Gelu, const float*, float*, const Strided<2>&);
template void unary_forward(Gpu, Gelu, const double*, double*, const Strided<2>&);
template void unary_backward(Gpu, Gelu, const float*, const float*, float*, const Strided<3>&);
template void unary_backward(Gpu, Gelu, const double*, const double*, double*, const Strided<3>&);

template void unary_forward(Gpu, GeluTanh, const float*, float*, const Strided<2>&);
template void unary_forward(Gpu, GeluTanh, const double*, double*, const Strided<2>&);
template void unary_backward(Gpu, GeluTanh, const float*, const float*, float*, const Strided<3>&);
template void unary_backward(Gpu, GeluTanh, const double*, const double*, double*,
                             const Strided<3>&);

template void unary_forward(Gpu, Erf, const float*, float*, const Strided<2>&);
template void unary_forward(Gpu, Erf, const double*, double*, const Strided<2>&);
template void unary_backward(Gpu, Erf, const float*, const float*, float*, const Strided<3>&);
template void unary_backward(Gpu, Erf, const double*, const double*, double*, const Strided<3>&);
}  // namespace vitrine::kernels

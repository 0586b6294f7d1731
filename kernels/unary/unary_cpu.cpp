#include "unary.h"

#include <cmath>
#include <cstdint>
#include <type_traits>

#include "vitrine/kernels/base/clones.h"
#include "vitrine/kernels/base/parallel.h"

namespace vitrine::kernels {
namespace {

constexpr std::int64_t longest_run = 4096;  // a run stays in L1 while it is looked at twice

template <class F, class T>
constexpr bool has_bound = std::is_same_v<T, float>&& requires {
    F::bound;
};

/// |x_i| <= bound for all i; not for NaN.
bool all_within(float bound, const float* x, std::int64_t length) {
    int outside = 0;
#pragma omp simd reduction(| : outside)
    for (std::int64_t i = 0; i < length; ++i) outside |= std::fabs(x[i]) <= bound ? 0 : 1;
    return outside == 0;
}

template <class F, class T>
VITRINE_CLONES void unary_forward_range(F fn, const T* x, T* y, const Strided<2>& n, Range range) {
    const std::int64_t ys = n.strides[0][0], xs = n.strides[1][0];
    for (Runs<2> run(n, range, longest_run); run.length > 0; run.next()) {
        T* yr = y + run.offset(0);
        const T* xr = x + run.offset(1);
        if (ys != 1 || xs != 1) {
            for (std::int64_t i = 0; i < run.length; ++i) yr[i * ys] = fn.f(xr[i * xs]);
            continue;
        }
        if constexpr (has_bound<F, T>) {
            if (all_within(F::bound, xr, run.length)) {
#pragma omp simd
                for (std::int64_t i = 0; i < run.length; ++i) yr[i] = fn.f_within(xr[i]);
                continue;
            }
        }
#pragma omp simd
        for (std::int64_t i = 0; i < run.length; ++i) yr[i] = fn.f(xr[i]);
    }
}

template <class F, class T>
VITRINE_CLONES void unary_backward_range(F fn, const T* v, const T* dy, T* dx, const Strided<3>& n, Range range) {
    const std::int64_t dxs = n.strides[0][0], vs = n.strides[1][0], dys = n.strides[2][0];
    for (Runs<3> run(n, range, longest_run); run.length > 0; run.next()) {
        T* dxr = dx + run.offset(0);
        const T* vr = v + run.offset(1);
        const T* dyr = dy + run.offset(2);
        if (dxs != 1 || vs != 1 || dys != 1) {
            for (std::int64_t i = 0; i < run.length; ++i)
                dxr[i * dxs] = dyr[i * dys] * fn.df(vr[i * vs]);
            continue;
        }
        if constexpr (has_bound<F, T>) {
            if (all_within(F::bound, vr, run.length)) {
#pragma omp simd
                for (std::int64_t i = 0; i < run.length; ++i) dxr[i] = dyr[i] * fn.df_within(vr[i]);
                continue;
            }
        }
#pragma omp simd
        for (std::int64_t i = 0; i < run.length; ++i) dxr[i] = dyr[i] * fn.df(vr[i]);
    }
}

}  // namespace

template <class F, class T>
void unary_forward(Cpu, F fn, const T* x, T* y, const Strided<2>& n) {
    const int parts = parts_for(n.count, F::cost);
    if (parts == 1) return unary_forward_range(fn, x, y, n, {0, n.count});
#pragma omp parallel for num_threads(parts)
    for (int p = 0; p < parts; ++p) unary_forward_range(fn, x, y, n, share(n.count, p, parts, 64));
}

template <class F, class T>
void unary_backward(Cpu, F fn, const T* v, const T* dy, T* dx, const Strided<3>& n) {
    const int parts = parts_for(n.count, F::cost);
    if (parts == 1) return unary_backward_range(fn, v, dy, dx, n, {0, n.count});
#pragma omp parallel for num_threads(parts)
    for (int p = 0; p < parts; ++p)
        unary_backward_range(fn, v, dy, dx, n, share(n.count, p, parts, 64));
}

template void unary_forward(Cpu, Exp, const float*, float*, const Strided<2>&);
template void unary_forward(Cpu, Exp, const double*, double*, const Strided<2>&);
template void unary_backward(Cpu, Exp, const float*, const float*, float*, const Strided<3>&);
template void unary_backward(Cpu, Exp, const double*, const double*, double*, const Strided<3>&);

template void unary_forward(Cpu, Log, const float*, float*, const Strided<2>&);
template void unary_forward(Cpu, Log, const double*, double*, const Strided<2>&);
template void unary_backward(Cpu, Log, const float*, const float*, float*, const Strided<3>&);
template void unary_backward(Cpu, Log, const double*, const double*, double*, const Strided<3>&);

template void unary_forward(Cpu, Sqrt, const float*, float*, const Strided<2>&);
template void unary_forward(Cpu, Sqrt, const double*, double*, const Strided<2>&);
template void unary_backward(Cpu, Sqrt, const float*, const float*, float*, const Strided<3>&);
template void unary_backward(Cpu, Sqrt, const double*, const double*, double*, const Strided<3>&);

template void unary_forward(Cpu, Rsqrt, const float*, float*, const Strided<2>&);
template void unary_forward(Cpu, Rsqrt, const double*, double*, const Strided<2>&);
template void unary_backward(Cpu, Rsqrt, const float*, const float*, float*, const Strided<3>&);
template void unary_backward(Cpu, Rsqrt, const double*, const double*, double*, const Strided<3>&);

template void unary_forward(Cpu, Square, const float*, float*, const Strided<2>&);
template void unary_forward(Cpu, Square, const double*, double*, const Strided<2>&);
template void unary_backward(Cpu, Square, const float*, const float*, float*, const Strided<3>&);
template void unary_backward(Cpu, Square, const double*, const double*, double*, const Strided<3>&);

template void unary_forward(Cpu, Abs, const float*, float*, const Strided<2>&);
template void unary_forward(Cpu, Abs, const double*, double*, const Strided<2>&);
template void unary_backward(Cpu, Abs, const float*, const float*, float*, const Strided<3>&);
template void unary_backward(Cpu, Abs, const double*, const double*, double*, const Strided<3>&);

template void unary_forward(Cpu, Neg, const float*, float*, const Strided<2>&);
template void unary_forward(Cpu, Neg, const double*, double*, const Strided<2>&);

template void unary_forward(Cpu, Reciprocal, const float*, float*, const Strided<2>&);
template void unary_forward(Cpu, Reciprocal, const double*, double*, const Strided<2>&);
template void unary_backward(Cpu, Reciprocal, const float*, const float*, float*,
                             const Strided<3>&);
template void unary_backward(Cpu, Reciprocal, const double*, const double*, double*,
                             const Strided<3>&);

template void unary_forward(Cpu, Pow, const float*, float*, const Strided<2>&);
template void unary_forward(Cpu, Pow, const double*, double*, const Strided<2>&);
template void unary_backward(Cpu, Pow, const float*, const float*, float*, const Strided<3>&);
template void unary_backward(Cpu, Pow, const double*, const double*, double*, const Strided<3>&);

template void unary_forward(Cpu, Clamp, const float*, float*, const Strided<2>&);
template void unary_forward(Cpu, Clamp, const double*, double*, const Strided<2>&);
template void unary_backward(Cpu, Clamp, const float*, const float*, float*, const Strided<3>&);
template void unary_backward(Cpu, Clamp, const double*, const double*, double*, const Strided<3>&);

template void unary_forward(Cpu, Sin, const float*, float*, const Strided<2>&);
template void unary_forward(Cpu, Sin, const double*, double*, const Strided<2>&);
template void unary_backward(Cpu, Sin, const float*, const float*, float*, const Strided<3>&);
template void unary_backward(Cpu, Sin, const double*, const double*, double*, const Strided<3>&);

template void unary_forward(Cpu, Cos, const float*, float*, const Strided<2>&);
template void unary_forward(Cpu, Cos, const double*, double*, const Strided<2>&);
template void unary_backward(Cpu, Cos, const float*, const float*, float*, const Strided<3>&);
template void unary_backward(Cpu, Cos, const double*, const double*, double*, const Strided<3>&);

template void unary_forward(Cpu, Sigmoid, const float*, float*, const Strided<2>&);
template void unary_forward(Cpu, Sigmoid, const double*, double*, const Strided<2>&);
template void unary_backward(Cpu, Sigmoid, const float*, const float*, float*, const Strided<3>&);
template void unary_backward(Cpu, Sigmoid, const double*, const double*, double*,
                             const Strided<3>&);

template void unary_forward(Cpu, Tanh, const float*, float*, const Strided<2>&);
template void unary_forward(Cpu, Tanh, const double*, double*, const Strided<2>&);
template void unary_backward(Cpu, Tanh, const float*, const float*, float*, const Strided<3>&);
template void unary_backward(Cpu, Tanh, const double*, const double*, double*, const Strided<3>&);

template void unary_forward(Cpu, Relu, const float*, float*, const Strided<2>&);
template void unary_forward(Cpu, Relu, const double*, double*, const Strided<2>&);
template void unary_backward(Cpu, Relu, const float*, const float*, float*, const Strided<3>&);
template void unary_backward(Cpu, Relu, const double*, const double*, double*, const Strided<3>&);

template void unary_forward(Cpu, LeakyRelu, const float*, float*, const Strided<2>&);
template void unary_forward(Cpu, LeakyRelu, const double*, double*, const Strided<2>&);
template void unary_backward(Cpu, LeakyRelu, const float*, const float*, float*, const Strided<3>&);
template void unary_backward(Cpu, LeakyRelu, const double*, const double*, double*,
                             const Strided<3>&);

template void unary_forward(Cpu, Silu, const float*, float*, const Strided<2>&);
template void unary_forward(Cpu, Silu, const double*, double*, const Strided<2>&);
template void unary_backward(Cpu, Silu, const float*, const float*, float*, const Strided<3>&);
template void unary_backward(Cpu, Silu, const double*, const double*, double*, const Strided<3>&);

template void unary_forward(Cpu, Softplus, const float*, float*, const Strided<2>&);
template void unary_forward(Cpu, Softplus, const double*, double*, const Strided<2>&);
template void unary_backward(Cpu, Softplus, const float*, const float*, float*, const Strided<3>&);
template void unary_backward(Cpu, Softplus, const double*, const double*, double*,
                             const Strided<3>&);

template void unary_forward(Cpu, Gelu, const float*, float*, const Strided<2>&);
template void unary_forward(Cpu, Gelu, const double*, double*, const Strided<2>&);
template void unary_backward(Cpu, Gelu, const float*, const float*, float*, const Strided<3>&);
template void unary_backward(Cpu, Gelu, const double*, const double*, double*, const Strided<3>&);

template void unary_forward(Cpu, GeluTanh, const float*, float*, const Strided<2>&);
template void unary_forward(Cpu, GeluTanh, const double*, double*, const Strided<2>&);
template void unary_backward(Cpu, GeluTanh, const float*, const float*, float*, const Strided<3>&);
template void unary_backward(Cpu, GeluTanh, const double*, const double*, double*,
                             const Strided<3>&);

template void unary_forward(Cpu, Erf, const float*, float*, const Strided<2>&);
template void unary_forward(Cpu, Erf, const double*, double*, const Strided<2>&);
template void unary_backward(Cpu, Erf, const float*, const float*, float*, const Strided<3>&);
template void unary_backward(Cpu, Erf, const double*, const double*, double*, const Strided<3>&);
}  // namespace vitrine::kernels

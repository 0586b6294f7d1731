// grid    one block per 1024 elements
// block   256 threads; thread t takes elements t, t+256, t+512, t+768 of its block's 1024:
//         neighbours read neighbours
#include "binary.h"
#include "vitrine/kernels/base/gpu.h"

namespace vitrine::kernels {
inline namespace VITRINE_GPU_NAMESPACE {

constexpr int threads = 256, per_block = 4 * threads;

template <class F, class T, class R>
__global__ void binary_forward_kernel(F fn, const T* a, const T* b, R* y, Strided<3> n) {
    const std::int64_t first = std::int64_t(blockIdx.x) * per_block + threadIdx.x;
    for (std::int64_t i = first; i < first + per_block && i < n.count; i += threads) {
        const Offsets<3> at = n.at(i);
        y[at[0]] = fn.f(a[at[1]], b[at[2]]);
    }
}

template <class F, class T>
__global__ void binary_backward_kernel(F fn, const T* a, const T* b, const T* dy, T* da, T* db,
                                       Strided<5> n) {
    const std::int64_t first = std::int64_t(blockIdx.x) * per_block + threadIdx.x;
    for (std::int64_t i = first; i < first + per_block && i < n.count; i += threads) {
        const Offsets<5> at = n.at(i);
        const T dyi = dy[at[2]], ai = a[at[3]],
                bi = b[at[4]];  // read first: an output may be one of these
        if (da) da[at[0]] = dyi * fn.dfa(ai, bi);
        if (db) db[at[1]] = dyi * fn.dfb(ai, bi);
    }
}

template <class F, class T, class R>
__global__ void binary_scalar_forward_kernel(F fn, const T* a, T b, R* y, Strided<2> n) {
    const std::int64_t first = std::int64_t(blockIdx.x) * per_block + threadIdx.x;
    for (std::int64_t i = first; i < first + per_block && i < n.count; i += threads) {
        const Offsets<2> at = n.at(i);
        y[at[0]] = fn.f(a[at[1]], b);
    }
}

template <class F, class T>
__global__ void binary_scalar_backward_kernel(F fn, const T* a, T b, const T* dy, T* da,
                                              Strided<3> n) {
    const std::int64_t first = std::int64_t(blockIdx.x) * per_block + threadIdx.x;
    for (std::int64_t i = first; i < first + per_block && i < n.count; i += threads) {
        const Offsets<3> at = n.at(i);
        da[at[0]] = dy[at[1]] * fn.dfa(a[at[2]], b);
    }
}

}  // namespace VITRINE_GPU_NAMESPACE

template <class F, class T, class R>
void binary_forward(Gpu on, F fn, const T* a, const T* b, R* y, const Strided<3>& n) {
    launch<binary_forward_kernel<F, T, R>>(on, {grid_for(n.count, per_block), threads}, fn, a, b, y,
                                           n);
}

template <class F, class T>
void binary_backward(Gpu on, F fn, const T* a, const T* b, const T* dy, T* da, T* db,
                     const Strided<5>& n) {
    launch<binary_backward_kernel<F, T>>(on, {grid_for(n.count, per_block), threads}, fn, a, b, dy,
                                         da, db, n);
}

template <class F, class T, class R>
void binary_scalar_forward(Gpu on, F fn, const T* a, T b, R* y, const Strided<2>& n) {
    launch<binary_scalar_forward_kernel<F, T, R>>(on, {grid_for(n.count, per_block), threads}, fn,
                                                  a, b, y, n);
}

template <class F, class T>
void binary_scalar_backward(Gpu on, F fn, const T* a, T b, const T* dy, T* da,
                            const Strided<3>& n) {
    launch<binary_scalar_backward_kernel<F, T>>(on, {grid_for(n.count, per_block), threads}, fn, a,
                                                b, dy, da, n);
}

template void binary_forward(Gpu, Add, const float*, const float*, float*, const Strided<3>&);
template void binary_forward(Gpu, Add, const double*, const double*, double*, const Strided<3>&);
template void binary_forward(Gpu, Add, const std::int32_t*, const std::int32_t*, std::int32_t*,
                             const Strided<3>&);
template void binary_forward(Gpu, Add, const std::int64_t*, const std::int64_t*, std::int64_t*,
                             const Strided<3>&);
template void binary_forward(Gpu, Add, const std::uint8_t*, const std::uint8_t*, std::uint8_t*,
                             const Strided<3>&);
template void binary_forward(Gpu, Add, const bool*, const bool*, bool*, const Strided<3>&);
template void binary_scalar_forward(Gpu, Add, const float*, float, float*, const Strided<2>&);
template void binary_scalar_forward(Gpu, Add, const double*, double, double*, const Strided<2>&);
template void binary_scalar_forward(Gpu, Add, const std::int32_t*, std::int32_t, std::int32_t*,
                                    const Strided<2>&);
template void binary_scalar_forward(Gpu, Add, const std::int64_t*, std::int64_t, std::int64_t*,
                                    const Strided<2>&);
template void binary_scalar_forward(Gpu, Add, const std::uint8_t*, std::uint8_t, std::uint8_t*,
                                    const Strided<2>&);
template void binary_scalar_forward(Gpu, Add, const bool*, bool, bool*, const Strided<2>&);

template void binary_forward(Gpu, AddScaled, const float*, const float*, float*, const Strided<3>&);
template void binary_forward(Gpu, AddScaled, const double*, const double*, double*,
                             const Strided<3>&);
template void binary_forward(Gpu, AddScaled, const std::int32_t*, const std::int32_t*,
                             std::int32_t*, const Strided<3>&);
template void binary_forward(Gpu, AddScaled, const std::int64_t*, const std::int64_t*,
                             std::int64_t*, const Strided<3>&);
template void binary_forward(Gpu, AddScaled, const std::uint8_t*, const std::uint8_t*,
                             std::uint8_t*, const Strided<3>&);
template void binary_forward(Gpu, AddScaled, const bool*, const bool*, bool*, const Strided<3>&);

template void binary_forward(Gpu, Sub, const float*, const float*, float*, const Strided<3>&);
template void binary_forward(Gpu, Sub, const double*, const double*, double*, const Strided<3>&);
template void binary_forward(Gpu, Sub, const std::int32_t*, const std::int32_t*, std::int32_t*,
                             const Strided<3>&);
template void binary_forward(Gpu, Sub, const std::int64_t*, const std::int64_t*, std::int64_t*,
                             const Strided<3>&);
template void binary_forward(Gpu, Sub, const std::uint8_t*, const std::uint8_t*, std::uint8_t*,
                             const Strided<3>&);
template void binary_forward(Gpu, Sub, const bool*, const bool*, bool*, const Strided<3>&);
template void binary_scalar_forward(Gpu, Sub, const float*, float, float*, const Strided<2>&);
template void binary_scalar_forward(Gpu, Sub, const double*, double, double*, const Strided<2>&);
template void binary_scalar_forward(Gpu, Sub, const std::int32_t*, std::int32_t, std::int32_t*,
                                    const Strided<2>&);
template void binary_scalar_forward(Gpu, Sub, const std::int64_t*, std::int64_t, std::int64_t*,
                                    const Strided<2>&);
template void binary_scalar_forward(Gpu, Sub, const std::uint8_t*, std::uint8_t, std::uint8_t*,
                                    const Strided<2>&);
template void binary_scalar_forward(Gpu, Sub, const bool*, bool, bool*, const Strided<2>&);

template void binary_scalar_forward(Gpu, ReverseSub, const float*, float, float*,
                                    const Strided<2>&);
template void binary_scalar_forward(Gpu, ReverseSub, const double*, double, double*,
                                    const Strided<2>&);
template void binary_scalar_forward(Gpu, ReverseSub, const std::int32_t*, std::int32_t,
                                    std::int32_t*, const Strided<2>&);
template void binary_scalar_forward(Gpu, ReverseSub, const std::int64_t*, std::int64_t,
                                    std::int64_t*, const Strided<2>&);
template void binary_scalar_forward(Gpu, ReverseSub, const std::uint8_t*, std::uint8_t,
                                    std::uint8_t*, const Strided<2>&);
template void binary_scalar_forward(Gpu, ReverseSub, const bool*, bool, bool*, const Strided<2>&);

template void binary_forward(Gpu, Mul, const float*, const float*, float*, const Strided<3>&);
template void binary_forward(Gpu, Mul, const double*, const double*, double*, const Strided<3>&);
template void binary_forward(Gpu, Mul, const std::int32_t*, const std::int32_t*, std::int32_t*,
                             const Strided<3>&);
template void binary_forward(Gpu, Mul, const std::int64_t*, const std::int64_t*, std::int64_t*,
                             const Strided<3>&);
template void binary_forward(Gpu, Mul, const std::uint8_t*, const std::uint8_t*, std::uint8_t*,
                             const Strided<3>&);
template void binary_forward(Gpu, Mul, const bool*, const bool*, bool*, const Strided<3>&);
template void binary_scalar_forward(Gpu, Mul, const float*, float, float*, const Strided<2>&);
template void binary_scalar_forward(Gpu, Mul, const double*, double, double*, const Strided<2>&);
template void binary_scalar_forward(Gpu, Mul, const std::int32_t*, std::int32_t, std::int32_t*,
                                    const Strided<2>&);
template void binary_scalar_forward(Gpu, Mul, const std::int64_t*, std::int64_t, std::int64_t*,
                                    const Strided<2>&);
template void binary_scalar_forward(Gpu, Mul, const std::uint8_t*, std::uint8_t, std::uint8_t*,
                                    const Strided<2>&);
template void binary_scalar_forward(Gpu, Mul, const bool*, bool, bool*, const Strided<2>&);
template void binary_backward(Gpu, Mul, const float*, const float*, const float*, float*, float*,
                              const Strided<5>&);
template void binary_backward(Gpu, Mul, const double*, const double*, const double*, double*,
                              double*, const Strided<5>&);

template void binary_forward(Gpu, Div, const float*, const float*, float*, const Strided<3>&);
template void binary_forward(Gpu, Div, const double*, const double*, double*, const Strided<3>&);
template void binary_scalar_forward(Gpu, Div, const float*, float, float*, const Strided<2>&);
template void binary_scalar_forward(Gpu, Div, const double*, double, double*, const Strided<2>&);
template void binary_backward(Gpu, Div, const float*, const float*, const float*, float*, float*,
                              const Strided<5>&);
template void binary_backward(Gpu, Div, const double*, const double*, const double*, double*,
                              double*, const Strided<5>&);

template void binary_scalar_forward(Gpu, ReverseDiv, const float*, float, float*,
                                    const Strided<2>&);
template void binary_scalar_forward(Gpu, ReverseDiv, const double*, double, double*,
                                    const Strided<2>&);
template void binary_scalar_backward(Gpu, ReverseDiv, const float*, float, const float*, float*,
                                     const Strided<3>&);
template void binary_scalar_backward(Gpu, ReverseDiv, const double*, double, const double*, double*,
                                     const Strided<3>&);

template void binary_forward(Gpu, Maximum, const float*, const float*, float*, const Strided<3>&);
template void binary_forward(Gpu, Maximum, const double*, const double*, double*,
                             const Strided<3>&);
template void binary_forward(Gpu, Maximum, const std::int32_t*, const std::int32_t*, std::int32_t*,
                             const Strided<3>&);
template void binary_forward(Gpu, Maximum, const std::int64_t*, const std::int64_t*, std::int64_t*,
                             const Strided<3>&);
template void binary_forward(Gpu, Maximum, const std::uint8_t*, const std::uint8_t*, std::uint8_t*,
                             const Strided<3>&);
template void binary_forward(Gpu, Maximum, const bool*, const bool*, bool*, const Strided<3>&);
template void binary_scalar_forward(Gpu, Maximum, const float*, float, float*, const Strided<2>&);
template void binary_scalar_forward(Gpu, Maximum, const double*, double, double*,
                                    const Strided<2>&);
template void binary_scalar_forward(Gpu, Maximum, const std::int32_t*, std::int32_t, std::int32_t*,
                                    const Strided<2>&);
template void binary_scalar_forward(Gpu, Maximum, const std::int64_t*, std::int64_t, std::int64_t*,
                                    const Strided<2>&);
template void binary_scalar_forward(Gpu, Maximum, const std::uint8_t*, std::uint8_t, std::uint8_t*,
                                    const Strided<2>&);
template void binary_scalar_forward(Gpu, Maximum, const bool*, bool, bool*, const Strided<2>&);
template void binary_backward(Gpu, Maximum, const float*, const float*, const float*, float*,
                              float*, const Strided<5>&);
template void binary_backward(Gpu, Maximum, const double*, const double*, const double*, double*,
                              double*, const Strided<5>&);
template void binary_scalar_backward(Gpu, Maximum, const float*, float, const float*, float*,
                                     const Strided<3>&);
template void binary_scalar_backward(Gpu, Maximum, const double*, double, const double*, double*,
                                     const Strided<3>&);

template void binary_forward(Gpu, Minimum, const float*, const float*, float*, const Strided<3>&);
template void binary_forward(Gpu, Minimum, const double*, const double*, double*,
                             const Strided<3>&);
template void binary_forward(Gpu, Minimum, const std::int32_t*, const std::int32_t*, std::int32_t*,
                             const Strided<3>&);
template void binary_forward(Gpu, Minimum, const std::int64_t*, const std::int64_t*, std::int64_t*,
                             const Strided<3>&);
template void binary_forward(Gpu, Minimum, const std::uint8_t*, const std::uint8_t*, std::uint8_t*,
                             const Strided<3>&);
template void binary_forward(Gpu, Minimum, const bool*, const bool*, bool*, const Strided<3>&);
template void binary_scalar_forward(Gpu, Minimum, const float*, float, float*, const Strided<2>&);
template void binary_scalar_forward(Gpu, Minimum, const double*, double, double*,
                                    const Strided<2>&);
template void binary_scalar_forward(Gpu, Minimum, const std::int32_t*, std::int32_t, std::int32_t*,
                                    const Strided<2>&);
template void binary_scalar_forward(Gpu, Minimum, const std::int64_t*, std::int64_t, std::int64_t*,
                                    const Strided<2>&);
template void binary_scalar_forward(Gpu, Minimum, const std::uint8_t*, std::uint8_t, std::uint8_t*,
                                    const Strided<2>&);
template void binary_scalar_forward(Gpu, Minimum, const bool*, bool, bool*, const Strided<2>&);
template void binary_backward(Gpu, Minimum, const float*, const float*, const float*, float*,
                              float*, const Strided<5>&);
template void binary_backward(Gpu, Minimum, const double*, const double*, const double*, double*,
                              double*, const Strided<5>&);
template void binary_scalar_backward(Gpu, Minimum, const float*, float, const float*, float*,
                                     const Strided<3>&);
template void binary_scalar_backward(Gpu, Minimum, const double*, double, const double*, double*,
                                     const Strided<3>&);

template void binary_forward(Gpu, Equal, const float*, const float*, bool*, const Strided<3>&);
template void binary_forward(Gpu, Equal, const double*, const double*, bool*, const Strided<3>&);
template void binary_forward(Gpu, Equal, const std::int32_t*, const std::int32_t*, bool*,
                             const Strided<3>&);
template void binary_forward(Gpu, Equal, const std::int64_t*, const std::int64_t*, bool*,
                             const Strided<3>&);
template void binary_forward(Gpu, Equal, const std::uint8_t*, const std::uint8_t*, bool*,
                             const Strided<3>&);
template void binary_forward(Gpu, Equal, const bool*, const bool*, bool*, const Strided<3>&);
template void binary_scalar_forward(Gpu, Equal, const float*, float, bool*, const Strided<2>&);
template void binary_scalar_forward(Gpu, Equal, const double*, double, bool*, const Strided<2>&);
template void binary_scalar_forward(Gpu, Equal, const std::int32_t*, std::int32_t, bool*,
                                    const Strided<2>&);
template void binary_scalar_forward(Gpu, Equal, const std::int64_t*, std::int64_t, bool*,
                                    const Strided<2>&);
template void binary_scalar_forward(Gpu, Equal, const std::uint8_t*, std::uint8_t, bool*,
                                    const Strided<2>&);
template void binary_scalar_forward(Gpu, Equal, const bool*, bool, bool*, const Strided<2>&);

template void binary_forward(Gpu, NotEqual, const float*, const float*, bool*, const Strided<3>&);
template void binary_forward(Gpu, NotEqual, const double*, const double*, bool*, const Strided<3>&);
template void binary_forward(Gpu, NotEqual, const std::int32_t*, const std::int32_t*, bool*,
                             const Strided<3>&);
template void binary_forward(Gpu, NotEqual, const std::int64_t*, const std::int64_t*, bool*,
                             const Strided<3>&);
template void binary_forward(Gpu, NotEqual, const std::uint8_t*, const std::uint8_t*, bool*,
                             const Strided<3>&);
template void binary_forward(Gpu, NotEqual, const bool*, const bool*, bool*, const Strided<3>&);
template void binary_scalar_forward(Gpu, NotEqual, const float*, float, bool*, const Strided<2>&);
template void binary_scalar_forward(Gpu, NotEqual, const double*, double, bool*, const Strided<2>&);
template void binary_scalar_forward(Gpu, NotEqual, const std::int32_t*, std::int32_t, bool*,
                                    const Strided<2>&);
template void binary_scalar_forward(Gpu, NotEqual, const std::int64_t*, std::int64_t, bool*,
                                    const Strided<2>&);
template void binary_scalar_forward(Gpu, NotEqual, const std::uint8_t*, std::uint8_t, bool*,
                                    const Strided<2>&);
template void binary_scalar_forward(Gpu, NotEqual, const bool*, bool, bool*, const Strided<2>&);

template void binary_forward(Gpu, Less, const float*, const float*, bool*, const Strided<3>&);
template void binary_forward(Gpu, Less, const double*, const double*, bool*, const Strided<3>&);
template void binary_forward(Gpu, Less, const std::int32_t*, const std::int32_t*, bool*,
                             const Strided<3>&);
template void binary_forward(Gpu, Less, const std::int64_t*, const std::int64_t*, bool*,
                             const Strided<3>&);
template void binary_forward(Gpu, Less, const std::uint8_t*, const std::uint8_t*, bool*,
                             const Strided<3>&);
template void binary_forward(Gpu, Less, const bool*, const bool*, bool*, const Strided<3>&);
template void binary_scalar_forward(Gpu, Less, const float*, float, bool*, const Strided<2>&);
template void binary_scalar_forward(Gpu, Less, const double*, double, bool*, const Strided<2>&);
template void binary_scalar_forward(Gpu, Less, const std::int32_t*, std::int32_t, bool*,
                                    const Strided<2>&);
template void binary_scalar_forward(Gpu, Less, const std::int64_t*, std::int64_t, bool*,
                                    const Strided<2>&);
template void binary_scalar_forward(Gpu, Less, const std::uint8_t*, std::uint8_t, bool*,
                                    const Strided<2>&);
template void binary_scalar_forward(Gpu, Less, const bool*, bool, bool*, const Strided<2>&);

template void binary_forward(Gpu, LessEqual, const float*, const float*, bool*, const Strided<3>&);
template void binary_forward(Gpu, LessEqual, const double*, const double*, bool*,
                             const Strided<3>&);
template void binary_forward(Gpu, LessEqual, const std::int32_t*, const std::int32_t*, bool*,
                             const Strided<3>&);
template void binary_forward(Gpu, LessEqual, const std::int64_t*, const std::int64_t*, bool*,
                             const Strided<3>&);
template void binary_forward(Gpu, LessEqual, const std::uint8_t*, const std::uint8_t*, bool*,
                             const Strided<3>&);
template void binary_forward(Gpu, LessEqual, const bool*, const bool*, bool*, const Strided<3>&);
template void binary_scalar_forward(Gpu, LessEqual, const float*, float, bool*, const Strided<2>&);
template void binary_scalar_forward(Gpu, LessEqual, const double*, double, bool*,
                                    const Strided<2>&);
template void binary_scalar_forward(Gpu, LessEqual, const std::int32_t*, std::int32_t, bool*,
                                    const Strided<2>&);
template void binary_scalar_forward(Gpu, LessEqual, const std::int64_t*, std::int64_t, bool*,
                                    const Strided<2>&);
template void binary_scalar_forward(Gpu, LessEqual, const std::uint8_t*, std::uint8_t, bool*,
                                    const Strided<2>&);
template void binary_scalar_forward(Gpu, LessEqual, const bool*, bool, bool*, const Strided<2>&);

template void binary_forward(Gpu, Greater, const float*, const float*, bool*, const Strided<3>&);
template void binary_forward(Gpu, Greater, const double*, const double*, bool*, const Strided<3>&);
template void binary_forward(Gpu, Greater, const std::int32_t*, const std::int32_t*, bool*,
                             const Strided<3>&);
template void binary_forward(Gpu, Greater, const std::int64_t*, const std::int64_t*, bool*,
                             const Strided<3>&);
template void binary_forward(Gpu, Greater, const std::uint8_t*, const std::uint8_t*, bool*,
                             const Strided<3>&);
template void binary_forward(Gpu, Greater, const bool*, const bool*, bool*, const Strided<3>&);
template void binary_scalar_forward(Gpu, Greater, const float*, float, bool*, const Strided<2>&);
template void binary_scalar_forward(Gpu, Greater, const double*, double, bool*, const Strided<2>&);
template void binary_scalar_forward(Gpu, Greater, const std::int32_t*, std::int32_t, bool*,
                                    const Strided<2>&);
template void binary_scalar_forward(Gpu, Greater, const std::int64_t*, std::int64_t, bool*,
                                    const Strided<2>&);
template void binary_scalar_forward(Gpu, Greater, const std::uint8_t*, std::uint8_t, bool*,
                                    const Strided<2>&);
template void binary_scalar_forward(Gpu, Greater, const bool*, bool, bool*, const Strided<2>&);

template void binary_forward(Gpu, GreaterEqual, const float*, const float*, bool*,
                             const Strided<3>&);
template void binary_forward(Gpu, GreaterEqual, const double*, const double*, bool*,
                             const Strided<3>&);
template void binary_forward(Gpu, GreaterEqual, const std::int32_t*, const std::int32_t*, bool*,
                             const Strided<3>&);
template void binary_forward(Gpu, GreaterEqual, const std::int64_t*, const std::int64_t*, bool*,
                             const Strided<3>&);
template void binary_forward(Gpu, GreaterEqual, const std::uint8_t*, const std::uint8_t*, bool*,
                             const Strided<3>&);
template void binary_forward(Gpu, GreaterEqual, const bool*, const bool*, bool*, const Strided<3>&);
template void binary_scalar_forward(Gpu, GreaterEqual, const float*, float, bool*,
                                    const Strided<2>&);
template void binary_scalar_forward(Gpu, GreaterEqual, const double*, double, bool*,
                                    const Strided<2>&);
template void binary_scalar_forward(Gpu, GreaterEqual, const std::int32_t*, std::int32_t, bool*,
                                    const Strided<2>&);
template void binary_scalar_forward(Gpu, GreaterEqual, const std::int64_t*, std::int64_t, bool*,
                                    const Strided<2>&);
template void binary_scalar_forward(Gpu, GreaterEqual, const std::uint8_t*, std::uint8_t, bool*,
                                    const Strided<2>&);
template void binary_scalar_forward(Gpu, GreaterEqual, const bool*, bool, bool*, const Strided<2>&);
}  // namespace vitrine::kernels

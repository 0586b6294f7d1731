#include "binary.h"

#include <cstdint>

#include "vitrine/kernels/base/parallel.h"

namespace vitrine::kernels {
namespace {

// The innermost runs of two operands: both contiguous, or one of them broadcast, or anything else.
template <class F, class T, class R>
void binary_forward_range(F fn, const T* a, const T* b, R* y, const Strided<3>& n, Range range) {
    const std::int64_t ys = n.strides[0][0], as = n.strides[1][0], bs = n.strides[2][0];
    for (Runs<3> run(n, range); run.length > 0; run.next()) {
        R* yr = y + run.offset(0);
        const T* ar = a + run.offset(1);
        const T* br = b + run.offset(2);
        if (ys == 1 && as == 1 && bs == 1) {
#pragma omp simd
            for (std::int64_t i = 0; i < run.length; ++i) yr[i] = fn.f(ar[i], br[i]);
        } else if (ys == 1 && as == 1 && bs == 0) {
            const T b0 = br[0];
#pragma omp simd
            for (std::int64_t i = 0; i < run.length; ++i) yr[i] = fn.f(ar[i], b0);
        } else if (ys == 1 && as == 0 && bs == 1) {
            const T a0 = ar[0];
#pragma omp simd
            for (std::int64_t i = 0; i < run.length; ++i) yr[i] = fn.f(a0, br[i]);
        } else {
            for (std::int64_t i = 0; i < run.length; ++i) yr[i * ys] = fn.f(ar[i * as], br[i * bs]);
        }
    }
}

template <class F, class T, class R>
void binary_scalar_forward_range(F fn, const T* a, T b, R* y, const Strided<2>& n, Range range) {
    const std::int64_t ys = n.strides[0][0], as = n.strides[1][0];
    for (Runs<2> run(n, range); run.length > 0; run.next()) {
        R* yr = y + run.offset(0);
        const T* ar = a + run.offset(1);
        if (ys == 1 && as == 1) {
#pragma omp simd
            for (std::int64_t i = 0; i < run.length; ++i) yr[i] = fn.f(ar[i], b);
        } else {
            for (std::int64_t i = 0; i < run.length; ++i) yr[i * ys] = fn.f(ar[i * as], b);
        }
    }
}

template <class F, class T>
void binary_scalar_backward_range(F fn, const T* a, T b, const T* dy, T* da, const Strided<3>& n,
                                  Range range) {
    const std::int64_t das = n.strides[0][0], dys = n.strides[1][0], as = n.strides[2][0];
    for (Runs<3> run(n, range); run.length > 0; run.next()) {
        T* dar = da + run.offset(0);
        const T* dyr = dy + run.offset(1);
        const T* ar = a + run.offset(2);
        if (das == 1 && dys == 1 && as == 1) {
#pragma omp simd
            for (std::int64_t i = 0; i < run.length; ++i) dar[i] = dyr[i] * fn.dfa(ar[i], b);
        } else {
            for (std::int64_t i = 0; i < run.length; ++i)
                dar[i * das] = dyr[i * dys] * fn.dfa(ar[i * as], b);
        }
    }
}

template <class F, class T>
void binary_backward_range(F fn, const T* a, const T* b, const T* dy, T* da, T* db,
                           const Strided<5>& n, Range range) {
    const std::int64_t das = n.strides[0][0], dbs = n.strides[1][0], dys = n.strides[2][0];
    const std::int64_t as = n.strides[3][0], bs = n.strides[4][0];
    for (Runs<5> run(n, range); run.length > 0; run.next()) {
        T* dar = da + (da ? run.offset(0) : 0);
        T* dbr = db + (db ? run.offset(1) : 0);
        const T* dyr = dy + run.offset(2);
        const T* ar = a + run.offset(3);
        const T* br = b + run.offset(4);
        if (da && db && das == 1 && dbs == 1 && dys == 1 && as == 1 && bs == 1) {
#pragma omp simd
            for (std::int64_t i = 0; i < run.length; ++i) {
                const T dyi = dyr[i], ai = ar[i],
                        bi = br[i];  // read first: an output may be one of these
                dar[i] = dyi * fn.dfa(ai, bi);
                dbr[i] = dyi * fn.dfb(ai, bi);
            }
        } else {
            for (std::int64_t i = 0; i < run.length; ++i) {
                const T dyi = dyr[i * dys], ai = ar[i * as], bi = br[i * bs];
                if (da) dar[i * das] = dyi * fn.dfa(ai, bi);
                if (db) dbr[i * dbs] = dyi * fn.dfb(ai, bi);
            }
        }
    }
}

}  // namespace

template <class F, class T, class R>
void binary_forward(Cpu, F fn, const T* a, const T* b, R* y, const Strided<3>& n) {
    const int parts = parts_for(n.count, 2);
    if (parts == 1) return binary_forward_range(fn, a, b, y, n, {0, n.count});
#pragma omp parallel for num_threads(parts)
    for (int p = 0; p < parts; ++p)
        binary_forward_range(fn, a, b, y, n, share(n.count, p, parts, 64));
}

template <class F, class T>
void binary_backward(Cpu, F fn, const T* a, const T* b, const T* dy, T* da, T* db,
                     const Strided<5>& n) {
    const int parts = parts_for(n.count, 4);
    if (parts == 1) return binary_backward_range(fn, a, b, dy, da, db, n, {0, n.count});
#pragma omp parallel for num_threads(parts)
    for (int p = 0; p < parts; ++p)
        binary_backward_range(fn, a, b, dy, da, db, n, share(n.count, p, parts, 64));
}

template <class F, class T, class R>
void binary_scalar_forward(Cpu, F fn, const T* a, T b, R* y, const Strided<2>& n) {
    const int parts = parts_for(n.count, 2);
    if (parts == 1) return binary_scalar_forward_range(fn, a, b, y, n, {0, n.count});
#pragma omp parallel for num_threads(parts)
    for (int p = 0; p < parts; ++p)
        binary_scalar_forward_range(fn, a, b, y, n, share(n.count, p, parts, 64));
}

template <class F, class T>
void binary_scalar_backward(Cpu, F fn, const T* a, T b, const T* dy, T* da, const Strided<3>& n) {
    const int parts = parts_for(n.count, 2);
    if (parts == 1) return binary_scalar_backward_range(fn, a, b, dy, da, n, {0, n.count});
#pragma omp parallel for num_threads(parts)
    for (int p = 0; p < parts; ++p)
        binary_scalar_backward_range(fn, a, b, dy, da, n, share(n.count, p, parts, 64));
}

template void binary_forward(Cpu, Add, const float*, const float*, float*, const Strided<3>&);
template void binary_forward(Cpu, Add, const double*, const double*, double*, const Strided<3>&);
template void binary_forward(Cpu, Add, const std::int32_t*, const std::int32_t*, std::int32_t*,
                             const Strided<3>&);
template void binary_forward(Cpu, Add, const std::int64_t*, const std::int64_t*, std::int64_t*,
                             const Strided<3>&);
template void binary_forward(Cpu, Add, const std::uint8_t*, const std::uint8_t*, std::uint8_t*,
                             const Strided<3>&);
template void binary_forward(Cpu, Add, const bool*, const bool*, bool*, const Strided<3>&);
template void binary_scalar_forward(Cpu, Add, const float*, float, float*, const Strided<2>&);
template void binary_scalar_forward(Cpu, Add, const double*, double, double*, const Strided<2>&);
template void binary_scalar_forward(Cpu, Add, const std::int32_t*, std::int32_t, std::int32_t*,
                                    const Strided<2>&);
template void binary_scalar_forward(Cpu, Add, const std::int64_t*, std::int64_t, std::int64_t*,
                                    const Strided<2>&);
template void binary_scalar_forward(Cpu, Add, const std::uint8_t*, std::uint8_t, std::uint8_t*,
                                    const Strided<2>&);
template void binary_scalar_forward(Cpu, Add, const bool*, bool, bool*, const Strided<2>&);

template void binary_forward(Cpu, Sub, const float*, const float*, float*, const Strided<3>&);
template void binary_forward(Cpu, Sub, const double*, const double*, double*, const Strided<3>&);
template void binary_forward(Cpu, Sub, const std::int32_t*, const std::int32_t*, std::int32_t*,
                             const Strided<3>&);
template void binary_forward(Cpu, Sub, const std::int64_t*, const std::int64_t*, std::int64_t*,
                             const Strided<3>&);
template void binary_forward(Cpu, Sub, const std::uint8_t*, const std::uint8_t*, std::uint8_t*,
                             const Strided<3>&);
template void binary_scalar_forward(Cpu, Sub, const float*, float, float*, const Strided<2>&);
template void binary_scalar_forward(Cpu, Sub, const double*, double, double*, const Strided<2>&);
template void binary_scalar_forward(Cpu, Sub, const std::int32_t*, std::int32_t, std::int32_t*,
                                    const Strided<2>&);
template void binary_scalar_forward(Cpu, Sub, const std::int64_t*, std::int64_t, std::int64_t*,
                                    const Strided<2>&);
template void binary_scalar_forward(Cpu, Sub, const std::uint8_t*, std::uint8_t, std::uint8_t*,
                                    const Strided<2>&);

template void binary_scalar_forward(Cpu, ReverseSub, const float*, float, float*,
                                    const Strided<2>&);
template void binary_scalar_forward(Cpu, ReverseSub, const double*, double, double*,
                                    const Strided<2>&);
template void binary_scalar_forward(Cpu, ReverseSub, const std::int32_t*, std::int32_t,
                                    std::int32_t*, const Strided<2>&);
template void binary_scalar_forward(Cpu, ReverseSub, const std::int64_t*, std::int64_t,
                                    std::int64_t*, const Strided<2>&);
template void binary_scalar_forward(Cpu, ReverseSub, const std::uint8_t*, std::uint8_t,
                                    std::uint8_t*, const Strided<2>&);

template void binary_forward(Cpu, Mul, const float*, const float*, float*, const Strided<3>&);
template void binary_forward(Cpu, Mul, const double*, const double*, double*, const Strided<3>&);
template void binary_forward(Cpu, Mul, const std::int32_t*, const std::int32_t*, std::int32_t*,
                             const Strided<3>&);
template void binary_forward(Cpu, Mul, const std::int64_t*, const std::int64_t*, std::int64_t*,
                             const Strided<3>&);
template void binary_forward(Cpu, Mul, const std::uint8_t*, const std::uint8_t*, std::uint8_t*,
                             const Strided<3>&);
template void binary_forward(Cpu, Mul, const bool*, const bool*, bool*, const Strided<3>&);
template void binary_scalar_forward(Cpu, Mul, const float*, float, float*, const Strided<2>&);
template void binary_scalar_forward(Cpu, Mul, const double*, double, double*, const Strided<2>&);
template void binary_scalar_forward(Cpu, Mul, const std::int32_t*, std::int32_t, std::int32_t*,
                                    const Strided<2>&);
template void binary_scalar_forward(Cpu, Mul, const std::int64_t*, std::int64_t, std::int64_t*,
                                    const Strided<2>&);
template void binary_scalar_forward(Cpu, Mul, const std::uint8_t*, std::uint8_t, std::uint8_t*,
                                    const Strided<2>&);
template void binary_scalar_forward(Cpu, Mul, const bool*, bool, bool*, const Strided<2>&);
template void binary_backward(Cpu, Mul, const float*, const float*, const float*, float*, float*,
                              const Strided<5>&);
template void binary_backward(Cpu, Mul, const double*, const double*, const double*, double*,
                              double*, const Strided<5>&);

template void binary_forward(Cpu, Div, const float*, const float*, float*, const Strided<3>&);
template void binary_forward(Cpu, Div, const double*, const double*, double*, const Strided<3>&);
template void binary_scalar_forward(Cpu, Div, const float*, float, float*, const Strided<2>&);
template void binary_scalar_forward(Cpu, Div, const double*, double, double*, const Strided<2>&);
template void binary_backward(Cpu, Div, const float*, const float*, const float*, float*, float*,
                              const Strided<5>&);
template void binary_backward(Cpu, Div, const double*, const double*, const double*, double*,
                              double*, const Strided<5>&);

template void binary_scalar_forward(Cpu, ReverseDiv, const float*, float, float*,
                                    const Strided<2>&);
template void binary_scalar_forward(Cpu, ReverseDiv, const double*, double, double*,
                                    const Strided<2>&);
template void binary_scalar_backward(Cpu, ReverseDiv, const float*, float, const float*, float*,
                                     const Strided<3>&);
template void binary_scalar_backward(Cpu, ReverseDiv, const double*, double, const double*, double*,
                                     const Strided<3>&);

template void binary_forward(Cpu, Maximum, const float*, const float*, float*, const Strided<3>&);
template void binary_forward(Cpu, Maximum, const double*, const double*, double*,
                             const Strided<3>&);
template void binary_forward(Cpu, Maximum, const std::int32_t*, const std::int32_t*, std::int32_t*,
                             const Strided<3>&);
template void binary_forward(Cpu, Maximum, const std::int64_t*, const std::int64_t*, std::int64_t*,
                             const Strided<3>&);
template void binary_forward(Cpu, Maximum, const std::uint8_t*, const std::uint8_t*, std::uint8_t*,
                             const Strided<3>&);
template void binary_forward(Cpu, Maximum, const bool*, const bool*, bool*, const Strided<3>&);
template void binary_scalar_forward(Cpu, Maximum, const float*, float, float*, const Strided<2>&);
template void binary_scalar_forward(Cpu, Maximum, const double*, double, double*,
                                    const Strided<2>&);
template void binary_scalar_forward(Cpu, Maximum, const std::int32_t*, std::int32_t, std::int32_t*,
                                    const Strided<2>&);
template void binary_scalar_forward(Cpu, Maximum, const std::int64_t*, std::int64_t, std::int64_t*,
                                    const Strided<2>&);
template void binary_scalar_forward(Cpu, Maximum, const std::uint8_t*, std::uint8_t, std::uint8_t*,
                                    const Strided<2>&);
template void binary_scalar_forward(Cpu, Maximum, const bool*, bool, bool*, const Strided<2>&);
template void binary_backward(Cpu, Maximum, const float*, const float*, const float*, float*,
                              float*, const Strided<5>&);
template void binary_backward(Cpu, Maximum, const double*, const double*, const double*, double*,
                              double*, const Strided<5>&);
template void binary_scalar_backward(Cpu, Maximum, const float*, float, const float*, float*,
                                     const Strided<3>&);
template void binary_scalar_backward(Cpu, Maximum, const double*, double, const double*, double*,
                                     const Strided<3>&);

template void binary_forward(Cpu, Minimum, const float*, const float*, float*, const Strided<3>&);
template void binary_forward(Cpu, Minimum, const double*, const double*, double*,
                             const Strided<3>&);
template void binary_forward(Cpu, Minimum, const std::int32_t*, const std::int32_t*, std::int32_t*,
                             const Strided<3>&);
template void binary_forward(Cpu, Minimum, const std::int64_t*, const std::int64_t*, std::int64_t*,
                             const Strided<3>&);
template void binary_forward(Cpu, Minimum, const std::uint8_t*, const std::uint8_t*, std::uint8_t*,
                             const Strided<3>&);
template void binary_forward(Cpu, Minimum, const bool*, const bool*, bool*, const Strided<3>&);
template void binary_scalar_forward(Cpu, Minimum, const float*, float, float*, const Strided<2>&);
template void binary_scalar_forward(Cpu, Minimum, const double*, double, double*,
                                    const Strided<2>&);
template void binary_scalar_forward(Cpu, Minimum, const std::int32_t*, std::int32_t, std::int32_t*,
                                    const Strided<2>&);
template void binary_scalar_forward(Cpu, Minimum, const std::int64_t*, std::int64_t, std::int64_t*,
                                    const Strided<2>&);
template void binary_scalar_forward(Cpu, Minimum, const std::uint8_t*, std::uint8_t, std::uint8_t*,
                                    const Strided<2>&);
template void binary_scalar_forward(Cpu, Minimum, const bool*, bool, bool*, const Strided<2>&);
template void binary_backward(Cpu, Minimum, const float*, const float*, const float*, float*,
                              float*, const Strided<5>&);
template void binary_backward(Cpu, Minimum, const double*, const double*, const double*, double*,
                              double*, const Strided<5>&);
template void binary_scalar_backward(Cpu, Minimum, const float*, float, const float*, float*,
                                     const Strided<3>&);
template void binary_scalar_backward(Cpu, Minimum, const double*, double, const double*, double*,
                                     const Strided<3>&);

template void binary_forward(Cpu, Equal, const float*, const float*, bool*, const Strided<3>&);
template void binary_forward(Cpu, Equal, const double*, const double*, bool*, const Strided<3>&);
template void binary_forward(Cpu, Equal, const std::int32_t*, const std::int32_t*, bool*,
                             const Strided<3>&);
template void binary_forward(Cpu, Equal, const std::int64_t*, const std::int64_t*, bool*,
                             const Strided<3>&);
template void binary_forward(Cpu, Equal, const std::uint8_t*, const std::uint8_t*, bool*,
                             const Strided<3>&);
template void binary_forward(Cpu, Equal, const bool*, const bool*, bool*, const Strided<3>&);
template void binary_scalar_forward(Cpu, Equal, const float*, float, bool*, const Strided<2>&);
template void binary_scalar_forward(Cpu, Equal, const double*, double, bool*, const Strided<2>&);
template void binary_scalar_forward(Cpu, Equal, const std::int32_t*, std::int32_t, bool*,
                                    const Strided<2>&);
template void binary_scalar_forward(Cpu, Equal, const std::int64_t*, std::int64_t, bool*,
                                    const Strided<2>&);
template void binary_scalar_forward(Cpu, Equal, const std::uint8_t*, std::uint8_t, bool*,
                                    const Strided<2>&);
template void binary_scalar_forward(Cpu, Equal, const bool*, bool, bool*, const Strided<2>&);
template void binary_forward(Cpu, NotEqual, const float*, const float*, bool*, const Strided<3>&);
template void binary_forward(Cpu, NotEqual, const double*, const double*, bool*, const Strided<3>&);
template void binary_forward(Cpu, NotEqual, const std::int32_t*, const std::int32_t*, bool*,
                             const Strided<3>&);
template void binary_forward(Cpu, NotEqual, const std::int64_t*, const std::int64_t*, bool*,
                             const Strided<3>&);
template void binary_forward(Cpu, NotEqual, const std::uint8_t*, const std::uint8_t*, bool*,
                             const Strided<3>&);
template void binary_forward(Cpu, NotEqual, const bool*, const bool*, bool*, const Strided<3>&);
template void binary_scalar_forward(Cpu, NotEqual, const float*, float, bool*, const Strided<2>&);
template void binary_scalar_forward(Cpu, NotEqual, const double*, double, bool*, const Strided<2>&);
template void binary_scalar_forward(Cpu, NotEqual, const std::int32_t*, std::int32_t, bool*,
                                    const Strided<2>&);
template void binary_scalar_forward(Cpu, NotEqual, const std::int64_t*, std::int64_t, bool*,
                                    const Strided<2>&);
template void binary_scalar_forward(Cpu, NotEqual, const std::uint8_t*, std::uint8_t, bool*,
                                    const Strided<2>&);
template void binary_scalar_forward(Cpu, NotEqual, const bool*, bool, bool*, const Strided<2>&);
template void binary_forward(Cpu, Less, const float*, const float*, bool*, const Strided<3>&);
template void binary_forward(Cpu, Less, const double*, const double*, bool*, const Strided<3>&);
template void binary_forward(Cpu, Less, const std::int32_t*, const std::int32_t*, bool*,
                             const Strided<3>&);
template void binary_forward(Cpu, Less, const std::int64_t*, const std::int64_t*, bool*,
                             const Strided<3>&);
template void binary_forward(Cpu, Less, const std::uint8_t*, const std::uint8_t*, bool*,
                             const Strided<3>&);
template void binary_forward(Cpu, Less, const bool*, const bool*, bool*, const Strided<3>&);
template void binary_scalar_forward(Cpu, Less, const float*, float, bool*, const Strided<2>&);
template void binary_scalar_forward(Cpu, Less, const double*, double, bool*, const Strided<2>&);
template void binary_scalar_forward(Cpu, Less, const std::int32_t*, std::int32_t, bool*,
                                    const Strided<2>&);
template void binary_scalar_forward(Cpu, Less, const std::int64_t*, std::int64_t, bool*,
                                    const Strided<2>&);
template void binary_scalar_forward(Cpu, Less, const std::uint8_t*, std::uint8_t, bool*,
                                    const Strided<2>&);
template void binary_scalar_forward(Cpu, Less, const bool*, bool, bool*, const Strided<2>&);
template void binary_forward(Cpu, LessEqual, const float*, const float*, bool*, const Strided<3>&);
template void binary_forward(Cpu, LessEqual, const double*, const double*, bool*,
                             const Strided<3>&);
template void binary_forward(Cpu, LessEqual, const std::int32_t*, const std::int32_t*, bool*,
                             const Strided<3>&);
template void binary_forward(Cpu, LessEqual, const std::int64_t*, const std::int64_t*, bool*,
                             const Strided<3>&);
template void binary_forward(Cpu, LessEqual, const std::uint8_t*, const std::uint8_t*, bool*,
                             const Strided<3>&);
template void binary_forward(Cpu, LessEqual, const bool*, const bool*, bool*, const Strided<3>&);
template void binary_scalar_forward(Cpu, LessEqual, const float*, float, bool*, const Strided<2>&);
template void binary_scalar_forward(Cpu, LessEqual, const double*, double, bool*,
                                    const Strided<2>&);
template void binary_scalar_forward(Cpu, LessEqual, const std::int32_t*, std::int32_t, bool*,
                                    const Strided<2>&);
template void binary_scalar_forward(Cpu, LessEqual, const std::int64_t*, std::int64_t, bool*,
                                    const Strided<2>&);
template void binary_scalar_forward(Cpu, LessEqual, const std::uint8_t*, std::uint8_t, bool*,
                                    const Strided<2>&);
template void binary_scalar_forward(Cpu, LessEqual, const bool*, bool, bool*, const Strided<2>&);
template void binary_forward(Cpu, Greater, const float*, const float*, bool*, const Strided<3>&);
template void binary_forward(Cpu, Greater, const double*, const double*, bool*, const Strided<3>&);
template void binary_forward(Cpu, Greater, const std::int32_t*, const std::int32_t*, bool*,
                             const Strided<3>&);
template void binary_forward(Cpu, Greater, const std::int64_t*, const std::int64_t*, bool*,
                             const Strided<3>&);
template void binary_forward(Cpu, Greater, const std::uint8_t*, const std::uint8_t*, bool*,
                             const Strided<3>&);
template void binary_forward(Cpu, Greater, const bool*, const bool*, bool*, const Strided<3>&);
template void binary_scalar_forward(Cpu, Greater, const float*, float, bool*, const Strided<2>&);
template void binary_scalar_forward(Cpu, Greater, const double*, double, bool*, const Strided<2>&);
template void binary_scalar_forward(Cpu, Greater, const std::int32_t*, std::int32_t, bool*,
                                    const Strided<2>&);
template void binary_scalar_forward(Cpu, Greater, const std::int64_t*, std::int64_t, bool*,
                                    const Strided<2>&);
template void binary_scalar_forward(Cpu, Greater, const std::uint8_t*, std::uint8_t, bool*,
                                    const Strided<2>&);
template void binary_scalar_forward(Cpu, Greater, const bool*, bool, bool*, const Strided<2>&);
template void binary_forward(Cpu, GreaterEqual, const float*, const float*, bool*,
                             const Strided<3>&);
template void binary_forward(Cpu, GreaterEqual, const double*, const double*, bool*,
                             const Strided<3>&);
template void binary_forward(Cpu, GreaterEqual, const std::int32_t*, const std::int32_t*, bool*,
                             const Strided<3>&);
template void binary_forward(Cpu, GreaterEqual, const std::int64_t*, const std::int64_t*, bool*,
                             const Strided<3>&);
template void binary_forward(Cpu, GreaterEqual, const std::uint8_t*, const std::uint8_t*, bool*,
                             const Strided<3>&);
template void binary_forward(Cpu, GreaterEqual, const bool*, const bool*, bool*, const Strided<3>&);
template void binary_scalar_forward(Cpu, GreaterEqual, const float*, float, bool*,
                                    const Strided<2>&);
template void binary_scalar_forward(Cpu, GreaterEqual, const double*, double, bool*,
                                    const Strided<2>&);
template void binary_scalar_forward(Cpu, GreaterEqual, const std::int32_t*, std::int32_t, bool*,
                                    const Strided<2>&);
template void binary_scalar_forward(Cpu, GreaterEqual, const std::int64_t*, std::int64_t, bool*,
                                    const Strided<2>&);
template void binary_scalar_forward(Cpu, GreaterEqual, const std::uint8_t*, std::uint8_t, bool*,
                                    const Strided<2>&);
template void binary_scalar_forward(Cpu, GreaterEqual, const bool*, bool, bool*, const Strided<2>&);
}  // namespace vitrine::kernels

// The CPU kernels of binary.h, for the two files that instantiate them.
#pragma once

#include "binary.h"

#include <cstdint>

#include "vitrine/kernels/base/parallel.h"

namespace vitrine::kernels {

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

}  // namespace vitrine::kernels

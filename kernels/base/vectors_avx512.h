// Vectors of 64 bytes for register tiles of 14 rows by two of them: 28 of the 32 registers hold sums. For files with
// AVX-512's flags alone: all is in an anonymous namespace.
#pragma once

#include <immintrin.h>

namespace vitrine::kernels {
namespace {

struct Floats {
    using Element = float;
    using Vector = __m512;
    static constexpr int width = 16, rows = 14;
    static __mmask16 first(int n) { return static_cast<__mmask16>((1u << n) - 1); }
    static Vector zero() { return _mm512_setzero_ps(); }
    static Vector load(const float* p) { return _mm512_loadu_ps(p); }
    static Vector load_first(const float* p, int n) { return _mm512_maskz_loadu_ps(first(n), p); }
    static void store(float* p, Vector x) { _mm512_storeu_ps(p, x); }
    static void store_first(float* p, Vector x, int n) { _mm512_mask_storeu_ps(p, first(n), x); }
    static Vector broadcast(const float* p) { return _mm512_set1_ps(*p); }
    static Vector add(Vector a, Vector b) { return _mm512_add_ps(a, b); }
    static Vector fma(Vector a, Vector b, Vector c) { return _mm512_fmadd_ps(a, b, c); }
};

struct Doubles {
    using Element = double;
    using Vector = __m512d;
    static constexpr int width = 8, rows = 14;
    static __mmask8 first(int n) { return static_cast<__mmask8>((1u << n) - 1); }
    static Vector zero() { return _mm512_setzero_pd(); }
    static Vector load(const double* p) { return _mm512_loadu_pd(p); }
    static Vector load_first(const double* p, int n) { return _mm512_maskz_loadu_pd(first(n), p); }
    static void store(double* p, Vector x) { _mm512_storeu_pd(p, x); }
    static void store_first(double* p, Vector x, int n) { _mm512_mask_storeu_pd(p, first(n), x); }
    static Vector broadcast(const double* p) { return _mm512_set1_pd(*p); }
    static Vector add(Vector a, Vector b) { return _mm512_add_pd(a, b); }
    static Vector fma(Vector a, Vector b, Vector c) { return _mm512_fmadd_pd(a, b, c); }
};

}  // namespace
}  // namespace vitrine::kernels

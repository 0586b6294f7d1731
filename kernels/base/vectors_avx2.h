// Vectors of 32 bytes for register tiles of 6 rows by two of them: 12 of the 16 registers hold sums. For files with
// AVX2's flags alone: all is in an anonymous namespace.
#pragma once

#include <immintrin.h>

namespace vitrine::kernels {
namespace {

// The sign of a lane says whether it is loaded or stored. The mask for the first n lanes is the
// vector that begins n numbers before the middle.
constexpr int lanes32[16] = {-1, -1, -1, -1, -1, -1, -1, -1, 0, 0, 0, 0, 0, 0, 0, 0};
constexpr long long lanes64[8] = {-1, -1, -1, -1, 0, 0, 0, 0};

struct Floats {
    using Element = float;
    using Vector = __m256;
    static constexpr int width = 8, rows = 6;
    static __m256i first(int n) {
        return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(lanes32 + (n < 8 ? 8 - n : 0)));
    }
    static Vector zero() { return _mm256_setzero_ps(); }
    static Vector load(const float* p) { return _mm256_loadu_ps(p); }
    static Vector load_first(const float* p, int n) { return _mm256_maskload_ps(p, first(n)); }
    static void store(float* p, Vector x) { _mm256_storeu_ps(p, x); }
    static void store_first(float* p, Vector x, int n) { _mm256_maskstore_ps(p, first(n), x); }
    static Vector broadcast(const float* p) { return _mm256_broadcast_ss(p); }
    static Vector add(Vector a, Vector b) { return _mm256_add_ps(a, b); }
    static Vector fma(Vector a, Vector b, Vector c) { return _mm256_fmadd_ps(a, b, c); }
};

struct Doubles {
    using Element = double;
    using Vector = __m256d;
    static constexpr int width = 4, rows = 6;
    static __m256i first(int n) {
        return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(lanes64 + (n < 4 ? 4 - n : 0)));
    }
    static Vector zero() { return _mm256_setzero_pd(); }
    static Vector load(const double* p) { return _mm256_loadu_pd(p); }
    static Vector load_first(const double* p, int n) { return _mm256_maskload_pd(p, first(n)); }
    static void store(double* p, Vector x) { _mm256_storeu_pd(p, x); }
    static void store_first(double* p, Vector x, int n) { _mm256_maskstore_pd(p, first(n), x); }
    static Vector broadcast(const double* p) { return _mm256_broadcast_sd(p); }
    static Vector add(Vector a, Vector b) { return _mm256_add_pd(a, b); }
    static Vector fma(Vector a, Vector b, Vector c) { return _mm256_fmadd_pd(a, b, c); }
};

}  // namespace
}  // namespace vitrine::kernels

// More of CUDA's own functions: norms, averages, shifts of pairs, products of bytes.
#pragma once

#include <math.h>
#include <cstdint>

inline namespace vitrine_simt {

inline float norm3df(float a, float b, float c) { return sqrtf(a * a + b * b + c * c); }
inline double norm3d(double a, double b, double c) { return ::sqrt(a * a + b * b + c * c); }
inline float norm4df(float a, float b, float c, float d) {
    return sqrtf(a * a + b * b + c * c + d * d);
}
inline double norm4d(double a, double b, double c, double d) {
    return ::sqrt(a * a + b * b + c * c + d * d);
}
inline float rnorm3df(float a, float b, float c) { return 1.0f / norm3df(a, b, c); }
inline double rnorm3d(double a, double b, double c) { return 1.0 / norm3d(a, b, c); }
inline float rhypotf(float a, float b) { return 1.0f / hypotf(a, b); }
inline double rhypot(double a, double b) { return 1.0 / ::hypot(a, b); }

/// Sine and cosine of pi x.
inline void sincospif(float x, float* sine, float* cosine) {
    *sine = static_cast<float>(::sin(3.141592653589793 * x));
    *cosine = static_cast<float>(::cos(3.141592653589793 * x));
}
inline void sincospi(double x, double* sine, double* cosine) {
    *sine = ::sin(3.141592653589793 * x);
    *cosine = ::cos(3.141592653589793 * x);
}

/// The mean of two integers, rounded down, or up (__r, __ur); their sum does not overflow.
inline int __hadd(int a, int b) {
    return static_cast<int>((static_cast<std::int64_t>(a) + b) >> 1);
}
inline int __rhadd(int a, int b) {
    return static_cast<int>((static_cast<std::int64_t>(a) + b + 1) >> 1);
}
inline unsigned __uhadd(unsigned a, unsigned b) {
    return static_cast<unsigned>((static_cast<std::uint64_t>(a) + b) >> 1);
}
inline unsigned __urhadd(unsigned a, unsigned b) {
    return static_cast<unsigned>((static_cast<std::uint64_t>(a) + b + 1) >> 1);
}
inline long long __mul64hi(long long a, long long b) {
    __extension__ using Wide = __int128;
    return static_cast<long long>(static_cast<Wide>(a) * b >> 64);
}

/// The upper (l) or lower (r) half of high:low, shifted by at most 32 bits.
inline unsigned __funnelshift_lc(unsigned low, unsigned high, unsigned shift) {
    const std::uint64_t both = static_cast<std::uint64_t>(high) << 32 | low;
    return static_cast<unsigned>(both << (shift < 32 ? shift : 32) >> 32);
}
inline unsigned __funnelshift_rc(unsigned low, unsigned high, unsigned shift) {
    const std::uint64_t both = static_cast<std::uint64_t>(high) << 32 | low;
    return static_cast<unsigned>(both >> (shift < 32 ? shift : 32));
}

/// sum plus the products of the four bytes of a and b.
inline int __dp4a(int a, int b, int sum) {
    for (int byte = 0; byte < 32; byte += 8)
        sum += static_cast<std::int8_t>(a >> byte) * static_cast<std::int8_t>(b >> byte);
    return sum;
}
inline unsigned __dp4a(unsigned a, unsigned b, unsigned sum) {
    for (int byte = 0; byte < 32; byte += 8) sum += (a >> byte & 0xffu) * (b >> byte & 0xffu);
    return sum;
}

}  // namespace vitrine_simt

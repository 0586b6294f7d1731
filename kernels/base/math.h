// Elementary functions for kernels, the same names on every device: math::exp(x), math::tanh(x),
// ...
//
//   float on the host     polynomials without a branch or a call, so that a plain loop over them
//                         becomes vector code
//   float on a GPU        CUDA's own
//   double                the C library's, CUDA's own
//
// Errors of the float polynomials, in units of the last place, over every float: exp 1, log 1,
// log1p 2, tanh 2, sigmoid 3, softplus 2, erf 2, sin and cos 2; infinities, zeros, denormals and
// NaN give what the C library gives.
//
// Polynomials: exp, log, tanh, sin, cos from Cephes (Moshier, single precision); erf by the Remez
// exchange algorithm on the two intervals named below, relative error 4e-10 and absolute error
// 4e-11.
#pragma once

#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>

#include "vitrine/kernels/base/hd.h"

namespace vitrine::kernels::math {

#if defined(__CUDA_ARCH__)

VITRINE_INLINE float exp(float x) { return ::expf(x); }
VITRINE_INLINE float log(float x) { return ::logf(x); }
VITRINE_INLINE float log1p(float x) { return ::log1pf(x); }
VITRINE_INLINE float log1p_within(float x) { return ::log1pf(x); }
VITRINE_INLINE float tanh(float x) { return ::tanhf(x); }
VITRINE_INLINE float erf(float x) { return ::erff(x); }
VITRINE_INLINE float sin(float x) { return ::sinf(x); }
VITRINE_INLINE float cos(float x) { return ::cosf(x); }

#else

/// e^x = 2^k e^r with k = round(x / ln 2), |r| <= ln(2)/2.
VITRINE_INLINE float exp(float x) {
    // Beyond these bounds the result is inf or 0 all the same. Written so that NaN stays NaN.
    x = x > 89.0f ? 89.0f : x;
    x = x < -104.0f ? -104.0f : x;
    constexpr float round_to_integer = 0x1.8p23f;  // a sum with it has no bits left for a fraction
    const float shifted = x * 1.44269504f + round_to_integer;
    const float k = shifted - round_to_integer;
    float r = x - k * 0.693359375f;  // ln 2 in two parts, the first short: k times it is exact
    r = r + k * 2.12194440e-4f;

    float p = 1.9875691500e-4f;
    p = p * r + 1.3981999507e-3f;
    p = p * r + 8.3334519073e-3f;
    p = p * r + 4.1665795894e-2f;
    p = p * r + 1.6666665459e-1f;
    p = p * r + 5.0000001201e-1f;
    p = p * (r * r) + r + 1.0f;

    // 2^k in two factors: k reaches from -150 to 128, an exponent field does not.
    const auto n = static_cast<std::int32_t>(std::bit_cast<std::uint32_t>(shifted) -
                                             std::bit_cast<std::uint32_t>(round_to_integer));
    const std::int32_t half = n >> 1;
    const auto first = static_cast<std::uint32_t>(half) + 127u;
    const auto second = static_cast<std::uint32_t>(n) - static_cast<std::uint32_t>(half) + 127u;
    return p * std::bit_cast<float>(first << 23) * std::bit_cast<float>(second << 23);
}

/// log x = e ln 2 + log m with x = 2^e m, sqrt(1/2) <= m < sqrt(2).
VITRINE_INLINE float log(float x) {
    const bool tiny = x < std::numeric_limits<float>::min();
    const float scaled = tiny ? x * 0x1p23f : x;
    constexpr std::uint32_t sqrt_half = 0x3f3504f3u;
    const std::uint32_t bits = std::bit_cast<std::uint32_t>(scaled) - sqrt_half;
    const auto exponent = static_cast<float>(static_cast<std::int32_t>(bits) >> 23);
    const float e = tiny ? exponent - 23.0f : exponent;
    const float f = std::bit_cast<float>((bits & 0x007fffffu) + sqrt_half) - 1.0f;

    float p = 7.0376836292e-2f;
    p = p * f - 1.1514610310e-1f;
    p = p * f + 1.1676998740e-1f;
    p = p * f - 1.2420140846e-1f;
    p = p * f + 1.4249322787e-1f;
    p = p * f - 1.6668057665e-1f;
    p = p * f + 2.0000714765e-1f;
    p = p * f - 2.4999993993e-1f;
    p = p * f + 3.3333331174e-1f;
    const float f2 = f * f;
    float y = p * f2 * f - e * 2.12194440e-4f;
    y = y - 0.5f * f2;
    y = f + y + e * 0.693359375f;

    constexpr float inf = std::numeric_limits<float>::infinity();
    y = x == inf ? inf : y;
    y = x == 0.0f ? -inf : y;
    return x >= 0.0f ? y : std::numeric_limits<float>::quiet_NaN();
}

/// log(1 + x): u = 1 + x rounded, then what the rounding lost, to first order.
VITRINE_INLINE float log1p(float x) {
    const float u = 1.0f + x;
    const float lost = (x - (u - 1.0f)) / u;
    return log(u) + (lost == lost ? lost : 0.0f);  // NaN where u is 0 or infinite
}

/// log(1 + x) for 0 <= x <= 1, in half the time: 2 artanh(s), s = x / (2 + x) <= 1/3, by its series to s^13.
VITRINE_INLINE float log1p_within(float x) {
    const float s = x / (2.0f + x), q = s * s;
    float p = 1.0f / 13.0f;
    p = p * q + 1.0f / 11.0f;
    p = p * q + 1.0f / 9.0f;
    p = p * q + 1.0f / 7.0f;
    p = p * q + 1.0f / 5.0f;
    p = p * q + 1.0f / 3.0f;
    return x - s * (x - 2.0f * p * q);  // 2 s = x - s x: what rounding does to s counts less
}

VITRINE_INLINE float tanh(float x) {
    const float a = std::fabs(x), z = x * x;
    float p = -5.70498872745e-3f;
    p = p * z + 2.06390887954e-2f;
    p = p * z - 5.37397155531e-2f;
    p = p * z + 1.33314422036e-1f;
    p = p * z - 3.33332819422e-1f;
    const float small = p * z * x + x;
    const float large = std::copysign(1.0f - 2.0f / (exp(2.0f * a) + 1.0f), x);
    return a < 0.625f ? small : large;
}

/// |x| < 0.92: x P(x^2); else sign(x) (1 - e^Q(|x|)), Q the logarithm of erfc; 1 beyond 3.95.
VITRINE_INLINE float erf(float x) {
    const float a = std::fabs(x), z = x * x;
    float p = 8.369582065e-5f;
    p = p * z - 8.142581792e-4f;
    p = p * z + 5.201021675e-3f;
    p = p * z - 2.685939334e-2f;
    p = p * z + 1.12836957e-1f;
    p = p * z - 3.76126349e-1f;
    p = p * z + 1.283792257e-1f;  // 2/sqrt(pi) - 1: the 1 is added last, exactly
    const float small = p * x + x;

    const float b = a > 3.95f ? 3.95f : a;
    float q = -2.116195355e-5f;
    q = q * b + 4.352194956e-4f;
    q = q * b - 4.17464599e-3f;
    q = q * b + 2.512863278e-2f;
    q = q * b - 1.08293958e-1f;
    q = q * b - 6.333346367e-1f;
    q = q * b - 1.129520774f;
    q = q * b + 1.758758153e-4f;
    const float large = std::copysign(1.0f - exp(q), x);
    return a < 0.92f ? small : large;
}

/// Beyond this sin_within and cos_within may miss the nearest multiple of pi/2.
inline constexpr float trigonometric_bound = 0x1p17f;

/// sin(x + turns pi/2) for |x| <= trigonometric_bound, without a branch. The multiple of pi/2 is
/// taken off in double, its first part short enough for an exact product, so that results near zero
/// keep all their digits.
VITRINE_INLINE float sin_within(float x, std::uint32_t turns = 0) {
    constexpr float round_to_integer = 0x1.8p23f;
    const float shifted = x * 0.636619772f + round_to_integer;
    const double n = static_cast<double>(shifted - round_to_integer);
    const double rest = static_cast<double>(x) - n * 0x1.921fb544p0;  // 31 bits of pi/2
    const float r = static_cast<float>(rest - n * 0x1.0b4611a626331p-34);
    const float z = r * r;

    float s = -1.9515295891e-4f;
    s = s * z + 8.3321608736e-3f;
    s = s * z - 1.6666654611e-1f;
    s = s * z * r + r;
    float c = 2.443315711809948e-5f;
    c = c * z - 1.388731625493765e-3f;
    c = c * z + 4.166664568298827e-2f;
    c = c * z * z - 0.5f * z + 1.0f;

    // The low bits of `shifted` are those of n.
    const std::uint32_t quarter = std::bit_cast<std::uint32_t>(shifted) + turns;
    const float y = (quarter & 1u) != 0 ? c : s;
    return (quarter & 2u) != 0 ? -y : y;
}
VITRINE_INLINE float cos_within(float x) { return sin_within(x, 1); }

/// Any x. Has a branch: a loop that wants vector code asks for the bound first and calls
/// sin_within.
VITRINE_INLINE float sin(float x) {
    if (std::fabs(x) <= trigonometric_bound) return sin_within(x);
    return static_cast<float>(std::sin(static_cast<double>(x)));
}
VITRINE_INLINE float cos(float x) {
    if (std::fabs(x) <= trigonometric_bound) return cos_within(x);
    return static_cast<float>(std::cos(static_cast<double>(x)));
}

#endif

VITRINE_INLINE double exp(double x) { return std::exp(x); }
VITRINE_INLINE double log(double x) { return std::log(x); }
VITRINE_INLINE double log1p(double x) { return std::log1p(x); }
VITRINE_INLINE double log1p_within(double x) { return std::log1p(x); }
VITRINE_INLINE double tanh(double x) { return std::tanh(x); }
VITRINE_INLINE double erf(double x) { return std::erf(x); }
VITRINE_INLINE double sin(double x) { return std::sin(x); }
VITRINE_INLINE double cos(double x) { return std::cos(x); }

VITRINE_INLINE float sqrt(float x) { return std::sqrt(x); }
VITRINE_INLINE double sqrt(double x) { return std::sqrt(x); }
VITRINE_INLINE float abs(float x) { return std::fabs(x); }
VITRINE_INLINE double abs(double x) { return std::fabs(x); }
VITRINE_INLINE float pow(float x, float p) { return std::pow(x, p); }
VITRINE_INLINE double pow(double x, double p) { return std::pow(x, p); }

/// 1 / (1 + e^-x), from e^-|x|, which cannot overflow.
template <class T>
VITRINE_INLINE T sigmoid(T x) {
    const T z = exp(-abs(x));
    const T s = T(1) / (T(1) + z);
    return x < T(0) ? z * s : s;
}

/// log(1 + e^x) = max(x, 0) + log(1 + e^-|x|).
template <class T>
VITRINE_INLINE T softplus(T x) {
    const T rest = log1p_within(exp(-abs(x)));
    return x > T(0) ? x + rest : rest;
}

/// The normal distribution function, (1 + erf(x / sqrt 2)) / 2.
template <class T>
VITRINE_INLINE T normal_cdf(T x) { return T(0.5) * (T(1) + erf(x * T(0.70710678118654752))); }

/// The normal density, e^(-x^2 / 2) / sqrt(2 pi).
template <class T>
VITRINE_INLINE T normal_pdf(T x) { return T(0.39894228040143268) * exp(T(-0.5) * x * x); }

}  // namespace vitrine::kernels::math

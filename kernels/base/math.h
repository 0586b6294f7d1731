// Elementary functions for kernels, the same names on every device: math::exp(x), math::tanh(x),
// ...
//
//   float on the host     polynomials without a branch or a call, so that a plain loop over them
//                         becomes vector code
//   float on a GPU        CUDA's own
//   double                the C library's, CUDA's own
//
// Errors of the float polynomials, in units of the last place, over every float: exp 1.2, log 1.2,
// log1p 2, tanh 2, sigmoid 2.5, softplus 2.2, erf 2; sin and cos 2, over every 1009th. Infinities, zeros,
// denormals and NaN give what the C library gives (tests/kernels/elementary.cpp).
//
// Polynomials: log, tanh, sin, cos from Cephes (Moshier, single precision). exp and the W of erf
// by weighted least squares whose weights grow where the error is largest (Lawson), until the error
// is even: relative 3e-9 and absolute 4e-9. erf below 0.92 by the Remez exchange, relative 4e-10.
#pragma once

#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>

#include "vitrine/kernels/base/hd.h"

namespace vitrine::kernels::math {

#if defined(__CUDA_ARCH__)

VITRINE_INLINE float exp(float x) { return ::expf(x); }
VITRINE_INLINE float exp_within(float x) { return ::expf(x); }
VITRINE_INLINE float log(float x) { return ::logf(x); }
VITRINE_INLINE float log1p(float x) { return ::log1pf(x); }
VITRINE_INLINE float log1p_within(float x) { return ::log1pf(x); }
VITRINE_INLINE float tanh(float x) { return ::tanhf(x); }
VITRINE_INLINE float erf(float x) { return ::erff(x); }
VITRINE_INLINE float erf_given(float x, float) { return ::erff(x); }
VITRINE_INLINE float sin(float x) { return ::sinf(x); }
VITRINE_INLINE float cos(float x) { return ::cosf(x); }

#else

/// e^(x - k ln 2), close to 1, for the whole number k = x / ln 2 rounded.
VITRINE_INLINE float exp_fraction(float x, float k) {
    float r = x - k * 0.693359375f;  // ln 2 in two parts, the first short: k times it is exact
    r = r + k * 2.12194440e-4f;
    float p = 1.3814433179e-3f;
    p = p * r + 8.3687966846e-3f;
    p = p * r + 4.1668395795e-2f;
    p = p * r + 1.6666519973e-1f;
    p = p * r + 4.9999993403e-1f;
    p = p * r + 1.0f;
    return p * r + 1.0f;
}

/// e^x = 2^k e^(x - k ln 2) for -87 <= x <= 88, where 2^k is a normal number: half the work of exp(x). NaN stays NaN,
/// other x beyond give anything.
VITRINE_INLINE float exp_within(float x) {
    // A sum with this number has no bits left for a fraction, and its lowest bits are k + 127: the exponent field of 2^k.
    constexpr float round_to_field = 0x1.8p23f + 127.0f;
    const float shifted = x * 1.44269504f + round_to_field;
    const std::uint32_t field = std::bit_cast<std::uint32_t>(shifted);
    return exp_fraction(x, shifted - round_to_field) * std::bit_cast<float>(field << 23);
}

/// e^x for every x. k reaches from -150 to 128, an exponent field does not: 2^k is two factors, with half of k + 254 in
/// the field of each.
VITRINE_INLINE float exp(float x) {
    // Beyond these bounds the result is inf or 0 all the same. Written so that NaN stays NaN.
    x = x > 89.0f ? 89.0f : x;
    x = x < -104.0f ? -104.0f : x;
    constexpr float round_to_fields = 0x1.8p23f + 254.0f;
    const float shifted = x * 1.44269504f + round_to_fields;
    const std::uint32_t both = std::bit_cast<std::uint32_t>(shifted), half = both >> 1;
    const float p = exp_fraction(x, shifted - round_to_fields);
    return p * std::bit_cast<float>(half << 23) * std::bit_cast<float>((both - half) << 23);
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

/// |x| < 0.625: x P(x^2); else sign(x) (1 - 2 / (e^(2|x|) + 1)); 1 beyond 9.02.
VITRINE_INLINE float tanh(float x) {
    const float a = std::fabs(x), z = x * x;
    float p = -5.70498872745e-3f;
    p = p * z + 2.06390887954e-2f;
    p = p * z - 5.37397155531e-2f;
    p = p * z + 1.33314422036e-1f;
    p = p * z - 3.33332819422e-1f;
    const float small = p * z * x + x;
    const float large = a > 9.02f ? 1.0f : 1.0f - 2.0f / (exp_within(2.0f * a) + 1.0f);
    return a < 0.625f ? small : std::copysign(large, x);
}

/// erf x, given e = e^(-x^2). |x| < 0.92: x P(x^2); else sign(x) (1 - W(|x|) e); 1 beyond 3.92, whatever e.
VITRINE_INLINE float erf_given(float x, float e) {
    const float a = std::fabs(x), z = x * x;
    float p = 8.369582065e-5f;
    p = p * z - 8.142581792e-4f;
    p = p * z + 5.201021675e-3f;
    p = p * z - 2.685939334e-2f;
    p = p * z + 1.12836957e-1f;
    p = p * z - 3.76126349e-1f;
    p = p * z + 1.283792257e-1f;  // 2/sqrt(pi) - 1: the 1 is added last, exactly
    const float small = p * x + x;

    float w = 1.2856707775e-4f;
    w = w * a - 2.2304201369e-3f;
    w = w * a + 1.7303242654e-2f;
    w = w * a - 7.9788280274e-2f;
    w = w * a + 2.4568132239e-1f;
    w = w * a - 5.3922289526e-1f;
    w = w * a + 8.7952609567e-1f;
    w = w * a - 1.0876148141f;
    w = w * a + 9.9380075750e-1f;
    const float large = a > 3.92f ? 1.0f : 1.0f - w * e;
    return a < 0.92f ? small : std::copysign(large, x);
}
VITRINE_INLINE float erf(float x) { return erf_given(x, exp_within(-x * x)); }

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
VITRINE_INLINE double exp_within(double x) { return std::exp(x); }
VITRINE_INLINE double log(double x) { return std::log(x); }
VITRINE_INLINE double log1p(double x) { return std::log1p(x); }
VITRINE_INLINE double log1p_within(double x) { return std::log1p(x); }
VITRINE_INLINE double tanh(double x) { return std::tanh(x); }
VITRINE_INLINE double erf(double x) { return std::erf(x); }
VITRINE_INLINE double erf_given(double x, double) { return std::erf(x); }
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
    return (x < T(0) ? z : T(1)) / (T(1) + z);
}

/// log(1 + e^x) = max(x, 0) + log(1 + e^-|x|).
template <class T>
VITRINE_INLINE T softplus(T x) {
    const T rest = log1p_within(exp(-abs(x)));
    return x > T(0) ? x + rest : rest;
}

/// The normal distribution function, (1 + erf(x / sqrt 2)) / 2.
template <class T>
VITRINE_INLINE T normal_cdf(T x) { return T(0.5) + T(0.5) * erf(x * T(0.70710678118654752)); }

/// The same with the normal density, e^(-x^2 / 2) / sqrt(2 pi); erf takes the exponential that the density needs.
template <class T>
struct Normal {
    T cdf, pdf;
};
template <class T>
VITRINE_INLINE Normal<T> normal(T x) {
    const T u = x * T(0.70710678118654752), e = exp_within(-u * u), pdf = T(0.39894228040143268) * e;
    return {T(0.5) + T(0.5) * erf_given(u, e), u * u > T(87) ? T(0) : pdf};
}

}  // namespace vitrine::kernels::math

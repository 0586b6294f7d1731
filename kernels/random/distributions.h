// From random words to numbers, for the CPU and the GPU alike: the formulas of random.h.
#pragma once

#include <bit>
#include <cmath>
#include <cstdint>
#include <type_traits>

#include "philox.h"
#include "vitrine/kernels/base/hd.h"

namespace vitrine::kernels {

/// 24 bits as a multiple of 2^-24 in [0, 1).
VITRINE_HD inline float unit_f32(std::uint32_t word) {
    return static_cast<float>(static_cast<std::int32_t>(word >> 8)) * 0x1p-24f;
}

/// 53 bits as a multiple of 2^-53 in [0, 1): 27 of `high` above 26 of `low`. Every step is exact.
VITRINE_HD inline double unit_f64(std::uint32_t low, std::uint32_t high) {
    const auto upper = static_cast<double>(static_cast<std::int32_t>(high >> 5));
    const auto lower = static_cast<double>(static_cast<std::int32_t>(low >> 6));
    return (upper * 0x1p26 + lower) * 0x1p-53;
}

/// u < p for u = unit_f32(word), in integers: word / 2^8 < threshold.
inline std::uint32_t unit_threshold(double p) { return static_cast<std::uint32_t>(std::ceil(p * 0x1p24)); }
VITRINE_HD inline bool unit_below(std::uint32_t word, std::uint32_t threshold) {
    return static_cast<std::int32_t>(word >> 8) < static_cast<std::int32_t>(threshold);
}

/// What turns words into numbers, on the CPU a tile of words at a time and on a GPU a block of
/// four: numbers(w, words, y) makes words / words_each of them.
template <class T>
struct Uniform {
    static constexpr int words_each = sizeof(T) / 4;
    T lo, width, last;  // last: the largest value below hi, where rounding must stop
    bool exact;         // no value is rounded: [0, 1), [-1, 1), ...

    Uniform(T low, T high)
        : lo(low), width(high - low), last(std::nextafter(high, low)), exact(words_each == 1 && never_rounds(low, high - low)) {}

    /// Are all lo + width u, u a multiple of 2^-24, floats? width a power of two, lo a multiple of its 2^-24.
    static bool never_rounds(T low, T wide) {
        int exponent = 0;
        const T units = std::ldexp(low / wide, 24);
        return std::frexp(wide, &exponent) == T(0.5) && exponent > -80 && std::fabs(low) <= wide && units == std::trunc(units);
    }

    VITRINE_HD void operator()(const std::uint32_t* w, int words, T* y) const {
        if constexpr (words_each == 1) {
            if (exact)
                for (int i = 0; i < words; ++i) y[i] = lo + width * unit_f32(w[i]);
            else
                for (int i = 0; i < words; ++i) y[i] = of(unit_f32(w[i]));
        } else {
            for (int i = 0; i < words / 2; ++i) y[i] = of(unit_f64(w[2 * i], w[2 * i + 1]));
        }
    }

    // The product of a float by 24 bits is exact in double: it does not matter whether the compiler
    // fuses it with the sum. That of a double by 53 bits is not, so there the fused operation is
    // spelled out.
    VITRINE_HD T of(T u) const {
        double value;
        if constexpr (words_each == 1)
            value = static_cast<double>(lo) + static_cast<double>(width) * static_cast<double>(u);
        else
            value = ::fma(width, u, lo);
        const T y = static_cast<T>(value);
        return y < last ? y : last;
    }
};

template <class T>
struct Bernoulli {
    static constexpr int words_each = 1;
    std::uint32_t threshold;

    VITRINE_HD void operator()(const std::uint32_t* w, int words, T* y) const {
        for (int i = 0; i < words; ++i) y[i] = unit_below(w[i], threshold) ? T(1) : T(0);
    }
};

/// a b + c, fused on every processor that can: then all round alike.
VITRINE_HD inline float mul_add(float a, float b, float c) {
#if defined(__CUDA_ARCH__) || defined(__FMA__) || defined(__aarch64__)
    return ::fmaf(a, b, c);
#else
    return a * b + c;  // fmaf would be a slow function
#endif
}
VITRINE_HD inline double mul_add(double a, double b, double c) { return ::fma(a, b, c); }

/// log(u) for 0 < u <= 1, a normal number, to less than 1 ulp also near 1. With u = 2^e m,
/// sqrt(1/2) <= m < sqrt(2), f = m - 1 and s = f / (2 + f):
///
///     log m = 2 atanh(s) = f - s (f - R),    R = s^2 (2/3 + 2/5 s^2 + ...)
VITRINE_HD inline double log_unit(double u) {
    constexpr std::uint64_t sqrt_half = 0x3FE6A09E667F3BCDu, one = 0x3FF0000000000000u;
    const std::uint64_t shifted = std::bit_cast<std::uint64_t>(u) + (one - sqrt_half);
    const double m = std::bit_cast<double>((shifted & 0x000FFFFFFFFFFFFFu) + sqrt_half);
    // The exponent as a double without an integer conversion, which SSE2 and AVX2 lack for 64 bits:
    // 2^52 + (e + 1023).
    const double e = std::bit_cast<double>(0x4330000000000000u | (shifted >> 52)) - (0x1p52 + 1023);
    const double f = m - 1, s = f / (2 + f), z = s * s;

    double r = 1.479819860511658591e-01;  // minimax, FreeBSD's e_log.c: error below 2^-58
    r = mul_add(r, z, 1.531383769920937332e-01);
    r = mul_add(r, z, 1.818357216161805012e-01);
    r = mul_add(r, z, 2.222219843214978396e-01);
    r = mul_add(r, z, 2.857142874366239149e-01);
    r = mul_add(r, z, 3.999999999940941908e-01);
    r = mul_add(r, z, 6.666666666666735130e-01);
    constexpr double ln2_high = 6.93147180369123816490e-01, ln2_low = 1.90821492927058770002e-10;
    const double f_less_r = mul_add(-r, z, f);
    return mul_add(e, ln2_high, f - mul_add(s, f_less_r, -(e * ln2_low)));
}

/// log((w + 1) / 2^32) in float. Near 1 the distance from it is taken in whole numbers, so that the result keeps its
/// digits there: it is (w + 1) - 2^32 = -(2^32 - 1 - w).
VITRINE_HD inline float log_unit(std::uint32_t w) {
    constexpr std::uint32_t sqrt_half = 0x3f3504f3u;
    const float x = static_cast<float>(w) + 1.0f;  // = 2^e m, sqrt(1/2) <= m < sqrt(2)
    const std::uint32_t bits = std::bit_cast<std::uint32_t>(x) - sqrt_half;
    const std::int32_t e = static_cast<std::int32_t>(bits) >> 23;
    const float far = std::bit_cast<float>((bits & 0x007fffffu) + sqrt_half) - 1.0f;
    const float near = static_cast<float>(static_cast<std::int32_t>(~w)) * -0x1p-32f;
    const float f = e == 32 ? near : far, z = f * f;

    float p = 7.0376836292e-2f;  // Cephes, as math::log
    p = mul_add(p, f, -1.1514610310e-1f);
    p = mul_add(p, f, 1.1676998740e-1f);
    p = mul_add(p, f, -1.2420140846e-1f);
    p = mul_add(p, f, 1.4249322787e-1f);
    p = mul_add(p, f, -1.6668057665e-1f);
    p = mul_add(p, f, 2.0000714765e-1f);
    p = mul_add(p, f, -2.4999993993e-1f);
    p = mul_add(p, f, 3.3333331174e-1f);
    p = mul_add(p, f, -0.5f);
    return mul_add(static_cast<float>(e - 32), 0.693147181f, mul_add(p, z, f));
}

template <class T>
struct Pair {
    T first, second;
};

/// (cos, sin) of an angle that is `quarter` quarter turns and a rest, whose (cos, sin) these are.
template <class T>
VITRINE_HD inline Pair<T> turned(T cosine, T sine, int quarter) {
    const T first = (quarter & 1) != 0 ? sine : cosine, second = (quarter & 1) != 0 ? cosine : sine;
    return {((quarter + 1) & 2) != 0 ? -first : first, (quarter & 2) != 0 ? -second : second};
}

/// (cos 2 pi t, sin 2 pi t) for t = w / 2^32, in float.
VITRINE_HD inline Pair<float> cos_sin_turn(std::uint32_t w) {
    const std::uint32_t quarter = (w + 0x20000000u) >> 30;
    const float x = static_cast<float>(static_cast<std::int32_t>(w - (quarter << 30))) * 1.46291808e-9f;  // 2 pi / 2^32
    const float z = x * x;
    float s = -1.9515295891e-4f;  // both: Cephes, as math::sin
    s = mul_add(s, z, 8.3321608736e-3f);
    s = mul_add(s, z, -1.6666654611e-1f);
    float c = 2.443315711809948e-5f;
    c = mul_add(c, z, -1.388731625493765e-3f);
    c = mul_add(c, z, 4.166664568298827e-2f);
    c = mul_add(c, z, -0.5f);
    return turned(mul_add(c, z, 1.0f), mul_add(s * z, x, x), static_cast<int>(quarter));
}

/// (cos 2 pi t, sin 2 pi t) for 0 <= t < 1. The nearest quarter turn is taken off exactly, so that
/// the polynomials see |x| <= pi/4.
VITRINE_HD inline Pair<double> cos_sin_turn(double t) {
    constexpr double round_to_integer = 0x1.8p52;  // a sum with it has no bits left for a fraction
    const double quarter = (t * 4 + round_to_integer) - round_to_integer;  // 0, 1, 2, 3, 4
    const double x = (t - quarter * 0.25) * 6.283185307179586477;
    const double z = x * x;

    double s = 1.58969099521155010221e-10;  // both: FreeBSD's k_sin.c, k_cos.c, minimax
    s = mul_add(s, z, -2.50507602534068634195e-08);
    s = mul_add(s, z, 2.75573137070700676789e-06);
    s = mul_add(s, z, -1.98412698298579493134e-04);
    s = mul_add(s, z, 8.33333333332248946124e-03);
    s = mul_add(s, z, -1.66666666666666324348e-01);
    const double sine = mul_add(s * z, x, x);

    double c = -1.13596475577881948265e-11;
    c = mul_add(c, z, 2.08757232129817482790e-09);
    c = mul_add(c, z, -2.75573143513906633035e-07);
    c = mul_add(c, z, 2.48015872894767294178e-05);
    c = mul_add(c, z, -1.38888888888741095749e-03);
    c = mul_add(c, z, 4.16666666666666019037e-02);
    const double cosine = mul_add(c * z, z, mul_add(z, -0.5, 1.0));

    return turned(cosine, sine, static_cast<int>(quarter));
}

/// Two independent normals from a in (0, 1] and b in [0, 1), by Box and Muller, in the words of a pair: a is moved up by
/// one step, so that it is never 0.
template <class T>
VITRINE_HD inline Pair<T> normal_pair(const std::uint32_t* w) {
    if constexpr (sizeof(T) == 4) {
        const float r = ::sqrtf(-2.0f * log_unit(w[0]));
        const Pair<float> turn = cos_sin_turn(w[1]);
        return {r * turn.first, r * turn.second};
    } else {
        const double r = ::sqrt(-2 * log_unit(unit_f64(w[0], w[1]) + 0x1p-53));
        const Pair<double> turn = cos_sin_turn(unit_f64(w[2], w[3]));
        return {r * turn.first, r * turn.second};
    }
}

template <class T>
struct Normal {
    static constexpr int words_each = sizeof(T) / 4;
    T mean, std;

    VITRINE_HD void operator()(const std::uint32_t* w, int words, T* y) const {
        for (int i = 0; i < words / words_each; i += 2) {
            const Pair<T> z = normal_pair<T>(w + i * words_each);
            y[i] = mul_add(std, z.first, mean);
            y[i + 1] = mul_add(std, z.second, mean);
        }
    }
};

}  // namespace vitrine::kernels

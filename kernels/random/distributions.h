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

    Uniform(T low, T high) : lo(low), width(high - low), last(std::nextafter(high, low)) {}

    VITRINE_HD void operator()(const std::uint32_t* w, int words, T* y) const {
        if constexpr (words_each == 1) {
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

/// a b + c inside the double arithmetic of a normal of type T. A float does not show whether it was
/// fused (and a CPU without that instruction would call a slow function), a double does.
template <class T>
VITRINE_HD inline double mul_add(double a, double b, double c) {
    if constexpr (std::is_same_v<T, float>)
        return a * b + c;
    else
        return ::fma(a, b, c);
}

/// log(u) for 0 < u <= 1, a normal number, to less than 1 ulp also near 1. With u = 2^e m,
/// sqrt(1/2) <= m < sqrt(2), f = m - 1 and s = f / (2 + f):
///
///     log m = 2 atanh(s) = f - s (f - R),    R = s^2 (2/3 + 2/5 s^2 + ...)
template <class T>
VITRINE_HD inline double log_unit(double u) {
    constexpr std::uint64_t sqrt_half = 0x3FE6A09E667F3BCDu, one = 0x3FF0000000000000u;
    const std::uint64_t shifted = std::bit_cast<std::uint64_t>(u) + (one - sqrt_half);
    const double m = std::bit_cast<double>((shifted & 0x000FFFFFFFFFFFFFu) + sqrt_half);
    // The exponent as a double without an integer conversion, which SSE2 and AVX2 lack for 64 bits:
    // 2^52 + (e + 1023).
    const double e = std::bit_cast<double>(0x4330000000000000u | (shifted >> 52)) - (0x1p52 + 1023);
    const double f = m - 1, s = f / (2 + f), z = s * s;

    double r = 1.479819860511658591e-01;  // minimax, FreeBSD's e_log.c: error below 2^-58
    r = mul_add<T>(r, z, 1.531383769920937332e-01);
    r = mul_add<T>(r, z, 1.818357216161805012e-01);
    r = mul_add<T>(r, z, 2.222219843214978396e-01);
    r = mul_add<T>(r, z, 2.857142874366239149e-01);
    r = mul_add<T>(r, z, 3.999999999940941908e-01);
    r = mul_add<T>(r, z, 6.666666666666735130e-01);
    constexpr double ln2_high = 6.93147180369123816490e-01, ln2_low = 1.90821492927058770002e-10;
    const double f_less_r = mul_add<T>(-r, z, f);
    return mul_add<T>(e, ln2_high, f - mul_add<T>(s, f_less_r, -(e * ln2_low)));
}

struct Pair {
    double first, second;
};

/// (cos 2 pi t, sin 2 pi t) for 0 <= t < 1. The nearest quarter turn is taken off exactly, so that
/// the polynomials see |x| <= pi/4.
template <class T>
VITRINE_HD inline Pair cos_sin_turn(double t) {
    constexpr double round_to_integer = 0x1.8p52;  // a sum with it has no bits left for a fraction
    const double quarter = (t * 4 + round_to_integer) - round_to_integer;  // 0, 1, 2, 3, 4
    const double x = (t - quarter * 0.25) * 6.283185307179586477;
    const double z = x * x;

    double s = 1.58969099521155010221e-10;  // both: FreeBSD's k_sin.c, k_cos.c, minimax
    s = mul_add<T>(s, z, -2.50507602534068634195e-08);
    s = mul_add<T>(s, z, 2.75573137070700676789e-06);
    s = mul_add<T>(s, z, -1.98412698298579493134e-04);
    s = mul_add<T>(s, z, 8.33333333332248946124e-03);
    s = mul_add<T>(s, z, -1.66666666666666324348e-01);
    const double sine = mul_add<T>(s * z, x, x);

    double c = -1.13596475577881948265e-11;
    c = mul_add<T>(c, z, 2.08757232129817482790e-09);
    c = mul_add<T>(c, z, -2.75573143513906633035e-07);
    c = mul_add<T>(c, z, 2.48015872894767294178e-05);
    c = mul_add<T>(c, z, -1.38888888888741095749e-03);
    c = mul_add<T>(c, z, 4.16666666666666019037e-02);
    const double cosine = mul_add<T>(c * z, z, mul_add<T>(z, -0.5, 1.0));

    const bool odd = quarter == 1 || quarter == 3;
    const double first = odd ? sine : cosine, second = odd ? cosine : sine;
    const bool left = quarter == 1 || quarter == 2, below = quarter == 2 || quarter == 3;
    return {left ? -first : first, below ? -second : second};
}

/// Two independent normals from a in (0, 1] and b in [0, 1), by Box and Muller.
template <class T>
VITRINE_HD inline Pair normal_pair(double a, double b) {
    const double r = ::sqrt(-2 * log_unit<T>(a));
    const Pair turn = cos_sin_turn<T>(b);
    return {r * turn.first, r * turn.second};
}

template <class T>
struct Normal {
    static constexpr int words_each = sizeof(T) / 4;
    double mean, std;

    VITRINE_HD void operator()(const std::uint32_t* w, int words, T* y) const {
        for (int i = 0; i < words / words_each; i += 2) {
            const Pair z = pair(w + i * words_each);
            y[i] = static_cast<T>(mul_add<T>(std, z.first, mean));
            y[i + 1] = static_cast<T>(mul_add<T>(std, z.second, mean));
        }
    }

    VITRINE_HD static Pair pair(const std::uint32_t* w) {  // a is moved up by one step: never 0
        if constexpr (words_each == 1) {
            return normal_pair<T>((static_cast<double>(w[0]) + 1) * 0x1p-32, static_cast<double>(w[1]) * 0x1p-32);
        } else {
            return normal_pair<T>(unit_f64(w[0], w[1]) + 0x1p-53, unit_f64(w[2], w[3]));
        }
    }
};

}  // namespace vitrine::kernels

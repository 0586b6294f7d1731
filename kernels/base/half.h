// The 16-bit floats as storage: bf16 (8 exponent bits, 7 of fraction) and f16 (IEEE binary16: 5 and 10).
//
// They convert from and to every arithmetic type and to each other, with static_cast; nothing is computed in them.
// Every conversion to 16 bits rounds once, to the nearest, ties to even: from double and from 64-bit integers too,
// which pass through f32 rounded to odd (Boldo and Melquiond 2008: exact when f32 has two bits more than the target).
// Too large becomes infinite, below half of the smallest subnormal 0. NaN stays NaN and keeps its sign and upper bits.
#pragma once

#include <bit>
#include <cstdint>
#include <type_traits>

#include "hd.h"

namespace vitrine::kernels {

struct bf16;
struct f16;

template <class T>
inline constexpr bool is_half_type = std::is_same_v<T, bf16> || std::is_same_v<T, f16>;

VITRINE_INLINE std::uint16_t bf16_bits(float x) {
    const auto bits = std::bit_cast<std::uint32_t>(x);
    const std::uint32_t upper = bits >> 16;
    const std::uint32_t nan = upper | ((upper & 0x7fu) == 0 ? 0x40u : 0u);
    const std::uint32_t rounded = (bits + 0x7fffu + (upper & 1u)) >> 16;
    return static_cast<std::uint16_t>((bits & 0x7fffffffu) > 0x7f800000u ? nan : rounded);
}

VITRINE_INLINE float bf16_value(std::uint16_t bits) { return std::bit_cast<float>(std::uint32_t{bits} << 16); }

VITRINE_INLINE std::uint16_t f16_bits(float x) {
    const auto bits = std::bit_cast<std::uint32_t>(x);
    const std::uint32_t sign = bits >> 16 & 0x8000u, size = bits & 0x7fffffffu;
    // Normal: the exponent moves by 112, 13 bits of fraction go. Subnormal: adding 0.5 leaves units of 2^-24 behind.
    const std::uint32_t normal = (size - (112u << 23) + 0xfffu + (size >> 13 & 1u)) >> 13;
    const std::uint32_t subnormal = std::bit_cast<std::uint32_t>(std::bit_cast<float>(size) + 0.5f) - 0x3f000000u;
    const std::uint32_t upper = size >> 13 & 0x3ffu, nan = 0x7c00u | (upper == 0 ? 0x200u : upper);
    std::uint32_t y = size < 0x38800000u ? subnormal : normal;  // 2^-14
    y = size >= 0x477ff000u ? 0x7c00u : y;                      // 65520 and more, infinity
    y = size > 0x7f800000u ? nan : y;
    return static_cast<std::uint16_t>(sign | y);
}

VITRINE_INLINE float f16_value(std::uint16_t bits) {
    const std::uint32_t sign = (bits & 0x8000u) << 16, size = bits & 0x7fffu;
    const float scaled = std::bit_cast<float>(size << 13) * 0x1p112f;  // exact, for subnormals too
    const std::uint32_t special = 0x7f800000u | size << 13;            // infinity and NaN
    return std::bit_cast<float>(sign | (size >= 0x7c00u ? special : std::bit_cast<std::uint32_t>(scaled)));
}

/// x as f32, rounded so that rounding once more to 16 bits gives what rounding x itself would.
VITRINE_INLINE float rounded_to_odd(double x) {
    const float near = static_cast<float>(x);
    const auto bits = std::bit_cast<std::uint32_t>(near);
    const double back = static_cast<double>(near);
    // Inexact and even: the other neighbour of x. Of a number too large the nearest, infinity, is right; NaN is not
    // equal to itself, and its bits stay.
    if (back == x || (bits & 1u) != 0 || (bits & 0x7f800000u) == 0x7f800000u) return near;
    const bool away = (x < 0 ? back > x : back < x);  // x lies further from 0
    if ((bits & 0x7fffffffu) == 0) return std::bit_cast<float>((x < 0 ? 0x80000000u : 0u) | 1u);
    return std::bit_cast<float>(away ? bits + 1 : bits - 1);
}

/// A number of any type as f32 from which rounding to 16 bits is right.
template <class T>
VITRINE_INLINE float before_half(T x) {
    if constexpr (is_half_type<T>) {
        return static_cast<float>(x);
    } else if constexpr (std::is_same_v<T, float>) {
        return x;
    } else if constexpr (std::is_integral_v<T> && sizeof(T) == 8) {
        // The 12 lowest bits become one that says whether any was set: the rest fits a double's fraction.
        const auto size = x > 0 ? static_cast<std::uint64_t>(x) : 0 - static_cast<std::uint64_t>(x);
        const T kept = static_cast<T>((x & ~T{0xfff}) | ((x & T{0xfff}) != 0 ? T{0x800} : T{0}));
        return rounded_to_odd(static_cast<double>(size >> 52 != 0 ? kept : x));
    } else {
        return rounded_to_odd(static_cast<double>(x));
    }
}

/// bfloat16.
struct bf16 {
    std::uint16_t bits;

    bf16() = default;
    template <class T>
        requires(std::is_arithmetic_v<T> || std::is_same_v<T, f16>)
    VITRINE_HD explicit bf16(T x) : bits(bf16_bits(before_half(x))) {}
    template <class T>
        requires std::is_arithmetic_v<T>
    VITRINE_HD explicit operator T() const {
        return static_cast<T>(bf16_value(bits));
    }
    static bf16 from_bits(std::uint16_t bits) {
        bf16 x;
        x.bits = bits;
        return x;
    }
};

/// IEEE binary16.
struct f16 {
    std::uint16_t bits;

    f16() = default;
    template <class T>
        requires(std::is_arithmetic_v<T> || std::is_same_v<T, bf16>)
    VITRINE_HD explicit f16(T x) : bits(f16_bits(before_half(x))) {}
    template <class T>
        requires std::is_arithmetic_v<T>
    VITRINE_HD explicit operator T() const {
        return static_cast<T>(f16_value(bits));
    }
    static f16 from_bits(std::uint16_t bits) {
        f16 x;
        x.bits = bits;
        return x;
    }
};

static_assert(sizeof(bf16) == 2 && std::is_trivial_v<bf16> && sizeof(f16) == 2 && std::is_trivial_v<f16>);

/// As numbers: NaN equals nothing, -0 equals 0.
VITRINE_HD inline bool operator==(bf16 x, bf16 w) { return static_cast<float>(x) == static_cast<float>(w); }
VITRINE_HD inline bool operator==(f16 x, f16 w) { return static_cast<float>(x) == static_cast<float>(w); }

}  // namespace vitrine::kernels

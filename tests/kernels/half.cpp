// bf16 and f16 against their definitions: all 65536 patterns, and rounding as a loop in double does it.
#include "vitrine/kernels/base/half.h"

#include <doctest/doctest.h>

#include <cmath>
#include <cstdint>
#include <random>

using vitrine::kernels::bf16;
using vitrine::kernels::f16;

namespace {

// What a 16-bit float with `fraction` bits is.
struct Format {
    int fraction, bias, min_exponent;
    double largest;
};
Format format_of(bf16) { return {7, 127, -126, 0x1.fep127}; }
Format format_of(f16) { return {10, 15, -14, 65504}; }

template <class H>
double value_of(std::uint16_t bits) {
    const Format n = format_of(H{});
    const int exponents = 2 * n.bias + 1, exponent = (bits & 0x7fff) >> n.fraction;
    const double sign = bits & 0x8000 ? -1 : 1, fraction = bits & ((1 << n.fraction) - 1);
    if (exponent == exponents) return fraction != 0 ? std::nan("") : sign * INFINITY;
    const double unit = std::ldexp(1, n.min_exponent - n.fraction);
    if (exponent == 0) return sign * fraction * unit;
    return sign * (std::ldexp(1, n.fraction) + fraction) * unit * std::ldexp(1, exponent - 1);
}

// x rounded once to the nearest number of the format, ties to even.
template <class H>
double nearest(double x) {
    const Format n = format_of(H{});
    if (x == 0 || !std::isfinite(x)) return x;
    const double unit = std::ldexp(1, std::max(std::ilogb(x), n.min_exponent) - n.fraction);
    const double y = std::nearbyint(x / unit) * unit;
    return std::fabs(y) > n.largest ? std::copysign(INFINITY, x) : y;
}

bool same(double x, double y) {
    return (std::isnan(x) && std::isnan(y)) || (x == y && std::signbit(x) == std::signbit(y));
}

template <class H>
void check_rounding(double x) {
    const auto got = static_cast<double>(H(x));
    if (!same(got, nearest<H>(x))) FAIL_CHECK(x, " becomes ", got, ", nearest is ", nearest<H>(x));
    const auto narrow = static_cast<float>(x);
    const auto from_float = static_cast<double>(H(narrow));
    if (!same(from_float, nearest<H>(narrow))) FAIL_CHECK(narrow, " (f32) becomes ", from_float);
}

}  // namespace

TEST_CASE_TEMPLATE("kernels/half: all 65536 patterns are what the format says and come back", H, bf16, f16) {
    for (std::uint32_t i = 0; i < 65536; ++i) {
        const auto bits = static_cast<std::uint16_t>(i);
        const H x = H::from_bits(bits);
        const auto narrow = static_cast<float>(x);
        const auto wide = static_cast<double>(x);
        if (!same(wide, value_of<H>(bits)) || !same(narrow, wide)) FAIL_CHECK(i, " is ", wide);
        if (H(narrow).bits != bits) FAIL_CHECK(i, " comes back from f32 as ", H(narrow).bits);
        const bool back = std::isnan(wide) ? std::isnan(static_cast<double>(H(wide))) : H(wide).bits == bits;
        if (!back) FAIL_CHECK(i, " comes back from f64 as ", H(wide).bits);
        if (static_cast<bool>(x) != (wide != 0)) FAIL_CHECK(i, " as bool");
    }
}

TEST_CASE_TEMPLATE("kernels/half: between neighbours the nearer one, at the middle the even one", H, bf16, f16) {
    for (std::uint32_t i = 0; i < 0x8000; ++i) {
        const double x = value_of<H>(static_cast<std::uint16_t>(i));
        double above = value_of<H>(static_cast<std::uint16_t>(i + 1));
        if (!std::isfinite(x)) break;
        if (std::isinf(above)) above = 2 * x - value_of<H>(static_cast<std::uint16_t>(i - 1));
        const double middle = x + (above - x) / 2;
        for (double sign : {1.0, -1.0}) {
            check_rounding<H>(sign * middle);
            check_rounding<H>(sign * std::nextafter(middle, 0));
            check_rounding<H>(sign * std::nextafter(middle, INFINITY));
            check_rounding<H>(sign * static_cast<double>(std::nextafterf(static_cast<float>(middle), 0)));
            check_rounding<H>(sign * static_cast<double>(std::nextafterf(static_cast<float>(middle), INFINITY)));
        }
    }
    std::mt19937_64 random(7);
    for (int i = 0; i < 100000; ++i) {
        const double fraction = static_cast<double>(random() >> 11) * 0x1p-53 + 1;
        const int exponent = static_cast<int>(random() % 300) - 160;
        check_rounding<H>(std::ldexp(i % 2 ? -fraction : fraction, exponent));
    }
    for (double x : {0.0, -0.0, 1e300, -1e300, 1e-300, -1e-300, double(INFINITY), -double(INFINITY), double(NAN)})
        check_rounding<H>(x);
}

TEST_CASE_TEMPLATE("kernels/half: 64-bit integers round once", H, bf16, f16) {
    std::mt19937_64 random(8);
    for (int i = 0; i < 100000; ++i) {
        const int shift = static_cast<int>(random() % 64);
        const auto x = static_cast<std::int64_t>(random()) >> shift;
        // long double holds all 64 bits.
        const Format n = format_of(H{});
        const long double exact = x;
        long double y = exact;
        if (x != 0) {
            const long double unit = std::ldexp(1.0L, std::max(std::ilogb(exact), n.min_exponent) - n.fraction);
            y = std::nearbyint(exact / unit) * unit;
            if (std::fabs(y) > n.largest) y = std::copysign(INFINITY, exact);
        }
        if (static_cast<double>(H(x)) != static_cast<double>(y)) FAIL_CHECK(x, " becomes ", static_cast<double>(H(x)));
    }
    // 2^62 + 2^54 + 1 lies above the middle of two bf16; a double does not hold the 1.
    CHECK(static_cast<double>(bf16((std::int64_t{1} << 62) + (std::int64_t{1} << 54) + 1)) == 0x1p62 + 0x1p55);
    CHECK(static_cast<double>(bf16((std::uint64_t{1} << 63) + (std::uint64_t{1} << 55) + 1)) == 0x1p63 + 0x1p56);
    CHECK(static_cast<double>(bf16(INT64_MIN)) == -0x1p63);
}

TEST_CASE("kernels/half: one to the other, equality as numbers") {
    CHECK(static_cast<float>(bf16(f16(1.0f / 3))) == static_cast<float>(bf16(static_cast<float>(f16(1.0f / 3)))));
    CHECK(static_cast<float>(f16(bf16(1e30f))) == INFINITY);
    CHECK(bf16(0.0f) == bf16(-0.0f));
    CHECK(f16(2) == f16(2.0));
    CHECK_FALSE(f16(NAN) == f16(NAN));
}

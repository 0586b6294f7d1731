// CUDA's own functions against the standard library, and at their corners.
#include <cmath>
#include <limits>

#include <doctest/doctest.h>

#include "vitrine/kernels/base/gpu.h"

TEST_CASE("simt/math: fast functions are those of the standard library") {
    for (const float x : {0.1f, 0.5f, 1.0f, 2.5f}) {
        CHECK(__expf(x) == std::exp(x));
        CHECK(__logf(x) == std::log(x));
        CHECK(__log2f(x) == std::log2(x));
        CHECK(__log10f(x) == std::log10(x));
        CHECK(__sinf(x) == std::sin(x));
        CHECK(__cosf(x) == std::cos(x));
        CHECK(__tanf(x) == std::tan(x));
        CHECK(__powf(x, 1.5f) == std::pow(x, 1.5f));
        CHECK(rsqrtf(x) == 1.0f / std::sqrt(x));
        CHECK(rsqrt(x) == 1.0f / std::sqrt(x));
        CHECK(rsqrt(double(x)) == 1.0 / std::sqrt(double(x)));
        CHECK(__fdividef(x, 3.0f) == x / 3.0f);
        CHECK(__frcp_rn(x) == 1.0f / x);
        CHECK(__fsqrt_rn(x) == std::sqrt(x));
        CHECK(__fmaf_rn(x, x, -1.0f) == std::fma(x, x, -1.0f));
        CHECK(__fma_rn(double(x), 3.0, -1.0) == std::fma(double(x), 3.0, -1.0));
    }
}

TEST_CASE("simt/math: min, max and saturate, with NaN") {
    constexpr float nan = std::numeric_limits<float>::quiet_NaN();
    CHECK(min(3, -4) == -4);
    CHECK(max(3u, 0xffffffffu) == 0xffffffffu);
    CHECK(min(std::int64_t{1} << 40, std::int64_t{2}) == 2);
    CHECK(max(2.0, -2.0) == 2.0);
    CHECK(min(nan, 1.0f) == 1.0f);  // as fminf: the one that is a number
    CHECK(max(1.0f, nan) == 1.0f);
    CHECK(__saturatef(-0.5f) == 0.0f);
    CHECK(__saturatef(0.25f) == 0.25f);
    CHECK(__saturatef(7.0f) == 1.0f);
    CHECK(__saturatef(nan) == 0.0f);
}

TEST_CASE("simt/math: bits of integers") {
    CHECK(__popc(0u) == 0);
    CHECK(__popc(0xf0f0f0f0u) == 16);
    CHECK(__popcll(~0ull) == 64);
    CHECK(__clz(0) == 32);
    CHECK(__clz(1) == 31);
    CHECK(__clz(-1) == 0);
    CHECK(__clzll(0) == 64);
    CHECK(__clzll(1) == 63);
    CHECK(__ffs(0) == 0);
    CHECK(__ffs(8) == 4);
    CHECK(__ffsll(1ll << 40) == 41);
    CHECK(__umulhi(0xffffffffu, 0xffffffffu) == 0xfffffffeu);
    CHECK(__umul64hi(~0ull, ~0ull) == 0xfffffffffffffffeull);
}

TEST_CASE("simt/math: bits of floats") {
    CHECK(__float_as_uint(1.0f) == 0x3f800000u);
    CHECK(__float_as_int(-0.0f) == std::numeric_limits<int>::min());
    CHECK(__uint_as_float(0x40000000u) == 2.0f);
    CHECK(__int_as_float(0x40400000) == 3.0f);
    CHECK(__double_as_longlong(1.0) == 0x3ff0000000000000ll);
    CHECK(__longlong_as_double(0x4000000000000000ll) == 2.0);
    const double value = 4.5;
    CHECK(__ldg(&value) == 4.5);
}

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

TEST_CASE("simt/math: norms, sines of multiples of pi") {
    CHECK(norm3df(2.0f, 3.0f, 6.0f) == 7.0f);
    CHECK(norm3d(2.0, 3.0, 6.0) == 7.0);
    CHECK(norm4df(2.0f, 4.0f, 5.0f, 6.0f) == 9.0f);
    CHECK(norm4d(2.0, 4.0, 5.0, 6.0) == 9.0);
    CHECK(rnorm3df(1.0f, 4.0f, 8.0f) == 1.0f / 9.0f);
    CHECK(rnorm3d(1.0, 4.0, 8.0) == 1.0 / 9.0);
    CHECK(rhypotf(3.0f, 4.0f) == 0.2f);
    CHECK(rhypot(3.0, 4.0) == 0.2);
    float sine, cosine;
    __sincosf(0.5f, &sine, &cosine);
    CHECK(sine == std::sin(0.5f));
    CHECK(cosine == std::cos(0.5f));
    sincospif(0.5f, &sine, &cosine);
    CHECK(sine == 1.0f);
    CHECK(std::abs(cosine) < 1e-7f);
    double sine64, cosine64;
    sincospi(1.0, &sine64, &cosine64);
    CHECK(std::abs(sine64) < 1e-15);
    CHECK(cosine64 == -1.0);
}

TEST_CASE("simt/math: means, pairs and bytes of integers") {
    constexpr int largest = std::numeric_limits<int>::max();
    CHECK(__hadd(largest, largest - 1) == largest - 1);
    CHECK(__hadd(-3, 0) == -2);
    CHECK(__rhadd(largest, largest - 1) == largest);
    CHECK(__rhadd(-3, 0) == -1);
    CHECK(__uhadd(0xffffffffu, 0xfffffffeu) == 0xfffffffeu);
    CHECK(__urhadd(0xffffffffu, 0xfffffffeu) == 0xffffffffu);
    CHECK(__mul64hi(-1, 2) == -1);
    CHECK(__mul64hi(1ll << 62, 8) == 2);
    CHECK(__funnelshift_lc(0x80000000u, 1u, 1) == 3u);
    CHECK(__funnelshift_lc(5u, 6u, 40) == 5u);
    CHECK(__funnelshift_rc(0x80000000u, 1u, 1) == 0xc0000000u);
    CHECK(__funnelshift_rc(5u, 6u, 32) == 6u);
    CHECK(__dp4a(0x01ff0203, 0x05060708, 10) == 10 + 5 - 6 + 14 + 24);
    CHECK(__dp4a(0x01ff0203u, 0x05060708u, 10u) == 10u + 5 + 255 * 6 + 14 + 24);
}

// CUDA's 16-bit floats: arithmetic that rounds once, and the functions on them.
#include <cmath>
#include <cstdint>
#include <limits>

#include "device_array.h"

#include "vitrine/kernels/base/gpu.h"
#include "vitrine/kernels/base/gpu_tensor_core.h"

using vitrine::kernels::launch;
using vitrine::kernels::Simt;

namespace half_tests {

template <class Half, class Pair>
__global__ void sums(Half* sum, Pair* pairs, Half* neighbours) {
    __shared__ Half s[32];
    const unsigned t = threadIdx.x;
    s[t] = Half(t % 4);
    __syncthreads();
    atomicAdd(sum, s[31 - t]);
    atomicAdd(pairs, Pair{Half(1), Half(2)});
    neighbours[t] = __shfl_xor_sync(0xffffffffu, s[t], 1);
}

template <class Half, class Pair>
void check_sums() {
    DeviceArray<Half> sum(std::vector<Half>{Half(0)}), neighbours(32);
    DeviceArray<Pair> pairs(std::vector<Pair>{Pair{Half(0), Half(0)}});
    launch<sums<Half, Pair>>(Simt{}, {1, 32}, sum.data(), pairs.data(), neighbours.data());
    CHECK(float(sum.to_host()[0]) == 48.0f);
    CHECK(float(pairs.to_host()[0].x) == 32);
    CHECK(float(pairs.to_host()[0].y) == 64);
    for (std::size_t t = 0; t < 32; ++t)
        CHECK(float(neighbours.to_host()[t]) == float((t ^ 1) % 4));
}

}  // namespace half_tests

using namespace half_tests;

TEST_CASE("simt/half: every operation rounds once") {
    // 2049 lies between two numbers of 11 bits and goes to the even one.
    CHECK(float(__hadd(__half(2048), __half(1))) == 2048.0f);
    CHECK(float(__hadd(__half(2048), __half(3))) == 2052.0f);
    CHECK(float(__half(3) * __half(0.5f)) == 1.5f);
    CHECK(float(__half(1) / __half(3)) == 0.333251953125f);
    CHECK(float(__nv_bfloat16(1) / __nv_bfloat16(3)) == 0.333984375f);
    CHECK(float(-__half(2)) == -2.0f);
    // The product has 22 bits: an fma keeps them all until the sum.
    const __half a = 1.0f + 0x1p-10f;
    CHECK(float(__hfma(a, a, __half(-1.0f - 0x1p-9f))) == 0x1p-20f);
    CHECK(float(a * a - __half(1.0f + 0x1p-9f)) == 0.0f);
    CHECK(std::isinf(float(__half(65504) + __half(32))));
    __half x = 5;
    x += __half(2);
    x *= __half(2);
    CHECK(float(x) == 14.0f);
}

TEST_CASE("simt/half: conversions and bits") {
    CHECK(__half_as_ushort(__float2half(1.0f)) == 0x3c00);
    CHECK(float(__ushort_as_half(0xc000)) == -2.0f);
    CHECK(__bfloat16_as_ushort(__float2bfloat16(1.0f)) == 0x3f80);
    CHECK(float(__ushort_as_bfloat16(0x4040)) == 3.0f);
    CHECK(__half2int_rn(__half(2.5f)) == 2);
    CHECK(__half2int_rz(__half(-2.75f)) == -2);
    const __half2 pair = __floats2half2_rn(1.5f, -2.0f);
    CHECK(__low2float(pair) == 1.5f);
    CHECK(float(__high2half(pair)) == -2.0f);
    CHECK(__half22float2(__lowhigh2highlow(pair)).x == -2.0f);
    const __half2 sum = __hfma2(pair, __float2half2_rn(2.0f), __half2half2(__half(1)));
    CHECK(__low2float(sum) == 4.0f);
    CHECK(__high2float(sum) == -3.0f);
}

TEST_CASE("simt/half: comparisons and functions, with NaN") {
    const __half nan = std::numeric_limits<float>::quiet_NaN();
    CHECK(__hlt(__half(1), __half(2)));
    CHECK(__hge(__half(2), __half(2)));
    CHECK(__half(1) < __half(2));
    CHECK(!__heq(nan, nan));
    CHECK(__hne(nan, nan));
    CHECK(__hisnan(nan));
    CHECK(__hisinf(__half(-1e9f)) == -1);
    CHECK(float(__hmax(nan, __half(2))) == 2.0f);
    CHECK(float(__habs(__half(-3))) == 3.0f);
    CHECK(float(hsqrt(__half(9))) == 3.0f);
    CHECK(float(hexp(__half(0))) == 1.0f);
    CHECK(float(hrcp(__nv_bfloat16(4))) == 0.25f);
}

TEST_CASE("simt/half: atomics, shuffles and shared arrays of them") {
    check_sums<__half, __half2>();
    check_sums<__nv_bfloat16, __nv_bfloat162>();
}

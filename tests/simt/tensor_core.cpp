// Tensor cores against double loops, and asynchronous copies.
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <string>

#include "device_array.h"
#include "tensor_core.h"

#include "vitrine/kernels/base/error.h"
#include "vitrine/kernels/base/gpu.h"
#include "vitrine/kernels/base/gpu_tensor_core.h"
#include "vitrine/kernels/simt/pipeline.h"

namespace kernels = vitrine::kernels;
using kernels::bf16, kernels::f16;
using kernels::launch;
using kernels::Simt;

namespace tensor_core {

/// Small whole numbers, whose products and sums are exact in every type here.
template <class T>
std::vector<T> numbers(int count, unsigned seed) {
    std::vector<T> x;
    for (int i = 0; i < count; ++i) {
        seed = seed * 1664525u + 1013904223u;
        x.push_back(T(static_cast<int>(seed >> 28) - 8));
    }
    return x;
}

template <class T>
std::vector<float> product(const std::vector<T>& a, const std::vector<T>& b, int m, int n, int k,
                           bool a_by_rows, bool b_by_rows) {
    std::vector<float> c;
    for (int i = 0; i < m; ++i)
        for (int j = 0; j < n; ++j) {
            double sum = 0;
            for (int l = 0; l < k; ++l)
                sum += static_cast<double>(
                           a[static_cast<std::size_t>(a_by_rows ? i * k + l : l * m + i)]) *
                       static_cast<double>(
                           b[static_cast<std::size_t>(b_by_rows ? l * n + j : j * k + l)]);
            c.push_back(static_cast<float>(sum));
        }
    return c;
}

template <int M, int N, class T>
void check_wmma() {
    for (const int k : {16, 48})
        for (const bool a_by_rows : {true, false})
            for (const bool b_by_rows : {true, false}) {
                CAPTURE(k);
                CAPTURE(a_by_rows);
                CAPTURE(b_by_rows);
                const auto a = numbers<T>(M * k, 1), b = numbers<T>(k * N, 2);
                DeviceArray<T> a_there(a), b_there(b);
                DeviceArray<float> c(M * N);
                kernels::test_wmma<M, N>(Simt{}, a_there.data(), b_there.data(), c.data(), k,
                                         a_by_rows, b_by_rows);
                std::vector<float> want = product(a, b, M, N, k, a_by_rows, b_by_rows);
                for (float& x : want) x *= 2;  // as the kernel does, element by element
                CHECK(c.to_host() == want);
            }
}

template <class T>
void check_mma() {
    for (const int k : {16, 32, 80}) {
        CAPTURE(k);
        const auto a = numbers<T>(16 * k, 3), b = numbers<T>(k * 8, 4);
        in_every_setting([&] {
            DeviceArray<T> a_there(a), b_there(b);
            DeviceArray<float> c(16 * 8);
            kernels::test_mma(Simt{}, a_there.data(), b_there.data(), c.data(), k);
            CHECK(c.to_host() == product(a, b, 16, 8, k, true, true));
        });
    }
}

__global__ void reads_too_early(const float* x, float* y) {
    __shared__ float s[64];
    const unsigned t = threadIdx.x;
    kernels::cp_async<4>(s + t, x + t);
    kernels::cp_async_commit();
    kernels::cp_async<4>(s + t + 32, x + t + 1);
    kernels::cp_async_commit();
    kernels::cp_async_wait<1>();  // the second group is still under way
    y[t] = s[t];
    y[t + 32] = s[t + 32];
}

constexpr int valid_line = __LINE__ + 3;
__global__ void copies_too_much(const float* x) {
    __shared__ float s[1];
    kernels::cp_async<4>(s, x, 5);
}

__global__ void copies_together(const float* x, float* y, int n) {
    __shared__ float s[128];
    const auto block = cooperative_groups::this_thread_block();
    cooperative_groups::memcpy_async(block, s, x, static_cast<std::size_t>(n) * sizeof(float));
    cooperative_groups::wait(block);
    for (int i = static_cast<int>(threadIdx.x); i < n; i += 32) y[i] = s[i];
    const unsigned t = threadIdx.x;
    block.sync();
    __pipeline_memcpy_async(s + t, x + t, 4);
    __pipeline_commit();
    __pipeline_memcpy_async(s + 32 + t, x + t, 4, 4);
    __pipeline_commit();
    __pipeline_wait_prior(0);
    y[n + static_cast<int>(t)] = s[t] + s[32 + t];
}

__global__ void copies_to_odd_place(const float* x, unsigned char* y) {
    kernels::cp_async<4>(y + 2, x);
}

__global__ void mma_of_part(float* x) {
    float d[4] = {};
    const unsigned a[4] = {}, b[2] = {};
    kernels::mma_m16n8k16<f16>(d, a, b, d);
    x[threadIdx.x] = d[0];
}

}  // namespace tensor_core

using namespace tensor_core;

TEST_CASE("simt/tensor_core: wmma of both types, three shapes and all layouts") {
    check_wmma<16, 16, f16>();
    check_wmma<16, 16, bf16>();
    check_wmma<32, 8, f16>();
    check_wmma<8, 32, bf16>();
}

TEST_CASE("simt/tensor_core: mma.sync with ldmatrix, fed by asynchronous copies") {
    check_mma<f16>();
    check_mma<bf16>();
}

TEST_CASE("simt/tensor_core: ldmatrix gives each lane its two neighbours of each matrix") {
    std::vector<f16> rows;
    for (unsigned i = 0; i < 256; ++i) rows.push_back(f16(i));
    DeviceArray<f16> there(rows);
    DeviceArray<unsigned> out(256);
    kernels::test_ldmatrix(Simt{}, there.data(), out.data());
    const std::vector<unsigned> got = out.to_host();
    const auto bits = [&](std::size_t m, std::size_t row, std::size_t column) {
        return static_cast<unsigned>(rows[m * 64 + row * 8 + column].bits);
    };
    for (std::size_t lane = 0; lane < 32; ++lane)
        for (std::size_t m = 0; m < 4; ++m) {
            const std::size_t g = lane / 4, t = lane % 4 * 2;
            CHECK(got[lane * 4 + m] == (bits(m, g, t + 1) << 16 | bits(m, g, t)));
            CHECK(got[128 + lane * 4 + m] == (bits(m, t + 1, g) << 16 | bits(m, t, g)));
        }
}

TEST_CASE("simt/tensor_core: copies of 4, 8 and 16 bytes, in part") {
    std::vector<unsigned char> x(1024);
    for (std::size_t i = 0; i < x.size(); ++i) x[i] = static_cast<unsigned char>(i * 7 + 1);
    for (const int bytes : {4, 8, 16})
        for (const int n : {0, 16, 496, 1024})
            for (const int valid : {n, n - 3, 0}) {
                if (valid < 0) continue;
                CAPTURE(bytes);
                CAPTURE(n);
                CAPTURE(valid);
                DeviceArray<unsigned char> in(x), out(static_cast<std::size_t>(n));
                kernels::test_cp_async(Simt{}, in.data(), out.data(), n, valid, bytes);
                std::vector<unsigned char> want(x.begin(), x.begin() + n);
                std::fill(want.begin() + valid, want.end(), static_cast<unsigned char>(0));
                CHECK(out.to_host() == want);
            }
}

TEST_CASE("simt/tensor_core: a copy that was not waited for has not arrived") {
    std::vector<float> x(33, 1.5f);
    DeviceArray<float> in(x), out(64);
#if VITRINE_SIMT_CHECK
    const std::string text =
        error_of([&] { launch<reads_too_early>(Simt{}, {1, 32}, in.data(), out.data()); });
    CHECK(text.find("memory that nobody wrote: thread (0,0,0) reads") != std::string::npos);
#else
    launch<reads_too_early>(Simt{}, {1, 32}, in.data(), out.data());
    const std::vector<float> got = out.to_host();
    CHECK(std::count(got.begin(), got.begin() + 32, 1.5f) == 32);
    CHECK(std::count_if(got.begin() + 32, got.end(), [](float y) { return std::isnan(y); }) == 32);
#endif
}

TEST_CASE("simt/tensor_core: asynchronous copies by CUDA's other names") {
    std::vector<float> x(128);
    for (std::size_t i = 0; i < x.size(); ++i) x[i] = static_cast<float>(i);
    for (const int n : {32, 33, 128}) {
        CAPTURE(n);
        in_every_setting([&] {
            DeviceArray<float> in(x), out(static_cast<std::size_t>(n) + 32);
            launch<copies_together>(Simt{}, {1, 32}, in.data(), out.data(), n);
            const std::vector<float> y = out.to_host();
            CHECK(std::equal(y.begin(), y.begin() + n, x.begin()));
            CHECK(std::equal(y.begin() + n, y.end(), x.begin()));
        });
    }
}

TEST_CASE("simt/tensor_core: wrong addresses and part of a warp") {
    DeviceArray<float> x(32);
    DeviceArray<unsigned char> bytes(16);
    const std::string odd =
        error_of([&] { launch<copies_to_odd_place>(Simt{}, {1, 1}, x.data(), bytes.data()); });
    CHECK(odd.find("cp_async at tensor_core.cpp:") != std::string::npos);
    CHECK(odd.find("the address is no multiple of 4 bytes") != std::string::npos);
    CHECK(error_of([&] { launch<copies_too_much>(Simt{}, {1, 1}, x.data()); }) ==
          "kernel tensor_core::copies_too_much, block (0,0,0): thread (0,0,0), cp_async at "
          "tensor_core.cpp:" + std::to_string(valid_line) + ": 5 valid bytes of 4");
    const std::string part = error_of([&] { launch<mma_of_part>(Simt{}, {1, 16}, x.data()); });
    CHECK(part.find("mma_m16n8k16 at tensor_core.cpp:") != std::string::npos);
    CHECK(part.find("not all 32 lanes of the warp exist") != std::string::npos);
}

// The product with factors of bf16, on every device and in every instruction set, against plain loops over the rounded
// factors in double: what is left is the rounding of f32 sums.
#include "vitrine/kernels/matmul/matmul_bf16.h"

#include <doctest/doctest.h>

#include <array>
#include <cmath>
#include <random>
#include <vector>

#include "op_case.h"
#include "vitrine/core/ops/copy.h"
#include "vitrine/core/ops/creation.h"
#include "vitrine/core/ops/matmul_call.h"
#include "vitrine/kernels/base/parallel.h"

using namespace vitrine;
using namespace vitrine::testing;

namespace {

using kernels::bf16;
using kernels::MatmulShape;

// How a matrix (rows, cols) lies: row-major, column-major, or with gaps both ways.
struct Lie {
    std::int64_t row, col, size;
};
Lie lie(int kind, std::int64_t rows, std::int64_t cols) {
    if (kind == 0) return {cols, 1, rows * cols};
    if (kind == 1) return {1, rows, rows * cols};
    return {2 * cols + 3, 2, rows * (2 * cols + 3)};
}

std::vector<float> drawn(std::int64_t n, unsigned seed) {
    std::mt19937 random(seed);
    std::uniform_real_distribution<float> even(-1, 1);
    std::vector<float> values(static_cast<std::size_t>(n));
    for (float& v : values) v = even(random);
    return values;
}

double rounded(float x) { return static_cast<double>(static_cast<float>(static_cast<bf16>(x))); }

Tensor on(Device device, const std::vector<float>& values, DType dtype) {
    const Tensor t = zeros({static_cast<std::int64_t>(values.size())}, {.dtype = DType::f32});
    std::copy(values.begin(), values.end(), t.data<float>());
    return t.to(dtype).to(device);
}

// y = a b and the epilogue, as matmul and linear call it.
void multiply(const Tensor& a, const Tensor& b, const Tensor& bias, Tensor& y, MatmulShape s,
              kernels::MatmulEpilogue<float> e = {}) {
    const Call call("matmul", Site::here());
    if (a.dtype() == DType::bf16) return multiply_bf16(call, a, b, bias, y, s);
    s.bf16_factors = true;
    e.bias = raw_or_null<float>(bias);
    dispatch_device<float>(call, y.device(), [&]<class T>(auto on) {
        const Workspace w(y.device(), kernels::matmul_workspace_bytes<T>(on, s));
        kernels::matmul<T>(on, raw<T>(a), raw<T>(b), raw<T>(y), s, {w.data(), w.bytes()}, e);
    });
}

// One product of `batch` matrices, b repeated where b_step is 0.
void check(Device device, DType dtype, std::int64_t M, std::int64_t N, std::int64_t K, int a_kind, int b_kind,
           std::int64_t batch = 1, bool one_b = false) {
    const Lie a = lie(a_kind, M, K), b = lie(b_kind, K, N);
    const auto av = drawn(batch * a.size, 1), bv = drawn((one_b ? 1 : batch) * b.size, 2), bias = drawn(N, 3);
    MatmulShape s{.M = M, .N = N, .K = K, .a_row = a.row, .a_col = a.col, .b_row = b.row, .b_col = b.col};
    if (batch > 1) s.batch_rank = 1, s.batch[0] = batch, s.a_batch[0] = a.size, s.b_batch[0] = one_b ? 0 : b.size;

    const Tensor at = on(device, av, dtype), bt = on(device, bv, dtype), biast = on(device, bias, dtype);
    Tensor y = full({batch, M, N}, -777.0, {.dtype = dtype, .device = device});
    multiply(at, bt, biast, y, s);

    const std::vector<double> got = values_of(y);
    for (std::int64_t n = 0; n < batch; ++n) {
        for (std::int64_t i = 0; i < M; ++i) {
            for (std::int64_t j = 0; j < N; ++j) {
                const float bias_j = bias[static_cast<std::size_t>(j)];
                double sum = dtype == DType::bf16 ? rounded(bias_j) : static_cast<double>(bias_j),
                       size = std::fabs(sum);
                for (std::int64_t k = 0; k < K; ++k) {
                    const double product =
                        rounded(av[static_cast<std::size_t>(n * a.size + i * a.row + k * a.col)]) *
                        rounded(bv[static_cast<std::size_t>((one_b ? 0 : n * b.size) + k * b.row + j * b.col)]);
                    sum += product, size += std::fabs(product);
                }
                const double c = got[static_cast<std::size_t>((n * M + i) * N + j)];
                // f32 sums of K + 1 terms; a bf16 result is rounded once more.
                const double bound = static_cast<double>(K + 1) * 0x1p-23 * size +
                                     (dtype == DType::bf16 ? 0x1p-8 * std::fabs(sum) : 0.0);
                if (std::fabs(c - sum) <= bound) continue;
                FAIL_CHECK(device, " ", dtype, " ", M, "x", N, "x", K, " layouts ", a_kind, b_kind, " batch ", batch,
                           ": c ", i, ",", j, " is ", c, ", reference ", sum);
                return;
            }
        }
    }
}

}  // namespace

TEST_CASE("kernels/matmul_bf16: every edge of a tile, every layout") {
    for (std::int64_t M : {1, 2, 3, 5, 8, 13, 14, 15, 29}) {
        for (std::int64_t N : {1, 2, 15, 16, 17, 31, 32, 33, 65}) {
            for (std::int64_t K : {1, 2, 31, 32, 33, 70}) {
                const int kinds = static_cast<int>(M + 5 * N + K) % 9;  // each pair of layouts comes up often
                check(Device::cpu, DType::f32, M, N, K, kinds / 3, kinds % 3);
                check(Device::cpu, DType::bf16, M, N, K, kinds / 3, kinds % 3);
            }
        }
    }
}

TEST_CASE("kernels/matmul_bf16: more than one block of rows and of k, batches, empty products") {
    for (int kinds = 0; kinds < 9; ++kinds) check(Device::cpu, DType::f32, 529, 37, 401, kinds / 3, kinds % 3);
    for (DType dtype : {DType::f32, DType::bf16}) {
        check(Device::cpu, dtype, 5, 530, 1201, 0, 1);
        check(Device::cpu, dtype, 16, 33, 21, 1, 0, 3);
        check(Device::cpu, dtype, 16, 33, 21, 2, 2, 3, true);
        for (Device device : available_devices()) {
            check(device, dtype, 0, 3, 4, 0, 0);
            check(device, dtype, 3, 0, 4, 0, 0);
            check(device, dtype, 3, 4, 0, 0, 0);
            check(device, dtype, 17, 33, 35, 1, 0, 2);
            check(device, dtype, 66, 65, 40, 0, 1);
            check(device, dtype, 9, 8, 7, 2, 2, 3, true);
        }
    }
}

TEST_CASE("kernels/matmul_bf16: the same bits at any number of threads") {
    const int before = num_threads();
    struct Sizes {
        std::int64_t batch, M, N, K;
    };
    for (const auto& [batch, M, N, K] :
         {Sizes{1, 128, 300, 401}, {1, 700, 33, 90}, {9, 40, 50, 70}, {1, 30, 1000, 800}}) {
        const auto a = drawn(batch * M * K, 4), b = drawn(batch * K * N, 5);
        const Tensor at = on(Device::cpu, a, DType::f32), bt = on(Device::cpu, b, DType::f32);
        MatmulShape s{.M = M, .N = N, .K = K, .a_row = K, .a_col = 1, .b_row = N, .b_col = 1};
        s.batch_rank = 1, s.batch[0] = batch, s.a_batch[0] = M * K, s.b_batch[0] = K * N;
        std::vector<std::vector<float>> results;
        for (int threads : {1, 2, 3}) {
            set_num_threads(threads);
            Tensor y = zeros({batch, M, N}, {.dtype = DType::f32});
            multiply(at, bt, {}, y, s);
            results.push_back(y.to_vector<float>());
        }
        CHECK(results[0] == results[1]);
        CHECK(results[0] == results[2]);
    }
    set_num_threads(before);
}

TEST_CASE("kernels/matmul_bf16: a B packed once gives the same bits, at any number of threads") {
    if (!kernels::matmul_bf16_packs()) {
        MESSAGE("SKIPPED: this processor has no products of bf16");
        return;
    }
    const int before = num_threads();
    for (const auto& [M, N, K] : {std::array{64, 400, 700}, {9, 33, 385}, {30, 64, 8}}) {
        const auto a = drawn(M * K, 11), b = drawn(K * N, 12), bias = drawn(N, 13);
        const Tensor at = on(Device::cpu, a, DType::f32), bt = on(Device::cpu, b, DType::f32),
                     biast = on(Device::cpu, bias, DType::f32);
        const MatmulShape s{.M = M, .N = N, .K = K, .a_row = K, .a_col = 1, .b_row = N, .b_col = 1};
        Tensor y = zeros({M, N}, {.dtype = DType::f32}), z = zeros({M, N}, {.dtype = DType::f32});
        multiply(at, bt, biast, y, s);
        for (int threads : {1, 2}) {
            set_num_threads(threads);
            const Workspace packed(Device::cpu, kernels::matmul_bf16_packed_bytes(s)),
                w(Device::cpu, kernels::matmul_bf16_workspace_bytes<float>(kernels::Cpu{}, s));
            kernels::matmul_bf16_pack(raw<float>(bt), s, packed.data());
            kernels::matmul_bf16_packed(raw<float>(at), packed.data(), raw<float>(z), s, {w.data(), w.bytes()},
                                        {.bias = raw<float>(biast)});
            CHECK(z.to_vector<float>() == y.to_vector<float>());
        }
    }
    set_num_threads(before);
}

TEST_CASE("kernels/matmul_bf16: NaN and infinity go where the formula sends them, subnormal factors count for little") {
    const float inf = INFINITY, nan = NAN;
    for (Device device : available_devices()) {
        const MatmulShape s{.M = 2, .N = 2, .K = 2, .a_row = 2, .a_col = 1, .b_row = 2, .b_col = 1};
        Tensor y = zeros({2, 2}, {.dtype = DType::f32, .device = device});
        multiply(on(device, {1, 0, 0, nan}, DType::f32), on(device, {2, 3, inf, 1}, DType::f32), {}, y, s);
        const auto c = values_of(y);
        CHECK(std::isnan(c[0]));  // 1*2 + 0*inf
        CHECK(c[1] == 3);
        CHECK(std::isnan(c[2]));
        CHECK(std::isnan(c[3]));

        // 2^-130 is subnormal: VDPBF16PS takes it for 0, other processors for what it is.
        multiply(on(device, {0x1p-130f, 0, 1, 0}, DType::f32), on(device, {1, 1, 0, 0}, DType::f32), {}, y, s);
        CHECK(std::fabs(values_of(y)[0]) <= 0x1p-130);
        CHECK(values_of(y)[2] == 1);
    }
}

TEST_CASE("kernels/matmul_bf16: the epilogue is that of the f32 product") {
    constexpr std::int64_t M = 40, N = 45, K = 801;  // more than one block of k
    const auto a = drawn(M * K, 6), b = drawn(K * N, 7), bias = drawn(N, 8), old = drawn(M * N, 9),
               more = drawn(M * N, 10);
    const MatmulShape s{.M = M, .N = N, .K = K, .a_row = K, .a_col = 1, .b_row = N, .b_col = 1};
    for (Device device : available_devices()) {
        const Tensor at = on(device, a, DType::f32), bt = on(device, b, DType::f32),
                     biast = on(device, bias, DType::f32), residual = on(device, more, DType::f32);
        Tensor plain = zeros({M, N}, {.dtype = DType::f32, .device = device}), y = on(device, old, DType::f32),
               before = zeros({M, N}, {.dtype = DType::f32, .device = device});
        multiply(at, bt, {}, plain, s);
        multiply(at, bt, biast, y, s,
                 {.residual = raw<float>(residual),
                  .before = raw<float>(before),
                  .accumulate = true,
                  .activation = kernels::MatmulActivation::relu});
        const auto sums = values_of(plain), z = values_of(before), c = values_of(y);
        bool right = true;
        for (std::size_t i = 0; i < c.size(); ++i) {
            const double z_i = sums[i] + static_cast<double>(bias[i % N]) + static_cast<double>(old[i]);
            right &= std::fabs(z[i] - z_i) < 2e-5 &&
                     std::fabs(c[i] - (std::max(z_i, 0.0) + static_cast<double>(more[i]))) < 2e-5;
        }
        CHECK(right);
    }
}

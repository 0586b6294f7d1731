#include <doctest/doctest.h>

#include <cmath>
#include <random>

#include "op_case.h"
#include "vitrine/core/dispatch.h"
#include "vitrine/core/ladder.h"
#include "vitrine/core/ops/creation.h"
#include "vitrine/core/workspace.h"
#include "vitrine/kernels/base/isa.h"
#include "vitrine/kernels/base/parallel.h"
#include "vitrine/kernels/matmul/matmul_cpu.h"

using namespace vitrine;
using namespace vitrine::testing;
using kernels::MatmulActivation;

namespace {

double activated(MatmulActivation f, double z) {
    switch (f) {
        case MatmulActivation::none: return z;
        case MatmulActivation::relu: return std::fmax(z, 0);
        case MatmulActivation::tanh: return std::tanh(z);
        case MatmulActivation::sigmoid: return 1 / (1 + std::exp(-z));
        case MatmulActivation::gelu: return z * 0.5 * (1 + std::erf(z / std::sqrt(2)));
        case MatmulActivation::gelu_tanh:
            return 0.5 * z * (1 + std::tanh(std::sqrt(2 / M_PI) * (z + 0.044715 * z * z * z)));
    }
    return z;
}

// What an epilogue has beside its activation.
struct Parts {
    bool bias, accumulate, residual, before;
};
struct Sizes {
    std::int64_t n, M, N, K;  // n matrices
    bool transposed;          // both operands lie the other way round
};

Tensor drawn(std::mt19937& random, const Shape& shape, Device device) {
    std::uniform_real_distribution<double> even(-1, 1);
    std::vector<double> values(static_cast<std::size_t>(shape.numel()));
    for (double& v : values) v = even(random);
    return from_values(std::span<const double>(values), shape, {.dtype = DType::f32, .device = device});
}

// The kernel of a device, or the naive one of the CPU.
void check_epilogue(Device device, bool naive, const Sizes& n, const Parts& parts, MatmulActivation f) {
    std::mt19937 random(5);
    const Tensor a = drawn(random, {n.n, n.M, n.K}, device), b = drawn(random, {n.n, n.K, n.N}, device);
    const Tensor bias = drawn(random, {n.N}, device), residual = drawn(random, {n.n, n.M, n.N}, device);
    const Tensor c = drawn(random, {n.n, n.M, n.N}, device), before = drawn(random, {n.n, n.M, n.N}, device);
    const auto av = values_of(a), bv = values_of(b), biasv = values_of(bias), rv = values_of(residual), old = values_of(c);
    kernels::MatmulShape s{.M = n.M, .N = n.N, .K = n.K, .a_row = n.K, .b_row = n.N, .batch_rank = 1, .batch = {n.n}, .a_batch = {n.M * n.K}, .b_batch = {n.K * n.N}};
    if (n.transposed) s.a_row = 1, s.a_col = n.M, s.b_row = 1, s.b_col = n.K;
    s.step = kernel_step(Ladder::matmul);
    const kernels::MatmulEpilogue<float> e{.bias = parts.bias ? raw<float>(bias) : nullptr,
                                           .residual = parts.residual ? raw<float>(residual) : nullptr,
                                           .before = parts.before ? raw<float>(before) : nullptr,
                                           .accumulate = parts.accumulate,
                                           .activation = f};
    dispatch_device<float>(Call("epilogue", Site::here()), device, [&]<class T>(auto on) {
        const Workspace w(device, kernels::matmul_workspace_bytes<T>(on, s));
        if (!naive) kernels::matmul<T>(on, raw<T>(a), raw<T>(b), raw<T>(c), s, {w.data(), w.bytes()}, e);
        else kernels::matmul_naive<T>(kernels::Cpu{}, raw<T>(a), raw<T>(b), raw<T>(c), s, e);
    });
    const auto got = values_of(c), z_got = values_of(before);
    for (std::int64_t m = 0; m < n.n; ++m) {
        for (std::int64_t i = 0; i < n.M; ++i) {
            for (std::int64_t j = 0; j < n.N; ++j) {
                double z = 0;
                for (std::int64_t k = 0; k < n.K; ++k)
                    z += av[static_cast<std::size_t>(m * n.M * n.K + i * s.a_row + k * s.a_col)] *
                         bv[static_cast<std::size_t>(m * n.K * n.N + k * s.b_row + j * s.b_col)];
                const auto at = static_cast<std::size_t>((m * n.M + i) * n.N + j);
                if (parts.bias) z += biasv[static_cast<std::size_t>(j)];
                if (parts.accumulate) z += old[at];
                const double y = activated(f, z) + (parts.residual ? rv[at] : 0);
                const double most = 1e-6 * (4 + static_cast<double>(n.K));
                const bool right = std::fabs(got[at] - y) < most && (!parts.before || std::fabs(z_got[at] - z) < most);
                if (!right)
                    FAIL_CHECK(device, naive ? " naive " : " ", n.n, "x", n.M, "x", n.N, "x", n.K, " activation ", static_cast<int>(f), ": c ", m, ",", i, ",", j,
                               " is ", got[at], ", reference ", y);
                if (!right) return;
            }
        }
    }
}

void check_all(Device device, bool naive, std::initializer_list<Sizes> all) {
    int turn = 0;
    for (const Sizes& n : all) {
        for (const MatmulActivation f : {MatmulActivation::none, MatmulActivation::relu, MatmulActivation::tanh, MatmulActivation::sigmoid, MatmulActivation::gelu, MatmulActivation::gelu_tanh}) {
            check_epilogue(device, naive, n, {true, true, true, true}, f);
            ++turn;  // the sixteen sets of parts by turns
            check_epilogue(device, naive, n, {turn % 2 == 1, turn / 2 % 2 == 1, turn / 4 % 2 == 1, turn / 8 % 2 == 1}, f);
        }
    }
}

}  // namespace

TEST_CASE("kernels/matmul_epilogue: bias, sums that go on, activation and residual, on every device") {
    for (const Device device : available_devices())
        check_all(device, false, {{1, 1, 1, 1, false}, {2, 7, 31, 0, false}, {1, 15, 33, 17, false}, {2, 5, 65, 3, true}, {1, 67, 20, 33, false}, {1, 31, 1, 32, false}, {1, 31, 1, 32, true}});
    check_all(Device::cpu, true, {{2, 3, 5, 4, true}, {1, 1, 7, 0, false}, {1, 13, 2, 31, false}});
    // More than one part of k and of B, and work for two threads.
    check_all(Device::cpu, false, {{1, 40, 811, 401, false}, {1, 200, 70, 401, true}});
}

TEST_CASE("kernels/matmul_epilogue: in every step of the ladder") {
    for (const KernelStep step : {KernelStep::naive, KernelStep::coalesced, KernelStep::tiled, KernelStep::vectorised}) {
        const KernelStepScope scope(Ladder::matmul, step);
        for (const Device device : available_devices())
            if (device != Device::cpu) check_all(device, false, {{2, 7, 33, 5, false}, {1, 65, 66, 9, true}});
    }
}

TEST_CASE("kernels/matmul_epilogue: the fast kernel gives what the naive one gives") {
    std::mt19937 random(3);
    for (const Sizes& n : {Sizes{1, 1, 1, 1, false}, {1, 3, 17, 31, false}, {1, 33, 32, 29, true}, {1, 129, 65, 257, false}, {1, 14, 97, 500, true}}) {
        const Tensor a = drawn(random, {n.M, n.K}, Device::cpu), b = drawn(random, {n.K, n.N}, Device::cpu);
        kernels::MatmulShape s{.M = n.M, .N = n.N, .K = n.K, .a_row = n.K, .b_row = n.N};
        if (n.transposed) s.a_row = 1, s.a_col = n.M, s.b_row = 1, s.b_col = n.K;
        const Tensor plain = zeros({n.M, n.N}, {.dtype = DType::f32}), fast = zeros({n.M, n.N}, {.dtype = DType::f32});
        const Workspace w(Device::cpu, kernels::matmul_workspace_bytes<float>(kernels::Cpu{}, s));
        kernels::matmul_naive<float>(kernels::Cpu{}, raw<float>(a), raw<float>(b), raw<float>(plain), s, {});
        kernels::matmul<float>(kernels::Cpu{}, raw<float>(a), raw<float>(b), raw<float>(fast), s, {w.data(), w.bytes()});
        const auto expected = values_of(plain), got = values_of(fast);
        double most = 0;
        for (std::size_t i = 0; i < got.size(); ++i) most = std::fmax(most, std::fabs(got[i] - expected[i]));
        CHECK(most < 1e-6 * (1 + static_cast<double>(n.K)));
    }
}

TEST_CASE("kernels/matmul_epilogue: a B that was packed beforehand, with one thread and two") {
    std::mt19937 random(9);
    for (const Sizes& n : {Sizes{1, 3, 32, 5, false}, {1, 64, 65, 40, false}, {1, 17, 97, 700, true}, {1, 150, 600, 300, false}, {1, 5, 31, 8, false}}) {
        const Tensor a = drawn(random, {n.M, n.K}, Device::cpu), b = drawn(random, {n.K, n.N}, Device::cpu);
        kernels::MatmulShape s{.M = n.M, .N = n.N, .K = n.K, .a_row = n.K, .b_row = n.N};
        if (n.transposed) s.a_row = 1, s.a_col = n.M;
        const Tensor reference = zeros({n.M, n.N}, {.dtype = DType::f32}), c = zeros({n.M, n.N}, {.dtype = DType::f32});
        kernels::matmul_naive<float>(kernels::Cpu{}, raw<float>(a), raw<float>(b), raw<float>(reference), s, {});
        const std::int64_t elements = kernels::matmul_packed_elements(kernels::Cpu{}, s);
        CHECK((elements > 0) == (n.N >= 32 && kernels::isa() != kernels::Isa::naive));
        if (elements == 0) continue;
        const Tensor packed = zeros({elements}, {.dtype = DType::f32});
        kernels::matmul_pack_b<float>(kernels::Cpu{}, raw<float>(b), raw<float>(packed), s);
        s.b_packed = true;
        const int before = num_threads();
        std::vector<double> one;
        for (const int threads : {1, 2}) {
            set_num_threads(threads);
            const Workspace w(Device::cpu, kernels::matmul_workspace_bytes<float>(kernels::Cpu{}, s));
            kernels::matmul<float>(kernels::Cpu{}, raw<float>(a), raw<float>(packed), raw<float>(c), s, {w.data(), w.bytes()});
            if (threads == 1) one = values_of(c);
        }
        set_num_threads(before);
        const auto expected = values_of(reference), got = values_of(c);
        CHECK(got == one);
        double most = 0;
        for (std::size_t i = 0; i < got.size(); ++i) most = std::fmax(most, std::fabs(got[i] - expected[i]));
        CHECK(most < 1e-6 * (1 + static_cast<double>(n.K)));
    }
}

#include "cases/matmul.h"

#include <doctest/doctest.h>

#include <array>
#include <random>

#include "vitrine/core/node.h"
#include "vitrine/core/ops/creation.h"
#include "vitrine/core/ops/unary.h"
#include "vitrine/kernels/base/isa.h"
#include "vitrine/kernels/matmul/matmul_cpu.h"

using namespace vitrine;
using namespace vitrine::testing;

TEST_CASE("ops/matmul: values, gradients and second derivatives on every device") { check_op(matmul_cases()); }

namespace {

struct InstructionSet {
    const char* name;
    void (*f32)(const kernels::MatmulPart<float>&);
    void (*f64)(const kernels::MatmulPart<double>&);
};

std::vector<InstructionSet> instruction_sets() {
    std::vector<InstructionSet> sets{{"generic", kernels::matmul_generic, kernels::matmul_generic}};
#if defined(__x86_64__)
    if (kernels::processor_isa() >= kernels::Isa::avx2)
        sets.push_back({"avx2", kernels::matmul_avx2, kernels::matmul_avx2});
    if (kernels::processor_isa() >= kernels::Isa::avx512)
        sets.push_back({"avx512", kernels::matmul_avx512, kernels::matmul_avx512});
#endif
    return sets;
}

// Strides of a matrix (rows, cols): row-major, column-major, or with gaps both ways.
struct Lie {
    std::int64_t row, col;
};
Lie lie(int kind, std::int64_t rows, std::int64_t cols) {
    if (kind == 0) return {cols, 1};
    if (kind == 1) return {1, rows};
    return {2 * cols + 3, 2};
}

template <class T>
void check_part(const InstructionSet& set, void (*multiply)(const kernels::MatmulPart<T>&), std::int64_t M,
                std::int64_t N, std::int64_t K, int a_kind, int b_kind) {
    std::mt19937 random(7);
    std::uniform_real_distribution<double> even(-1, 1);
    const Lie a = lie(a_kind, M, K), b = lie(b_kind, K, N);
    const auto drawn = [&](std::int64_t n) {
        std::vector<T> values(static_cast<std::size_t>(n));
        for (T& v : values) v = static_cast<T>(even(random));
        return values;
    };
    const auto av = drawn(M * a.row + K * a.col), bv = drawn(K * b.row + N * b.col), bias = drawn(N);
    const std::int64_t k_step = 16, n_step = 64, m_step = 20;  // several parts, which are joined
    std::vector<T> c(static_cast<std::size_t>(M * N), T(-777)), space(static_cast<std::size_t>(n_step * k_step + 32 * kernels::matmul_packed_row(k_step)));
    kernels::MatmulPart<T> part{};
    part.M = M, part.N = N, part.K = K;
    part.a = av.data(), part.a_row = a.row, part.a_col = a.col;
    part.b = bv.data(), part.b_row = b.row, part.b_col = b.col;
    part.epilogue.bias = bias.data(), part.c = c.data(), part.c_row = N;
    part.k_step = k_step, part.n_step = n_step, part.m_step = m_step;
    part.pack_a = a_kind != 0 || K > 16, part.pack_b = b.col != 1;
    part.copy_strips = a_kind == 0 && K > 16;
    part.dots = N == 1 && a.col == 1 && b.row == 1;
    part.panels_b = space.data(), part.panels_a = space.data() + n_step * k_step;
    multiply(part);
    for (std::int64_t i = 0; i < M; ++i) {
        for (std::int64_t j = 0; j < N; ++j) {
            double sum = static_cast<double>(bias[static_cast<std::size_t>(j)]);
            for (std::int64_t k = 0; k < K; ++k)
                sum += static_cast<double>(part.a[i * a.row + k * a.col]) *
                       static_cast<double>(part.b[k * b.row + j * b.col]);
            const double got = static_cast<double>(c[static_cast<std::size_t>(i * N + j)]);
            const bool close = std::fabs(got - sum) < (sizeof(T) == 4 ? 1e-5 : 1e-14) * (1 + static_cast<double>(K));
            if (!close)
                FAIL_CHECK(set.name, " f", 8 * sizeof(T), " ", M, "x", N, "x", K, " layouts ", a_kind, b_kind, ": c ",
                           i, ",", j, " is ", got, ", reference ", sum);
            if (!close) return;
        }
    }
}

}  // namespace

TEST_CASE("ops/matmul: every instruction set of this CPU, every edge of a tile") {
    for (const InstructionSet& set : instruction_sets()) {
        for (std::int64_t M : {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 29}) {
            for (std::int64_t N : {1, 2, 3, 4, 7, 8, 9, 15, 16, 17, 31, 32, 33, 65}) {
                for (std::int64_t K : {1, 16, 33}) {
                    const int kinds = static_cast<int>(M + 5 * N + K) % 9;  // each pair of layouts comes up often
                    check_part<float>(set, set.f32, M, N, K, kinds / 3, kinds % 3);
                    check_part<double>(set, set.f64, M, N, K, kinds / 3, kinds % 3);
                }
            }
        }
    }
}

TEST_CASE("ops/matmul: the same bits at any number of threads") {
    const int before = num_threads();
    struct Sizes {
        Shape a, b;
    };
    const Sizes all[] = {{{128, 401}, {401, 300}}, {{700, 90}, {90, 33}},     {{9, 40, 70}, {9, 70, 50}},
                         {{3, 20, 30}, {30, 1000}}, {{30, 1024}, {1024, 130}}, {{150, 1024}, {1024, 400}}};
    for (const auto& [a_shape, b_shape] : all) {
        const Tensor a = arange(0, double(a_shape.numel()), 1, {.dtype = DType::f32}).reshape(a_shape);
        const Tensor b = arange(0, double(b_shape.numel()), 1, {.dtype = DType::f32}).reshape(b_shape);
        set_num_threads(1);
        const auto one = matmul(a, b).to_vector<float>();
        for (int threads : {2, 3}) {
            set_num_threads(threads);
            CHECK(matmul(a, b).to_vector<float>() == one);
        }
    }
    set_num_threads(before);
}

TEST_CASE("ops/matmul: rows whole pages apart, and strips of them called while others are multiplied") {
    for (const auto& [M, N, K] : {std::array<std::int64_t, 3>{29, 131, 1024}, {131, 200, 1024}, {300, 65, 600}, {300, 400, 240}}) {
        const Tensor a = sin(arange(0, double(M * K), 1, {.dtype = DType::f32}).reshape({M, K}));
        const Tensor b = sin(arange(7, double(7 + K * N), 1, {.dtype = DType::f32}).reshape({K, N}));
        const auto got = matmul(a, b).to_vector<float>(), av = a.to_vector<float>(), bv = b.to_vector<float>();
        double worst = 0;
        for (std::int64_t i = 0; i < M; ++i) {
            for (std::int64_t j = 0; j < N; ++j) {
                double sum = 0;
                for (std::int64_t k = 0; k < K; ++k) sum += double(av[std::size_t(i * K + k)]) * double(bv[std::size_t(k * N + j)]);
                worst = std::max(worst, std::fabs(sum - double(got[std::size_t(i * N + j)])));
            }
        }
        CHECK(worst < 1e-4);
    }
}

TEST_CASE("ops/matmul: shapes of the result") {
    CHECK(matmul(ones({3}), ones({3})).shape() == Shape{});
    CHECK(matmul(ones({2, 3}), ones({3})).shape() == Shape{2});
    CHECK(matmul(ones({3}), ones({3, 2})).shape() == Shape{2});
    CHECK(matmul(ones({5, 1, 2, 3}), ones({4, 3, 6})).shape() == Shape{5, 4, 2, 6});
    CHECK(linear(ones({2, 5, 3}), ones({4, 3})).shape() == Shape{2, 5, 4});
}

TEST_CASE("ops/matmul: NaN and infinity go where the formula sends them") {
    const double inf = INFINITY, nan = NAN;
    for (Device device : available_devices()) {
        const TensorOptions f32{.dtype = DType::f32, .device = device};
        const auto y = values_of(matmul(tensor({{1.0, 0.0}, {0.0, nan}}, f32), tensor({{2.0, 3.0}, {inf, 1.0}}, f32)));
        CHECK(std::isnan(y[0]));  // 1*2 + 0*inf
        CHECK(y[1] == 3);
        CHECK(std::isnan(y[2]));
        CHECK(std::isnan(y[3]));
    }
}

TEST_CASE("ops/matmul: the gradient of a Linear weight lies as the weight does") {
    const Tensor x = ones({5, 3});
    for (bool exchanged : {false, true}) {
        Tensor w = (exchanged ? ones({3, 4}).transpose(0, 1) : ones({4, 3})).detach();
        w.requires_grad_();
        const Tensor bias = ones({4}, {.requires_grad = true});
        linear(x, w, bias).backward(ones({5, 4}));
        CHECK(w.grad().shape() == w.shape());
        CHECK(w.grad().strides() == w.strides());
        CHECK(values_of(w.grad()) == std::vector<double>(12, 5));
        CHECK(values_of(bias.grad()) == std::vector<double>(4, 5));
    }
}

TEST_CASE("ops/matmul: errors name the op, what was given, what is allowed and the line") {
    const Tensor a = zeros({2, 3}), b = zeros({4, 5}), two = zeros({2}), nothing;
    const Tensor batch2 = zeros({2, 4, 3}), batch5 = zeros({5, 3, 4}), wide = zeros({3, 2}, {.dtype = DType::f64});
    const auto product = [](const Tensor& x, const Tensor& w, int& line) {
        return error_of([&] { line = __LINE__, matmul(x, w); });
    };
    const auto layer = [](const Tensor& x, const Tensor& w, const Tensor& bias, int& line) {
        return error_of([&] { line = __LINE__, linear(x, w, bias); });
    };
    int line = 0;
    const auto at = [&](const char* text) { return join(text, " (matmul.cpp:", line, ")"); };
    std::string error;

    error = product(a, b, line);
    CHECK(error == at("matmul: a (2, 3) and b (4, 5); the last size of a must be the last but one of b"));
    error = product(a, two, line);
    CHECK(error == at("matmul: a (2, 3) and b (2,); the last size of a must be the size of b"));
    error = product(batch2, batch5, line);
    CHECK(error == at("matmul: a (2, 4, 3) and b (5, 3, 4); dimensions before the last two must be equal or 1"));
    error = product(zeros({}), b, line);
    CHECK(error == at("matmul: a () and b (4, 5); both need at least one dimension"));
    error = product(a, wide, line);
    CHECK(error == at("matmul: a is f32 and b f64; both must have one dtype: cast one with to()"));
    error = product(zeros({2, 2}, {.dtype = DType::i64}), a, line);
    CHECK(error == at("matmul: a is i64; allowed are f32 and f64"));
    error = product(a, nothing, line);
    CHECK(error == at("matmul: b is undefined"));
    error = product(nothing, a, line);
    CHECK(error == at("matmul: a is undefined"));
    error = error_of([&] { line = __LINE__, matmul(2.0, b); });
    CHECK(error == at("matmul: a is a number; allowed is a tensor"));

    error = layer(a, b, nothing, line);
    CHECK(error == at("linear: x (2, 3) and weight (4, 5); the last size of x must be 5"));
    error = layer(a, two, nothing, line);
    CHECK(error == at("linear: weight (2,); it must be (out, in)"));
    error = layer(a, zeros({4, 3}), two, line);
    CHECK(error == at("linear: bias (2,) and weight (4, 3); the bias must be (4,)"));
}

TEST_CASE("ops/matmul: the node knows its name and its line") {
    const Tensor a = zeros({2, 5}, {.requires_grad = true});
    const Tensor y = matmul(a, zeros({5, 3})), z = linear(a, zeros({3, 5}));
    const int line = __LINE__ - 1;
    REQUIRE(y.node());
    CHECK(y.node()->name() == std::string("matmul"));
    CHECK(join(y.node()->site()) == join("matmul.cpp:", line));
    REQUIRE(z.node());
    CHECK(z.node()->name() == std::string("linear"));
    CHECK(join(z.node()->site()) == join("matmul.cpp:", line));
}

// Who multiplies on device cuda: the setting everywhere, the way cuBLAS is asked against its own definition, and where
// there is a GPU its results against ours.
#include "vitrine/core/ops/matmul_backend.h"

#include <doctest/doctest.h>

#include <cmath>
#include <string>
#include <vector>

#include "vitrine/config.h"
#include "vitrine/core/backward.h"
#include "vitrine/core/ops/binary.h"
#include "vitrine/core/ops/creation.h"
#include "vitrine/core/ops/matmul.h"
#include "vitrine/core/ops/random.h"
#include "vitrine/core/ops/reduce.h"
#include "vitrine/core/ops/view.h"
#include "vitrine/kernels/matmul/matmul_cublas.h"

using namespace vitrine;
using kernels::MatmulShape;

namespace {

constexpr Site here{"user.cpp", 7};

// What the documentation of cublasGemmStridedBatched says it computes, with alpha = 1 and beta = 0: matrices are
// column-major, element (i, j) at i + j * leading, that of a transposed operand at j + i * leading.
std::vector<double> gemm(const std::vector<double>& a, const std::vector<double>& b, const MatmulShape& s) {
    const kernels::CublasOperand first = kernels::cublas_operand(s.K, s.N, s.b_row, s.b_col),
                                 second = kernels::cublas_operand(s.M, s.K, s.a_row, s.a_col);
    const std::int64_t m = s.N, n = s.M, k = s.K, c_step = s.M * s.N;
    const auto at = [](const kernels::CublasOperand& x, std::int64_t i, std::int64_t j) {
        return x.transposed ? j + i * x.leading : i + j * x.leading;
    };
    std::vector<double> c(static_cast<std::size_t>(s.matrices() * c_step));
    for (std::int64_t p = 0; p < s.matrices(); ++p)
        for (std::int64_t j = 0; j < n; ++j)
            for (std::int64_t i = 0; i < m; ++i)
                for (std::int64_t l = 0; l < k; ++l)
                    c[static_cast<std::size_t>(p * c_step + i + j * m)] +=
                        b[static_cast<std::size_t>(p * s.b_batch[0] + at(first, i, l))] *
                        a[static_cast<std::size_t>(p * s.a_batch[0] + at(second, l, j))];
    return c;
}

std::vector<double> plain(const std::vector<double>& a, const std::vector<double>& b, const MatmulShape& s) {
    std::vector<double> c(static_cast<std::size_t>(s.matrices() * s.M * s.N));
    for (std::int64_t p = 0; p < s.matrices(); ++p)
        for (std::int64_t i = 0; i < s.M; ++i)
            for (std::int64_t j = 0; j < s.N; ++j)
                for (std::int64_t k = 0; k < s.K; ++k)
                    c[static_cast<std::size_t>((p * s.M + i) * s.N + j)] +=
                        a[static_cast<std::size_t>(p * s.a_batch[0] + i * s.a_row + k * s.a_col)] *
                        b[static_cast<std::size_t>(p * s.b_batch[0] + k * s.b_row + j * s.b_col)];
    return c;
}

// Whole numbers, all different: products and their sums are exact.
std::vector<double> counted(std::size_t n, double first) {
    std::vector<double> values(n);
    for (std::size_t i = 0; i < n; ++i) values[i] = first + static_cast<double>(i);
    return values;
}

}  // namespace

TEST_CASE("core/matmul_backend: ours unless cuBLAS is chosen, which needs device cuda") {
    CHECK(matmul_backend() == MatmulBackend::own);
    matmul_backend(MatmulBackend::own);
    CHECK(matmul_backend() == MatmulBackend::own);
    if (is_available(Device::cuda)) return;
    const std::string text = std::string("matmul_backend: cublas; it multiplies on device cuda, ") +
                             (VITRINE_HAS_CUDA ? "and no NVIDIA GPU with a driver was found"
                                               : "which is not in this build (configure it with -DVITRINE_CUDA=ON)") +
                             " (user.cpp:7)";
    CHECK_THROWS_WITH_AS(matmul_backend(MatmulBackend::cublas, here), text.c_str(), Error);
    CHECK_THROWS_WITH_AS(matmul_backend(MatmulBackend::cublas_tf32, here), text.c_str(), Error);
    CHECK(matmul_backend() == MatmulBackend::own);
}

TEST_CASE("core/matmul_backend: what cuBLAS is asked for is the product") {
    int asked = 0;
    for (const std::int64_t M : {1, 2, 5})
        for (const std::int64_t N : {1, 3, 4})
            for (const std::int64_t K : {1, 2, 7})
                for (const int lies : {0, 1, 2, 3})
                    for (const std::int64_t matrices : {0, 1, 3}) {
                        MatmulShape s;
                        s.M = M, s.N = N, s.K = K;
                        s.a_row = lies & 1 ? 1 : K + 2, s.a_col = lies & 1 ? M + 1 : 1;  // with gaps
                        s.b_row = lies & 2 ? 1 : N, s.b_col = lies & 2 ? K : 1;
                        s.batch_rank = matrices > 0 ? 1 : 0;
                        s.batch[0] = matrices, s.a_batch[0] = 100, s.b_batch[0] = 0;  // one B for all
                        const std::vector<double> a = counted(400, -150), b = counted(100, -20);
                        REQUIRE(kernels::fits_cublas(s));
                        CHECK(gemm(a, b, s) == plain(a, b, s));
                        ++asked;
                    }
    CHECK(asked == 324);
}

TEST_CASE("core/matmul_backend: what cuBLAS does not take stays with us") {
    const MatmulShape fits{.M = 4, .N = 5, .K = 6, .a_row = 6, .a_col = 1, .b_row = 5, .b_col = 1};
    CHECK(kernels::fits_cublas(fits));
    MatmulShape s = fits;
    s.K = 0;
    CHECK_FALSE(kernels::fits_cublas(s));
    s = fits, s.a_col = 2, s.a_row = 12;  // every other element
    CHECK_FALSE(kernels::fits_cublas(s));
    s = fits, s.b_row = 0;  // one row for all
    CHECK_FALSE(kernels::fits_cublas(s));
    s = fits, s.batch_rank = 2, s.batch[0] = s.batch[1] = 2;
    CHECK_FALSE(kernels::fits_cublas(s));
    s = fits, s.batch_rank = 1;  // no matrices
    CHECK_FALSE(kernels::fits_cublas(s));
}

TEST_CASE("core/matmul_backend: cuBLAS and our kernels agree") {
    if (!is_available(Device::cuda)) {
        MESSAGE("SKIPPED: no device cuda here");
        return;
    }
    struct Own {
        ~Own() { matmul_backend(MatmulBackend::own); }
    } afterwards;
    Generator random(5);
    const auto results = [&](const Tensor& x, const Tensor& w, const Tensor& bias) {
        Tensor X = x.to(Device::cuda), W = w.to(Device::cuda), B = bias.to(Device::cuda);
        for (Tensor* t : {&X, &W, &B}) t->requires_grad_();
        const Tensor y = linear(X, W, B), z = matmul(y, y.transpose(-1, -2));
        sum(z * z).backward();
        return std::vector<Tensor>{y, z, X.grad(), W.grad(), B.grad()};
    };
    const Tensor x = randn({3, 5, 7}, {.dtype = DType::f64}, random), w = randn({4, 7}, {.dtype = DType::f64}, random),
                 bias = randn({4}, {.dtype = DType::f64}, random);
    for (const DType dtype : {DType::f32, DType::f64}) {
        matmul_backend(MatmulBackend::own);
        const std::vector<Tensor> own = results(x.to(dtype), w.to(dtype), bias.to(dtype));
        matmul_backend(MatmulBackend::cublas);
        CHECK(matmul_backend() == MatmulBackend::cublas);
        const std::vector<Tensor> theirs = results(x.to(dtype), w.to(dtype), bias.to(dtype));
        for (std::size_t i = 0; i < own.size(); ++i) {
            const std::vector<double> a = own[i].to(Device::cpu).to(DType::f64).to_vector<double>(),
                                      b = theirs[i].to(Device::cpu).to(DType::f64).to_vector<double>();
            for (std::size_t k = 0; k < a.size(); ++k)
                CHECK(std::abs(a[k] - b[k]) <= (dtype == DType::f32 ? 1e-4 : 1e-12) * (1 + std::abs(a[k])));
        }
    }
}

// The examples of docs/reference/matmul.md.
#include <doctest/doctest.h>

#include "vitrine/core/ops/creation.h"
#include "vitrine/core/ops/matmul.h"
#include "vitrine/core/ops/matmul_backend.h"

namespace vt = vitrine;

TEST_CASE("reference/matmul: matmul") {
    vt::Tensor a = vt::tensor({{1.0, 2.0}, {3.0, 4.0}}), v = vt::tensor({1.0, 1.0});
    CHECK(vt::matmul(a, a).to_vector<float>() == std::vector<float>{7, 10, 15, 22});
    CHECK(vt::matmul(a, v).to_vector<float>() == std::vector<float>{3, 7});
    CHECK(vt::matmul(vt::ones({5, 1, 2, 3}), vt::ones({4, 3, 2})).shape() == vt::Shape{5, 4, 2, 2});
}

TEST_CASE("reference/matmul: linear") {
    vt::Tensor x = vt::tensor({{1.0, 2.0}}), w = vt::tensor({{1.0, 0.0}, {0.0, 1.0}, {1.0, 1.0}}), b = vt::tensor({0.0, 0.0, 10.0});
    CHECK(vt::linear(x, w, b).to_vector<float>() == std::vector<float>{1, 2, 13});
}

TEST_CASE("reference/matmul: matmul_backend") {
    CHECK(vt::matmul_backend() == vt::MatmulBackend::own);
    if (vt::is_available(vt::Device::cuda))
        vt::matmul_backend(vt::MatmulBackend::cublas);
    else
        CHECK_THROWS_AS(vt::matmul_backend(vt::MatmulBackend::cublas), vt::Error);
    vt::matmul_backend(vt::MatmulBackend::own);
}

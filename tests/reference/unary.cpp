// The examples of docs/reference/unary.md.
#include <doctest/doctest.h>

#include <cmath>

#include "vitrine/core/ops/creation.h"
#include "vitrine/core/ops/unary.h"

namespace vt = vitrine;

TEST_CASE("reference/unary: exp, log, sqrt, rsqrt") {
    vt::Tensor x = vt::tensor({1.0, 4.0});
    CHECK(vt::sqrt(x).to_vector<float>() == std::vector<float>{1, 2});
    CHECK(vt::rsqrt(x).to_vector<float>() == std::vector<float>{1, 0.5});
    CHECK(vt::log(vt::exp(x)).at<float>({1}) == doctest::Approx(4));
}

TEST_CASE("reference/unary: square, abs, neg, reciprocal") {
    vt::Tensor x = vt::tensor({-2.0, 4.0});
    CHECK(vt::square(x).to_vector<float>() == std::vector<float>{4, 16});
    CHECK(vt::abs(x).to_vector<float>() == std::vector<float>{2, 4});
    CHECK(vt::neg(x).to_vector<float>() == (-x).to_vector<float>());
    CHECK(vt::reciprocal(x).to_vector<float>() == std::vector<float>{-0.5, 0.25});
}

TEST_CASE("reference/unary: sin, cos, erf") {
    vt::Tensor x = vt::tensor({0.0, 1.0});
    CHECK(vt::sin(x).at<float>({1}) == doctest::Approx(std::sin(1.0)));
    CHECK(vt::cos(x).at<float>({0}) == 1);
    CHECK(vt::erf(x).at<float>({1}) == doctest::Approx(std::erf(1.0)));
}

TEST_CASE("reference/unary: pow, clamp") {
    vt::Tensor x = vt::tensor({-2.0, 0.5, 3.0});
    CHECK(vt::pow(x, 3).to_vector<float>() == std::vector<float>{-8, 0.125, 27});
    CHECK(vt::clamp(x, 0, 1).to_vector<float>() == std::vector<float>{0, 0.5, 1});
}

TEST_CASE("reference/unary: sigmoid, tanh, softplus") {
    vt::Tensor x = vt::tensor({0.0, 30.0});
    CHECK(vt::sigmoid(x).at<float>({0}) == 0.5);
    CHECK(vt::tanh(x).to_vector<float>() == std::vector<float>{0, 1});
    CHECK(vt::softplus(x, 1, 20).at<float>({1}) == 30);
}

TEST_CASE("reference/unary: relu, leaky_relu, silu, gelu") {
    vt::Tensor x = vt::tensor({-1.0, 2.0});
    CHECK(vt::relu(x).to_vector<float>() == std::vector<float>{0, 2});
    CHECK(vt::leaky_relu(x, 0.5).to_vector<float>() == std::vector<float>{-0.5, 2});
    CHECK(vt::silu(x).at<float>({1}) == doctest::Approx(2 / (1 + std::exp(-2.0))));
    CHECK(vt::gelu(x).at<float>({1}) == doctest::Approx(1 + std::erf(std::sqrt(2.0))));
    CHECK(vt::gelu(x, vt::GeluApproximation::tanh).at<float>({1}) == doctest::Approx(1.9546).epsilon(1e-4));
}

// Initialisers: moments, bounds, layouts, errors.
#include <doctest/doctest.h>

#include <cmath>

#include "op_case.h"
#include "vitrine/core/ops/creation.h"
#include "vitrine/nn/init.h"

using namespace vitrine;
using namespace vitrine::nn;
using vitrine::testing::error_of;
using vitrine::testing::values_of;

namespace {

struct Moments {
    double mean = 0, std = 0, largest = 0;
};

Moments moments(const Tensor& x) {
    Moments m;
    const auto values = values_of(x);
    const auto n = static_cast<double>(values.size());
    for (double v : values) m.mean += v / n, m.largest = std::max(m.largest, std::abs(v));
    for (double v : values) m.std += (v - m.mean) * (v - m.mean) / n;
    m.std = std::sqrt(m.std);
    return m;
}

}  // namespace

TEST_CASE("nn/init: bounds and standard deviations of each scheme") {
    manual_seed(10);
    Tensor w = empty({200, 300}, {.requires_grad = true});  // fan in 300, out 200
    const auto check = [&](double std, double bound) {
        const Moments m = moments(w);
        CHECK(std::abs(m.mean) < 0.02 * std);
        CHECK(m.std == doctest::Approx(std).epsilon(0.02));
        if (bound > 0) {
            CHECK(m.largest <= bound * (1 + 1e-6));
            CHECK(m.largest > 0.99 * bound);
        }
    };
    init::xavier_uniform_(w, 2);
    check(2 * std::sqrt(2.0 / 500), 2 * std::sqrt(6.0 / 500));
    init::xavier_normal_(w);
    check(std::sqrt(2.0 / 500), 0);
    init::kaiming_uniform_(w, {.nonlinearity = init::Nonlinearity::relu});
    check(std::sqrt(2.0 / 300), std::sqrt(6.0 / 300));
    init::kaiming_normal_(w, {.mode = init::FanMode::fan_out, .nonlinearity = init::Nonlinearity::tanh});
    check(5.0 / 3 / std::sqrt(200.0), 0);
    init::uniform_(w, -3, 3);
    check(std::sqrt(3.0), 3);
    init::normal_(w, 0, 0.5);
    check(0.5, 0);
    CHECK(moments(init::ones_(w)).mean == doctest::Approx(1));
    CHECK(moments(init::constant_(w, 2.5)).mean == doctest::Approx(2.5));
    CHECK(moments(init::zeros_(w)).largest == 0);
    CHECK(w.requires_grad());
    CHECK(w.is_leaf());
}

TEST_CASE("nn/init: orthogonal_ gives orthonormal rows, or columns") {
    manual_seed(11);
    for (Shape shape : {Shape{4, 9}, Shape{9, 4}, Shape{5, 5}, Shape{3, 2, 2}, Shape{1, 1}}) {
        Tensor w = empty(shape, {.dtype = DType::f64});
        init::orthogonal_(w, 2);
        const std::int64_t rows = shape[0], cols = shape.numel() / rows;
        const auto v = values_of(w);
        const bool tall = rows > cols;
        const std::int64_t few = tall ? cols : rows, many = tall ? rows : cols;
        const auto at = [&](std::int64_t a, std::int64_t b) {
            return v[static_cast<std::size_t>(tall ? b * cols + a : a * cols + b)];
        };
        for (std::int64_t a = 0; a < few; ++a) {
            for (std::int64_t b = 0; b < few; ++b) {
                double dot = 0;
                for (std::int64_t k = 0; k < many; ++k) dot += at(a, k) * at(b, k);
                CHECK(dot == doctest::Approx(a == b ? 4.0 : 0.0).epsilon(1e-12));
            }
        }
    }
}

TEST_CASE("nn/init: fans, gains, empty tensors and errors") {
    CHECK(init::calculate_fans(empty({6, 4, 3, 3})).in == 36);
    CHECK(init::calculate_fans(empty({6, 4, 3, 3})).out == 54);
    CHECK(init::calculate_gain(init::Nonlinearity::leaky_relu, 1) == 1);
    Tensor none = empty({0, 4}), flat = empty({4}), whole = zeros({2, 2}, {.dtype = DType::i64});
    CHECK_NOTHROW(init::kaiming_normal_(none));
    CHECK_NOTHROW(init::orthogonal_(none));
    CHECK(error_of([&] {
              init::xavier_normal_(flat, 1, default_generator(), {"user.cpp", 2});
          }) == "calculate_fans: weight is (4,); it needs two dimensions or more (user.cpp:2)");
    CHECK(error_of([&] {
              init::orthogonal_(flat, 1, default_generator(), {"user.cpp", 3});
          }) == "orthogonal_: w is (4,); it needs two dimensions or more (user.cpp:3)");
    CHECK(error_of([&] {
              init::uniform_(whole, 0, 1, default_generator(), {"user.cpp", 4});
          }) == "uniform_: x is i64; allowed are f32 and f64 (user.cpp:4)");
}

#include "cases/softmax.h"

#include <doctest/doctest.h>

#include "vitrine/core/node.h"
#include "vitrine/core/ops/creation.h"

using namespace vitrine;
using namespace vitrine::testing;

TEST_CASE("ops/softmax: values, gradients and second derivatives on every device") { check_op(softmax_cases()); }

TEST_CASE("ops/softmax: rows of -inf and with NaN give NaN, other rows stay") {
    const double inf = INFINITY;
    for (Device device : available_devices()) {
        const Tensor x = tensor({{-inf, -inf}, {double(NAN), 1.0}, {0.0, 0.0}, {-inf, 5.0}}, {.dtype = DType::f32, .device = device});
        const auto y = values_of(softmax(x, 1));
        for (int i : {0, 1, 2, 3}) CHECK(std::isnan(y[static_cast<std::size_t>(i)]));
        CHECK(y[4] == 0.5);
        CHECK(y[6] == 0);
        CHECK(y[7] == 1);
    }
}

TEST_CASE("ops/softmax: a row sums to 1, a permuted tensor keeps its layout") {
    const Tensor x = ones({2, 3, 5}).transpose(0, 2);
    const Tensor y = softmax(x, 1);
    CHECK(y.shape() == Shape{5, 3, 2});
    CHECK(y.strides() == x.strides());
    for (double v : values_of(y)) CHECK(v == doctest::Approx(1.0 / 3));
}

TEST_CASE("ops/softmax: the same bits at one and two threads") {
    const int before = num_threads();
    for (std::int64_t inner : {1, 70}) {
        const Tensor x = arange(0, 300 * 41 * double(inner), 1, {.dtype = DType::f32}).reshape({300, 41, inner});
        set_num_threads(1);
        const auto one = softmax(x, 1).to_vector<float>();
        set_num_threads(2);
        CHECK(softmax(x, 1).to_vector<float>() == one);
    }
    set_num_threads(before);
}

TEST_CASE("ops/softmax: errors name the op, what was given, what is allowed and the line") {
    const Tensor x = zeros({2, 5});
    CHECK(error_of([&] { softmax(x, 2); }) == join("softmax: axis 2 of x (2, 5); allowed are -2 to 1 (softmax.cpp:", __LINE__, ")"));
    CHECK(error_of([&] { softmax(x, -3); }) == join("softmax: axis -3 of x (2, 5); allowed are -2 to 1 (softmax.cpp:", __LINE__, ")"));
    CHECK(error_of([&] { softmax(zeros({}), 0); }) == join("softmax: axis 0 of x (); a scalar has no axis (softmax.cpp:", __LINE__, ")"));
    std::string text = error_of([&] { softmax(zeros({2}, {.dtype = DType::i64}), 0); });
    CHECK(text == join("softmax: x is i64; allowed are f32 and f64 (softmax.cpp:", __LINE__ - 1, ")"));
    CHECK(error_of([&] { softmax(Tensor(), 0); }) == join("softmax: x is undefined (softmax.cpp:", __LINE__, ")"));
    CHECK(error_of([&] { softmax(3.0, 0); }) == join("softmax: x is a number; allowed is a tensor (softmax.cpp:", __LINE__, ")"));
}

TEST_CASE("ops/softmax: the node knows its name, its line and what it saved") {
    const Tensor x = zeros({2, 5}, {.requires_grad = true});
    const Tensor y = softmax(x, 1);
    const int line = __LINE__ - 1;
    REQUIRE(y.node());
    CHECK(y.node()->name() == std::string("softmax"));
    CHECK(join(y.node()->site()) == join("softmax.cpp:", line));
}

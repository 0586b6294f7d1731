#include "cases/reduce.h"

#include <doctest/doctest.h>

#include <cmath>
#include <type_traits>

#include "vitrine/core/backward.h"
#include "vitrine/core/node.h"
#include "vitrine/core/ops/binary.h"
#include "vitrine/core/ops/creation.h"

using namespace vitrine;
using namespace vitrine::testing;

TEST_CASE("ops/reduce: sum, values and gradients on every device") { check_op(reduce_cases(sum, sum_of, true)); }
TEST_CASE("ops/reduce: mean, values and gradients on every device") { check_op(reduce_cases(mean, mean_of, false)); }
TEST_CASE("ops/reduce: max, values and gradients on every device") { check_op(reduce_cases(max, max_of, false)); }
TEST_CASE("ops/reduce: min, values and gradients on every device") { check_op(reduce_cases(min, min_of, false)); }
TEST_CASE("ops/reduce: logsumexp, values, gradients and second derivatives on every device") {
    check_op(reduce_cases(logsumexp, logsumexp_of, true));
}

TEST_CASE("ops/reduce: var, values, gradients and second derivatives on every device") {
    check_op(reduce_cases([](Operand x, Axes axes, bool keepdim) { return var(x, axes, {.correction = 0, .keepdim = keepdim}); }, var_of, false));
}

TEST_CASE("ops/reduce: std is the root of var; correction, a large mean, too few elements") {
    for (Device device : available_devices()) {
        const Tensor x = tensor({{1e4, 1e4 + 1, 1e4 + 2}, {0.0, 0.0, 3.0}}, {.device = device});
        CHECK(values_of(var(x, 1)) == std::vector<double>{1, 3});
        CHECK(values_of(var(x, 1, {.correction = 0, .keepdim = true}))[1] == doctest::Approx(2));
        CHECK(values_of(vitrine::std(x, 1))[0] == 1);
        CHECK(vitrine::std(x).item<double>() == doctest::Approx(std::sqrt(var(x).item<double>())));
        CHECK(std::isnan(var(tensor({1.0}, {.device = device})).item<double>()));
        CHECK(std::isnan(var(zeros({0}, {.device = device})).item<double>()));
    }
}

TEST_CASE("ops/reduce: argmax and argmin, values on every device") {
    const std::vector<std::tuple<const char*, ReduceOp, Reduce>> ops = {{"argmax", argmax, argmax_of}, {"argmin", argmin, argmin_of}};
    for (const auto& [name, op, reduce] : ops)
        for (OpCase c : reduce_cases(op, reduce, false)) {
            c.differentiable = false;
            c.covers = name;
            check_values(c);
        }
    CHECK(argmin(tensor({2.0, double(NAN), 1.0})).item<int>() == 1);
    const std::string text = error_of([] { argmin(zeros({0, 3}), 0); });
    CHECK(text.starts_with("argmin: "));
}

TEST_CASE("ops/reduce: many elements, cut into pieces") {
    const std::vector<std::tuple<const char*, ReduceOp, Reduce>> ops = {
        {"sum", sum, sum_of}, {"max", max, max_of}, {"min", min, min_of}, {"logsumexp", logsumexp, logsumexp_of}, {"argmax", argmax, argmax_of}};
    for (const auto& [name, op, reduce] : ops)
        for (OpCase c : large_reduce_cases(op, reduce)) {
            c.differentiable = false;
            c.covers = name;
            check_values(c);
        }
}

TEST_CASE("ops/reduce: the gradient of many elements") {
    // d/dx of sum(op(x)) by the formulas: 1 for the extreme, exp(x - y) for logsumexp.
    for (Device device : available_devices()) {
        Tensor x = arange(0, 100003, 1, {.dtype = DType::f64, .device = device});
        x.requires_grad_();
        const auto of_max = values_of(grad({max(x)}, {x})[0]);
        CHECK(of_max[100002] == 1);
        CHECK(of_max[100001] == 0);
        const auto of_log = values_of(grad({logsumexp(x)}, {x})[0]);
        CHECK(of_log[100002] == doctest::Approx(1 - std::exp(-1.0)));
        CHECK(of_log[100001] == doctest::Approx((1 - std::exp(-1.0)) * std::exp(-1.0)));
    }
}

TEST_CASE("ops/reduce: a float sum of a million equal elements, whose roundings all go one way, keeps six digits") {
    for (Device device : available_devices())
        for (const Shape& shape : {Shape{1'000'003}, Shape{500'003, 2}, Shape{2, 500'003}}) {
            const Tensor x = full(shape, 0.1, {.device = device});
            const int axis = shape[0] == 2 ? 1 : 0;
            const double exact = double(0.1f) * static_cast<double>(shape[axis]);
            for (double y : values_of(sum(x, axis))) CHECK(std::fabs(y / exact - 1) < 5e-7);
            for (double y : values_of(mean(x, axis))) CHECK(std::fabs(y / double(0.1f) - 1) < 5e-7);
        }
}

TEST_CASE("ops/reduce: equal extremes share the gradient evenly, and argmax is the first") {
    for (Device device : available_devices()) {
        Tensor x = tensor({{1.0, 3.0, 3.0}, {2.0, 2.0, 2.0}}, {.dtype = DType::f64, .device = device});
        x.requires_grad_();
        CHECK(values_of(grad({sum(max(x, 1))}, {x})[0]) == std::vector<double>{0, 0.5, 0.5, 1.0 / 3, 1.0 / 3, 1.0 / 3});
        CHECK(values_of(grad({min(x)}, {x})[0]) == std::vector<double>{1, 0, 0, 0, 0, 0});
        CHECK(values_of(argmax(x, 1)) == std::vector<double>{1, 0});
        CHECK(values_of(argmax(x)) == std::vector<double>{1});
        CHECK(argmax(x, 1, true).shape() == Shape{2, 1});
        CHECK(argmax(x).dtype() == DType::i64);
    }
}

TEST_CASE("ops/reduce: a NaN is the largest, the smallest and the first") {
    for (Device device : available_devices())
        for (std::int64_t n : {3, 40, 5000}) {
            std::vector<double> values(static_cast<std::size_t>(n), 1.0);
            values[1] = NAN, values[2] = NAN;
            for (const Shape& shape : {Shape{1, n}, Shape{n, 1}, Shape{n, 2}}) {
                const TensorOptions options{.dtype = DType::f32, .device = device};
                const Tensor x = from_values(std::span<const double>(values), {n, 1}, options);
                const Tensor wide = shape[1] == 2 ? x.expand(shape).clone() : x.reshape(shape);
                const int axis = shape[0] == 1 ? 1 : 0;
                CHECK(std::isnan(values_of(max(wide, axis))[0]));
                CHECK(std::isnan(values_of(min(wide, axis))[0]));
                CHECK(values_of(argmax(wide, axis))[0] == 1);
            }
        }
}

TEST_CASE("ops/reduce: logsumexp of infinities") {
    const double inf = INFINITY, nan = NAN;
    for (Device device : available_devices()) {
        const Tensor x =
            tensor({{-inf, -inf}, {-inf, 1.0}, {inf, 1.0}, {1000.0, 1000.0}, {nan, 0.0}}, {.device = device});
        const auto y = values_of(logsumexp(x, 1));
        CHECK(y[0] == -inf);
        CHECK(y[1] == 1);
        CHECK(y[2] == inf);
        CHECK(y[3] == doctest::Approx(1000 + std::log(2)));
        CHECK(std::isnan(y[4]));
    }
}

TEST_CASE("ops/reduce: sum_to undoes broadcasting") {
    for (Device device : available_devices()) {
        const Tensor x = arange(0, 24, 1, {.dtype = DType::f64, .device = device}).reshape({2, 3, 4});
        CHECK(values_of(sum_to(x, {3, 1})) == std::vector<double>{60, 92, 124});
        CHECK(sum_to(x, {3, 1}).shape() == Shape{3, 1});
        CHECK(values_of(sum_to(x, {})) == std::vector<double>{276});
        CHECK(values_of(sum_to(x, {4})) == std::vector<double>{60, 66, 72, 78});
        CHECK(sum_to(x, {1, 1, 4}).shape() == Shape{1, 1, 4});
        CHECK(sum_to(x, {2, 3, 4}).impl() == x.impl());
    }
}

TEST_CASE("ops/reduce: the result keeps the order of the dimensions that stay") {
    const Tensor x = ones({2, 3, 5}).transpose(0, 2);  // (5, 3, 2), the first dimension innermost
    CHECK(sum(x, 1).strides() == Strides{1, 5});
    CHECK(sum(x, 1, true).shape() == Shape{5, 1, 2});
    CHECK(values_of(sum(x, 1)) == std::vector<double>(10, 3));
}

TEST_CASE("ops/reduce: the same bits at one, two and five threads") {
    const int before = num_threads();
    const Tensor x = mul(arange(0, 300'007, 1, {.dtype = DType::f32}), 1e-3);
    const Tensor wide = arange(0, 700 * 601, 1, {.dtype = DType::f32}).reshape({700, 601});
    const auto results = [&] {
        std::vector<std::vector<float>> all;
        for (ReduceOp op : {sum, mean, max, logsumexp})
            for (const Tensor& y : {op(x, {}, false), op(wide, 0, false), op(wide, 1, false)})
                all.push_back(y.to_vector<float>());
        return all;
    };
    set_num_threads(1);
    const auto one = results();
    for (int threads : {2, 5}) {
        set_num_threads(threads);
        CHECK(results() == one);
    }
    set_num_threads(before);
}

TEST_CASE("ops/reduce: errors name the op, what was given, what is allowed and the line") {
    const Tensor x = zeros({2, 5});
    const auto line = [](int at) { return join(" (reduce.cpp:", at, ")"); };
    CHECK(error_of([&] { sum(x, 2); }) == "sum: axis 2 of x (2, 5); allowed are -2 to 1" + line(__LINE__));
    CHECK(error_of([&] { mean(x, -3); }) == "mean: axis -3 of x (2, 5); allowed are -2 to 1" + line(__LINE__));
    std::string text = error_of([&] { max(x, {0, -2}); });
    CHECK(text == "max: axes (0, -2) of x (2, 5); each axis can be named once" + line(__LINE__ - 1));
    text = error_of([&] { logsumexp(zeros({}), 0); });
    CHECK(text == "logsumexp: axis 0 of x (); a scalar has no axis" + line(__LINE__ - 1));
    text = error_of([&] { sum(zeros({2}, {.dtype = DType::i64})); });
    CHECK(text == "sum: x is i64; allowed are f32 and f64" + line(__LINE__ - 1));
    text = error_of([&] { min(zeros({2, 0}), 1); });
    CHECK(text == "min: x (2, 0) has no elements along axes (1,); at least one is needed" + line(__LINE__ - 1));
    text = error_of([&] { argmax(zeros({0})); });
    CHECK(text == "argmax: x (0,) has no elements; at least one is needed" + line(__LINE__ - 1));
    text = error_of([&] { sum_to(x, {3, 5}); });
    CHECK(text == "sum_to: x (2, 5) to (3, 5), which does not broadcast to x's shape" + line(__LINE__ - 1));
    text = error_of([&] { sum_to(x, {1, 2, 5}); });
    CHECK(text == "sum_to: x (2, 5) to (1, 2, 5), which does not broadcast to x's shape" + line(__LINE__ - 1));
    CHECK(error_of([&] { sum(Tensor()); }) == "sum: x is undefined" + line(__LINE__));
    CHECK(std::isnan(mean(zeros({0})).item<float>()));
}

// A bool would be axis 1.
static_assert(!std::is_convertible_v<bool, Axes>);
static_assert(std::is_convertible_v<int, Axes> && std::is_convertible_v<Shape, Axes>);

TEST_CASE("ops/reduce: the node knows its name, its line and the op it came from") {
    const Tensor x = ones({2, 5}, {.requires_grad = true});
    const Tensor y = mean(x, 1);
    const int line = __LINE__ - 1;
    REQUIRE(y.node());
    CHECK(y.node()->name() == std::string("mean"));
    CHECK(join(y.node()->site()) == join("reduce.cpp:", line));
    CHECK(min(x).node()->name() == std::string("min"));
}

TEST_CASE("ops/reduce: a saved input that was changed in place is an error") {
    Tensor x = ones({3}, {.requires_grad = true});
    const Tensor y = max(x);
    {
        const NoGrad no_grad;
        x.fill_(2);
    }
    CHECK(error_of([&] { y.backward(); }).find("max: x, saved for backward, was changed in place") == 0);
}

#include "cases/binary.h"

#include <doctest/doctest.h>

#include "vitrine/core/backward.h"
#include "vitrine/core/grad_mode.h"
#include "vitrine/core/node.h"
#include "vitrine/core/ops/creation.h"
#include "vitrine/core/ops/reduce.h"
#include "vitrine/core/ops/unary.h"

using namespace vitrine;
using namespace vitrine::testing;

TEST_CASE("ops/binary: values, gradients and second derivatives on every device") { check_op(binary_cases()); }

TEST_CASE("ops/binary: operators, with numbers on both sides") {
    const Tensor x = tensor({1.0, 2.0, 4.0}), w = tensor({2.0, 2.0, 2.0});
    const auto is = [](const Tensor& y, std::vector<double> wanted) { CHECK(values_of(y) == wanted); };
    is(x + w, {3, 4, 6}), is(x + 1, {2, 3, 5}), is(1 + x, {2, 3, 5});
    is(x - w, {-1, 0, 2}), is(x - 1, {0, 1, 3}), is(1 - x, {0, -1, -3});
    is(x * w, {2, 4, 8}), is(x * 3, {3, 6, 12}), is(3 * x, {3, 6, 12});
    is(x / w, {0.5, 1, 2}), is(x / 2, {0.5, 1, 2}), is(4 / x, {4, 2, 1});
    is(-x, {-1, -2, -4});
    is(x == w, {0, 1, 0}), is(x == 4, {0, 0, 1}), is(4 == x, {0, 0, 1});
    is(x != w, {1, 0, 1}), is(x != 4, {1, 1, 0}), is(4 != x, {1, 1, 0});
    is(x < w, {1, 0, 0}), is(x < 2, {1, 0, 0}), is(2 < x, {0, 0, 1});
    is(x <= w, {1, 1, 0}), is(x <= 2, {1, 1, 0}), is(2 <= x, {0, 1, 1});
    is(x > w, {0, 0, 1}), is(x > 2, {0, 0, 1}), is(2 > x, {1, 0, 0});
    is(x >= w, {0, 1, 1}), is(x >= 2, {0, 1, 1}), is(2 >= x, {1, 1, 0});
}

// The table of dtypes: what two tensors make, and what a tensor and a number make.
TEST_CASE("ops/binary: the table of dtypes") {
    int line = 0;
    std::string error;
    const auto at = [&](const std::string& text) { return join(text, " (binary.cpp:", line, ")"); };
    constexpr DType f32 = DType::f32, f64 = DType::f64, i32 = DType::i32, i64 = DType::i64, u8 = DType::u8,
                    b = DType::boolean;
    const DType order[] = {b, u8, i32, i64, f32, f64};
    const DType sums[6][6] = {{b, u8, i32, i64, f32, f64},     //
                              {u8, u8, i32, i64, f32, f64},    //
                              {i32, i32, i32, i64, f32, f64},  //
                              {i64, i64, i64, i64, f32, f64},  //
                              {f32, f32, f32, f32, f32, f32},  // f32 with f64 is an error, below
                              {f64, f64, f64, f64, f64, f64}};
    const DType with_integer[] = {i64, u8, i32, i64, f32, f64}, with_floating[] = {f32, f32, f32, f32, f32, f64};
    for (Device device : available_devices()) {
        for (std::size_t i = 0; i < 6; ++i) {
            const Tensor x = ones({2}, {.dtype = order[i], .device = device});
            for (std::size_t j = 0; j < 6; ++j) {
                const Tensor w = ones({2}, {.dtype = order[j], .device = device});
                const bool mixed = is_floating(order[i]) && is_floating(order[j]) && i != j;
                if (mixed) {
                    error = error_of([&] { line = __LINE__, add(x, w); });
                    CHECK(error ==
                          at(join("add: x is ", order[i], " and w ", order[j],
                                  "; both must have one dtype: cast one with to(vt::float32) or to(vt::float64)")));
                    continue;
                }
                CHECK((x + w).dtype() == sums[i][j]);
                CHECK((x * w).dtype() == sums[i][j]);
                CHECK(maximum(x, w).dtype() == sums[i][j]);
                CHECK((x / w).dtype() == (is_floating(sums[i][j]) ? sums[i][j] : f32));
                CHECK((x < w).dtype() == b);
                CHECK(values_of(x + w)[1] == (sums[i][j] == b ? 1 : 2));
                if (sums[i][j] != b) CHECK((x - w).dtype() == sums[i][j]);
            }
            CHECK((x + 1).dtype() == with_integer[i]);
            CHECK((1 - x).dtype() == with_integer[i]);
            CHECK((x * 1.5).dtype() == with_floating[i]);
            CHECK((x / 2).dtype() == (order[i] == f64 ? f64 : f32));
            CHECK((x == 1).dtype() == b);
            CHECK(values_of(x * 1.5)[0] == 1.5);
        }
    }
    error = error_of([&] { line = __LINE__, sub(tensor({true}), tensor({true})); });
    CHECK(error == at("sub: x and w are bool; use x != w, or cast them with to()"));
    error = error_of([&] { line = __LINE__, add(1.0, 2); });
    CHECK(error == at("add: x and w are numbers; one must be a tensor"));
}

TEST_CASE("ops/binary: integers wrap around, bools are or and and, comparisons compare integers") {
    for (Device device : available_devices()) {
        const Tensor x = tensor({2147483647ll, -2147483648ll}, {.dtype = DType::i32, .device = device});
        CHECK(values_of(x + 1) == std::vector<double>{-2147483648.0, -2147483647.0});
        CHECK(values_of(x * x) == std::vector<double>{1, 0});
        CHECK(values_of(ones({1}, {.dtype = DType::u8, .device = device}) + -2) == std::vector<double>{255});
        const Tensor p = tensor({true, true, false}, {.device = device}),
                     q = tensor({true, false, false}, {.device = device});
        CHECK(values_of(p + q) == std::vector<double>{1, 1, 0});
        CHECK(values_of(p * q) == std::vector<double>{1, 0, 0});
        CHECK(values_of(maximum(p, q) == p) == std::vector<double>{1, 1, 1});
        const Tensor large = full({1}, 9007199254740992.0, {.dtype = DType::i64, .device = device}) + 1;  // 2^53 + 1
        CHECK(values_of(large > 9007199254740992ll) == std::vector<double>{1});
    }
}

TEST_CASE("ops/binary: where maximum and minimum tie, each side gets half; NaN goes through") {
    for (Device device : available_devices()) {
        const Tensor x = tensor({1.0, 2.0, 3.0}, {.device = device, .requires_grad = true});
        const Tensor w = tensor({2.0, 2.0, 2.0}, {.device = device, .requires_grad = true});
        const auto d = [&](const Tensor& y, const Tensor& v) {
            return values_of(grad({y}, {v}, {.grad_outputs = {ones_like(y)}})[0]);
        };
        CHECK(d(maximum(x, w), x) == std::vector<double>{0, 0.5, 1});
        CHECK(d(maximum(x, w), w) == std::vector<double>{1, 0.5, 0});
        CHECK(d(minimum(x, w), x) == std::vector<double>{1, 0.5, 0});
        CHECK(d(minimum(x, 2), x) == std::vector<double>{1, 0.5, 0});
        CHECK(d(maximum(2, x), x) == std::vector<double>{0, 0.5, 1});
        const double nan = NAN;
        const Tensor bad = tensor({nan, 1.0}, {.device = device}), other = tensor({1.0, nan}, {.device = device});
        for (double v : values_of(maximum(bad, other) + minimum(bad, other))) CHECK(std::isnan(v));
        CHECK(values_of(bad == bad) == std::vector<double>{0, 1});
        CHECK(values_of(bad != bad) == std::vector<double>{1, 0});
    }
}

TEST_CASE("ops/binary: changes in place, of views too") {
    for (Device device : available_devices()) {
        Tensor x = arange(0, 6, 1, {.dtype = DType::f32, .device = device}).reshape({2, 3});
        const auto version = x.version();
        x += 1;
        CHECK(x.version() == version + 1);
        x -= tensor({1.0, 0.0, 1.0}, {.device = device});
        x *= 2;
        x /= full({2, 1}, 4, {.device = device});
        CHECK(values_of(x) == std::vector<double>{0, 1, 1, 1.5, 2.5, 2.5});
        x.add_(ones({3}, {.device = device}), 0.5);
        x.add_(ones({2, 3}, {.device = device})).mul_(full({}, 2, {.device = device}));
        CHECK(values_of(x) == std::vector<double>{3, 5, 5, 6, 8, 8});
        Tensor column = x.select(1, 1);
        column += 100;
        CHECK(values_of(x) == std::vector<double>{3, 105, 5, 6, 108, 8});
        Tensor square = arange(0, 4, 1, {.dtype = DType::f32, .device = device}).reshape({2, 2});
        square += square.transpose(0, 1);  // reads what it writes elsewhere
        CHECK(values_of(square) == std::vector<double>{0, 3, 3, 6});
    }
    Tensor n = tensor({1, 2});
    n += 3, n *= n;
    CHECK(values_of(n) == std::vector<double>{16, 25});
}

TEST_CASE("ops/binary: errors of changes in place") {
    int line = 0;
    std::string error;
    const auto at = [&](const std::string& text) { return join(text, " (binary.cpp:", line, ")"); };
    Tensor x = zeros({2, 3}, {.requires_grad = true}), y = zeros({2, 3}), n = tensor({1, 2, 3});
    error = error_of([&] { line = __LINE__, x += 1; });
    CHECK(error == at("+=: x requires grad, and a change in place cannot be recorded; write x = x + w, or change x "
                      "under no_grad"));
    error = error_of([&] { line = __LINE__, y.mul_(x); });
    CHECK(error == at("mul_: w requires grad, and a change in place cannot be recorded; write x = x * w, or change x "
                      "under no_grad"));
    error = error_of([&] { line = __LINE__, n += 0.5; });
    CHECK(error == at("+=: the result is f32 and x i64; write x = x + w"));
    error = error_of([&] { line = __LINE__, n /= 2; });
    CHECK(error == at("/=: the result is f32 and x i64; write x = x / w"));
    error = error_of([&] { line = __LINE__, y += zeros({4, 2, 3}); });
    CHECK(error == at("+=: w (4, 2, 3) does not broadcast to x (2, 3)"));
    Tensor expanded = y.expand({5, 2, 3});
    error = error_of([&] { line = __LINE__, expanded += 1; });
    CHECK(error == at("+=: x (5, 2, 3) is an expanded view, whose elements share memory; clone() it first"));
    no_grad([&] { return x += 1; });
    CHECK(x.to_vector<float>() == std::vector<float>(6, 1));
    CHECK(values_of(y) == std::vector<double>(6, 0));  // as before the failed calls
    CHECK(values_of(n) == std::vector<double>{1, 2, 3});
}

TEST_CASE("ops/binary: errors name the op, what was given, what is allowed and the line") {
    int line = 0;
    std::string error;
    const auto at = [&](const std::string& text) { return join(text, " (binary.cpp:", line, ")"); };
    const Tensor x = zeros({2, 5}), w = zeros({3});
    error = error_of([&] { line = __LINE__, mul(x, w); });
    CHECK(error ==
          at("mul: x (2, 5) and w (3,) do not broadcast; counted from the last, sizes must be equal or one of them 1"));
    error = error_of([&] { line = __LINE__, add(x, Tensor()); });
    CHECK(error == at("add: w is undefined"));
    error = error_of([&] { line = __LINE__, add(Tensor(), 1); });
    CHECK(error == at("add: x is undefined"));
    if (is_available(Device::simt)) {
        error = error_of([&] { line = __LINE__, add(x, x.to(Device::simt)); });
        CHECK(error == at("add: x is on cpu and w on simt; both must be on one device: copy one with to()"));
    }
}

TEST_CASE("ops/binary: the node knows its name and its line; a tensor times itself gets both gradients") {
    const Tensor x = tensor({3.0}, {.requires_grad = true});
    const Tensor y = 1 - x * x;
    const int line = __LINE__ - 1;
    CHECK(y.node()->name() == std::string("sub"));
    CHECK(join(y.node()->site()) == join("binary.cpp:", line));
    y.backward();
    CHECK(x.grad().item<float>() == -6);
}

TEST_CASE("ops/binary: the result keeps the layout of the first operand of full size") {
    const Tensor x = ones({2, 3, 5}).transpose(0, 2), bias = ones({2});
    CHECK((x + bias).strides() == x.strides());
    CHECK((bias + x).strides() == x.strides());
    CHECK((x < 1).strides() == x.strides());
}

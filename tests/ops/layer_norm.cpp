#include "vitrine/core/ops/layer_norm.h"

#include <doctest/doctest.h>

#include "cases/group_norm.h"
#include "vitrine/core/device.h"
#include "vitrine/core/ops/binary.h"
#include "vitrine/core/ops/creation.h"
#include "vitrine/core/ops/random.h"
#include "vitrine/core/ops/reduce.h"
#include "vitrine/core/ops/unary.h"

using namespace vitrine;
using namespace vitrine::testing;

TEST_CASE("ops/layer_norm: values, gradients and second derivatives on every device") {
    check_op(layer_norm_cases());
    for (const OpCase& c : large_layer_norm_cases()) check_values(c);
}

TEST_CASE("ops/layer_norm: long rows have the gradients of the formula written in simple ops") {
    manual_seed(5);
    for (const std::int64_t width : {1023, 1024, 1029}) {
        const Tensor x = randn({7, width}, {.dtype = DType::f64}).requires_grad_(), dy = randn({7, width}, {.dtype = DType::f64});
        const Tensor w = randn({width}, {.dtype = DType::f64}).requires_grad_(), b = randn({width}, {.dtype = DType::f64}).requires_grad_();
        const auto gradients = [&](const Tensor& y) {
            for (const Tensor& t : {x, w, b}) t.set_grad({});
            sum(y * dy).backward();
            return std::vector{x.grad(), w.grad(), b.grad()};
        };
        const Tensor centred = x - mean(x, {1}, true);
        const auto wanted = gradients(centred / sqrt(mean(centred * centred, {1}, true) + 1e-5) * w + b);
        const auto f64 = gradients(layer_norm(x, {width}, w, b));
        const auto f32 = gradients(layer_norm(x.to(DType::f32), {width}, w.to(DType::f32), b.to(DType::f32)).to(DType::f64));
        for (std::size_t i = 0; i < wanted.size(); ++i) {
            CAPTURE(width);
            CAPTURE(i);
            CHECK(max(abs(f64[i] - wanted[i])).item<double>() < 1e-11);
            CHECK(max(abs(f32[i] - wanted[i])).item<double>() < 1e-4);
        }
    }
}

TEST_CASE("ops/layer_norm: the same bits at one and two threads") {
    const int before = num_threads();
    manual_seed(4);
    const Tensor x = randn({1000, 65}), w = randn({65}).requires_grad_();
    const auto run = [&] {
        w.set_grad({});
        const Tensor y = layer_norm(x, {65}, w);
        sum(y * x).backward();
        return std::pair(y.to_vector<float>(), w.grad().to_vector<float>());
    };
    set_num_threads(1);
    const auto one = run();
    set_num_threads(2);
    CHECK(run() == one);
    set_num_threads(before);
}

TEST_CASE("ops/layer_norm: errors name the op, what was given, what is allowed and the line") {
    const Tensor x = zeros({2, 5});
    std::string text = error_of([&] { layer_norm(x, {4}); });
    CHECK(text == join("layer_norm: x (2, 5); its last sizes must be the normalised shape (4,) (layer_norm.cpp:", __LINE__ - 1, ")"));
    text = error_of([&] { layer_norm(x, {3, 2, 5}); });
    CHECK(text == join("layer_norm: x (2, 5); its last sizes must be the normalised shape (3, 2, 5) (layer_norm.cpp:", __LINE__ - 1, ")"));
    text = error_of([&] { layer_norm(x, {}); });
    CHECK(text == join("layer_norm: x (2, 5); its last sizes must be the normalised shape (), which needs a dimension (layer_norm.cpp:", __LINE__ - 1, ")"));
    text = error_of([&] { layer_norm(x, {5}, zeros({2, 5})); });
    CHECK(text == join("layer_norm: weight (2, 5); it must be (5,), the normalised shape (layer_norm.cpp:", __LINE__ - 1, ")"));
    text = error_of([&] { layer_norm(x, {5}, {}, zeros({5}, {.dtype = DType::f64})); });
    CHECK(text.starts_with("layer_norm: x is f32 and bias f64; both must have one dtype"));
}

#include "cases/loss.h"

#include <doctest/doctest.h>

#include "vitrine/core/backward.h"
#include "vitrine/core/node.h"
#include "vitrine/core/ops/creation.h"

using namespace vitrine;
using namespace vitrine::testing;

TEST_CASE("ops/loss: values, gradients and second derivatives on every device") {
    for (const LossFunction& loss : loss_functions()) check_op(loss_cases(loss));
}

TEST_CASE("ops/loss: where a slope jumps and where a logarithm ends") {
    for (Device device : available_devices()) {
        Tensor x = tensor({1.0, 2.0, -3.0}, {.device = device});
        x.requires_grad_();
        const Tensor t = tensor({1.0, -1.0, -1.0}, {.device = device});
        CHECK(values_of(grad({l1_loss(x, t, {.reduction = Reduction::sum})}, {x})[0]) == std::vector<double>{0, 1, -1});
        CHECK(values_of(smooth_l1_loss(x, t, {.beta = 0, .reduction = Reduction::none})) == std::vector<double>{0, 3, 2});

        Tensor p = tensor({0.0, 1.0, 1.5}, {.device = device});
        const Tensor wrong = tensor({1.0, 0.0, 0.0}, {.device = device});
        const auto y = values_of(binary_cross_entropy(p, wrong, {.reduction = Reduction::none}));
        CHECK(y[0] == 100);
        CHECK(y[1] == 100);
        CHECK(std::isnan(y[2]));
        CHECK(values_of(kl_div(zeros({2}, {.device = device}), tensor({0.0, 1.0}, {.device = device}), {.reduction = Reduction::none})) == std::vector<double>{0, 0});
    }
}

TEST_CASE("ops/loss: binary cross entropy of huge logits is neither inf nor NaN") {
    for (Device device : available_devices()) {
        Tensor x = tensor({1e4, -1e4, 1e4, -1e4, 0.0}, {.device = device});
        const Tensor t = tensor({1.0, 0.0, 0.0, 1.0, 0.5}, {.device = device});
        x.requires_grad_();
        const Tensor y = binary_cross_entropy_with_logits(x, t, {.reduction = Reduction::none});
        const auto values = values_of(y);
        CHECK(values[0] == 0);
        CHECK(values[1] == 0);
        CHECK(values[2] == 1e4);
        CHECK(values[3] == 1e4);
        CHECK(values[4] == doctest::Approx(std::log(2)));
        CHECK(values_of(grad({y}, {x}, {.grad_outputs = {ones_like(y)}})[0]) == std::vector<double>{0, 0, 1, -1, 0});
    }
}

TEST_CASE("ops/loss: small losses keep their digits") {
    // e^-20 is far below the last place of 1, so that log(1 + e^-20) would be 0.
    for (Device device : available_devices()) {
        const Tensor x = full({1000}, -20.0, {.device = device}), t = zeros({1000}, {.device = device});
        const double loss = binary_cross_entropy_with_logits(x, t, {.reduction = Reduction::sum}).item<double>();
        CHECK(loss == doctest::Approx(1000 * std::log1p(std::exp(-20.0))).epsilon(1e-5));
    }
}

TEST_CASE("ops/loss: the same bits at one, two and five threads") {
    const int before = num_threads();
    const Tensor x = arange(0.001, 0.999, 1e-5, {.dtype = DType::f32}), t = full({x.numel()}, 0.25);
    const auto results = [&] {
        std::vector<std::vector<float>> all;
        for (const LossFunction& loss : loss_functions())
            for (Reduction reduction : {Reduction::none, Reduction::sum}) all.push_back(loss.op(x, t, reduction).to_vector<float>());
        Tensor leaf = x.detach().requires_grad_();
        all.push_back(grad({binary_cross_entropy_with_logits(leaf, t)}, {leaf})[0].to_vector<float>());
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

TEST_CASE("ops/loss: errors name the op, what was given, what is allowed and the line") {
    const Tensor x = zeros({2, 5});
    const auto line = [](int at) { return join(" (loss.cpp:", at, ")"); };
    std::string text = error_of([&] { mse_loss(x, zeros({5})); });
    CHECK(text == "mse_loss: x is (2, 5) and target (5,); both must have one shape" + line(__LINE__ - 1));
    text = error_of([&] { binary_cross_entropy_with_logits(x, zeros({2, 5}, {.dtype = DType::f64})); });
    CHECK(text == "binary_cross_entropy_with_logits: x is f32 and target f64; both must have one dtype: cast one with to()" + line(__LINE__ - 1));
    text = error_of([&] { mse_loss(zeros({2}, {.dtype = DType::i64}), x); });
    CHECK(text == "mse_loss: x is i64; allowed are f32 and f64" + line(__LINE__ - 1));
    text = error_of([&] { huber_loss(x, x, {.delta = 0}); });
    CHECK(text == "huber_loss: delta 0; it must be positive" + line(__LINE__ - 1));
    text = error_of([&] { smooth_l1_loss(x, x, {.beta = -1}); });
    CHECK(text == "smooth_l1_loss: beta -1; it must be 0 or more" + line(__LINE__ - 1));
    CHECK(error_of([&] { mse_loss(x, Tensor()); }) == "mse_loss: target is undefined" + line(__LINE__));
    text = error_of([&] { mse_loss(zeros({0, 5}), zeros({0, 5})); });
    CHECK(text == "mse_loss: x (0, 5) has no elements; their mean wants at least one" + line(__LINE__ - 1));
}

TEST_CASE("ops/loss: the node knows its name and its line") {
    const Tensor x = ones({2, 5}, {.requires_grad = true}), t = ones({2, 5});
    const Tensor y = mse_loss(x, t);
    const int line = __LINE__ - 1;
    REQUIRE(y.node());
    CHECK(y.node()->name() == std::string("mse_loss"));
    CHECK(join(y.node()->site()) == join("loss.cpp:", line));
    CHECK(binary_cross_entropy_with_logits(x, t).node()->name() == std::string("binary_cross_entropy_with_logits"));
}

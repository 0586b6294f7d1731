#include "cases/cross_entropy.h"

#include <doctest/doctest.h>

#include "vitrine/core/backward.h"
#include "vitrine/core/node.h"
#include "vitrine/core/ops/creation.h"

using namespace vitrine;
using namespace vitrine::testing;

TEST_CASE("ops/cross_entropy: values, gradients and second derivatives on every device") {
    check_op(cross_entropy_cases());
}

TEST_CASE("ops/cross_entropy: logits of any size, shifted by any number") {
    for (Device device : available_devices()) {
        const Tensor t = tensor({0, 1, 2}, {.device = device});
        Tensor x = tensor({{5000.0, 4999.0, 0.0}, {-5000.0, -5000.0, -5000.0}, {0.0, 0.0, 1e30}}, {.device = device});
        x.requires_grad_();
        const Tensor y = cross_entropy(x, t, {.reduction = Reduction::none});
        CHECK(values_of(y)[0] == doctest::Approx(std::log1p(std::exp(-1.0))));
        CHECK(values_of(y)[1] == doctest::Approx(std::log(3)));
        CHECK(values_of(y)[2] == 0);
        const auto dx = values_of(grad({y}, {x}, {.grad_outputs = {ones_like(y)}})[0]);
        CHECK(dx[0] == doctest::Approx(1 / (1 + std::exp(-1.0)) - 1));
        CHECK(dx[3] == doctest::Approx(1.0 / 3));
        CHECK(dx[8] == 0);
    }
}

TEST_CASE("ops/cross_entropy: ignored rows have no loss, no gradient, and do not count") {
    for (Device device : available_devices()) {
        Tensor x = zeros({3, 2}, {.dtype = DType::f64, .device = device});
        x.requires_grad_();
        const Tensor y = cross_entropy(x, tensor({-100, 1, -100}, {.device = device}));
        CHECK(y.item<double>() == doctest::Approx(std::log(2)));
        CHECK(values_of(grad({y}, {x})[0]) == std::vector<double>{0, 0, 0.5, -0.5, 0, 0});

        const Tensor none_left = cross_entropy(x, tensor({7, 7, 7}, {.device = device}), {.ignore_index = 7});
        CHECK(std::isnan(none_left.item<double>()));
        CHECK(values_of(grad({none_left}, {x})[0]) == std::vector<double>(6, 0));
    }
}

TEST_CASE("ops/cross_entropy: the same bits at one, two and five threads") {
    const int before = num_threads();
    const Tensor x = arange(0, 700 * 65, 1, {.dtype = DType::f32}).reshape({700, 65});
    const Tensor t = full({700}, 3, {.dtype = DType::i64});
    const auto results = [&] {
        Tensor leaf = x.clone().requires_grad_();
        const Tensor y = cross_entropy(leaf, t);
        return std::pair(y.item<float>(), grad({y}, {leaf})[0].to_vector<float>());
    };
    set_num_threads(1);
    const auto one = results();
    for (int threads : {2, 5}) {
        set_num_threads(threads);
        CHECK(results() == one);
    }
    set_num_threads(before);
}

TEST_CASE("ops/cross_entropy: errors name the op, what was given, what is allowed and the line") {
    const auto line = [](int at) { return join(" (cross_entropy.cpp:", at, ")"); };
    for (Device device : available_devices()) {
        const Tensor x = zeros({4, 3}, {.device = device}), t = tensor({0, 1, 2, 0}, {.device = device});
        const auto i64 = [&](std::initializer_list<int> values) { return tensor(values, {.device = device}); };
        std::string text = error_of([&] { cross_entropy(x, i64({0, 1, 3, 9})); });
        CHECK(text == "cross_entropy: target 3 of row 2; allowed are 0 to 2 and ignore_index -100" + line(__LINE__ - 1));
        text = error_of([&] { cross_entropy(x, i64({0, -1, 3, 9}), {.ignore_index = 7}); });
        CHECK(text == "cross_entropy: target -1 of row 1; allowed are 0 to 2 and ignore_index 7" + line(__LINE__ - 1));
        text = error_of([&] { cross_entropy(x, i64({0, 1, 2})); });
        CHECK(text == "cross_entropy: x is (4, 3) and target (3,); allowed is (4,)" + line(__LINE__ - 1));
        text = error_of([&] { cross_entropy(x, zeros({4}, {.device = device})); });
        CHECK(text == "cross_entropy: x is (4, 3) and target (4,); allowed is (4, 3)" + line(__LINE__ - 1));
        text = error_of([&] { cross_entropy(x, zeros({4, 3}, {.dtype = DType::f64, .device = device})); });
        CHECK(text == "cross_entropy: target is f64; allowed are i64 and f32" + line(__LINE__ - 1));
        text = error_of([&] { cross_entropy(x, t, {.label_smoothing = 1.5}); });
        CHECK(text == "cross_entropy: label_smoothing 1.5; allowed are 0 to 1" + line(__LINE__ - 1));
        text = error_of([&] { cross_entropy(x, t, {.weight = ones({4}, {.device = device})}); });
        CHECK(text == "cross_entropy: weight (4,); allowed is (3,)" + line(__LINE__ - 1));
        text = error_of([&] { cross_entropy(t, t); });
        CHECK(text == "cross_entropy: x is i64; allowed are f32 and f64" + line(__LINE__ - 1));
        CHECK(error_of([&] { cross_entropy(x, Tensor()); }) == "cross_entropy: target is undefined" + line(__LINE__));
        text = error_of([&] { cross_entropy(zeros({}, {.device = device}), t); });
        CHECK(text == "cross_entropy: x (); allowed are (N, C), (N, C, ...) and (C)" + line(__LINE__ - 1));
        text = error_of([&] { cross_entropy(zeros({4, 0}, {.device = device}), t); });
        CHECK(text == "cross_entropy: x (4, 0) has no classes" + line(__LINE__ - 1));
        const Tensor no_targets = zeros({0}, {.dtype = DType::i64, .device = device});
        text = error_of([&] { cross_entropy(zeros({0, 3}, {.device = device}), no_targets); });
        CHECK(text == "cross_entropy: x (0, 3) has no rows; their mean wants at least one" + line(__LINE__ - 1));
    }
}

TEST_CASE("ops/cross_entropy: the node knows its name and its line") {
    const Tensor x = ones({2, 5}, {.requires_grad = true});
    const Tensor y = cross_entropy(x, tensor({0, 1}));
    const int line = __LINE__ - 1;
    REQUIRE(y.node());
    CHECK(y.node()->name() == std::string("cross_entropy"));
    CHECK(join(y.node()->site()) == join("cross_entropy.cpp:", line));
}

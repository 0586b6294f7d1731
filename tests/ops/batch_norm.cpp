#include "cases/batch_norm.h"

#include <doctest/doctest.h>

#include <cmath>

#include "vitrine/core/device.h"
#include "vitrine/core/node.h"
#include "vitrine/core/ops/binary.h"
#include "vitrine/core/ops/random.h"
#include "vitrine/core/ops/reduce.h"
#include "vitrine/core/ops/unary.h"

using namespace vitrine;
using namespace vitrine::testing;

TEST_CASE("ops/batch_norm: values, gradients and second derivatives on every device") {
    check_op(batch_norm_cases());
    for (const OpCase& c : large_batch_norm_cases()) check_values(c);
}

TEST_CASE("ops/batch_norm: with relu, and with a residual before it, in the same pass") {
    check_op(batch_norm_relu_cases());
    for (const OpCase& c : large_batch_norm_relu_cases()) check_values(c);
}

TEST_CASE("ops/batch_norm: one op with relu makes what three ops make") {
    for (Device device : available_devices()) {
        manual_seed(3);
        const TensorOptions leaf{.device = device, .requires_grad = true};
        const Tensor x = randn({5, 33, 4, 3}, leaf), r = randn({5, 33, 4, 3}, leaf), w = randn({33}, leaf), b = randn({33}, leaf);
        const Tensor slope = randn({5, 33, 4, 3}, {.device = device});
        const auto run = [&](bool fused, bool add) {
            for (const Tensor& t : {x, r, w, b}) t.set_grad({});
            const Tensor mean = zeros({33}, {.device = device}), var = ones({33}, {.device = device});
            const BatchNormOptions training{.training = true};
            const Tensor y = fused ? add ? batch_norm_add_relu(x, r, w, b, mean, var, training)
                                         : batch_norm_relu(x, w, b, mean, var, training)
                                   : relu(add ? batch_norm(x, w, b, mean, var, training) + r
                                              : batch_norm(x, w, b, mean, var, training));
            CHECK(std::string(y.node()->name()) == (!fused ? "relu" : add ? "batch_norm_add_relu" : "batch_norm_relu"));
            sum(y * slope).backward();
            std::vector<std::vector<double>> all{values_of(y), values_of(mean), values_of(var)};
            for (const Tensor& t : {x, r, w, b}) all.push_back(t.grad().defined() ? values_of(t.grad()) : std::vector<double>());
            return all;
        };
        for (bool add : {false, true}) {
            const auto one = run(true, add), three = run(false, add);
            for (std::size_t k = 0; k < one.size(); ++k) {
                REQUIRE(one[k].size() == three[k].size());
                for (std::size_t i = 0; i < one[k].size(); ++i) CHECK(one[k][i] == doctest::Approx(three[k][i]).epsilon(1e-5));
            }
        }
    }
}

TEST_CASE("ops/batch_norm: relu passes NaN on, and a residual of another shape is an error") {
    const Tensor x = tensor({{1.0, 2.0}, {3.0, -5.0}}), none;
    const Tensor bias = tensor({0.0, std::nan("")});
    CHECK(std::isnan(batch_norm_relu(x, none, bias, none, none, {.training = true}).to_vector<float>()[1]));
    const std::string text = error_of([&] { batch_norm_add_relu(x, zeros({2}), none, none, none, none, {.training = true}); });
    CHECK(text.starts_with("batch_norm_add_relu: x is (2, 2) and residual (2,)"));
}

TEST_CASE("ops/batch_norm: the running statistics move as in PyTorch, the variance unbiased") {
    for (Device device : available_devices()) {
        const TensorOptions f64{.dtype = DType::f64, .device = device};
        const Tensor x = tensor({{1.0, 10.0}, {3.0, 10.0}, {8.0, 40.0}}, f64);
        const Tensor mean = tensor({1.0, 2.0}, f64), var = tensor({1.0, 3.0}, f64);
        const auto version = mean.version();
        batch_norm(x, {}, {}, mean, var, {.training = true, .momentum = 0.25});
        CHECK(mean.version() > version);
        // means 4 and 20; unbiased variances (9 + 1 + 16) / 2 = 13 and (100 + 100 + 400) / 2 = 300
        const auto m = values_of(mean), v = values_of(var);
        CHECK(m[0] == doctest::Approx(0.75 * 1 + 0.25 * 4));
        CHECK(m[1] == doctest::Approx(0.75 * 2 + 0.25 * 20));
        CHECK(v[0] == doctest::Approx(0.75 * 1 + 0.25 * 13));
        CHECK(v[1] == doctest::Approx(0.75 * 3 + 0.25 * 300));
        batch_norm(x, {}, {}, mean, var);  // inference moves nothing
        CHECK(values_of(mean) == m);
        batch_norm(zeros({0, 2}, f64), {}, {}, mean, var, {.training = true});  // neither does an empty batch
        CHECK(values_of(var) == v);
    }
}

TEST_CASE("ops/batch_norm: running statistics that are views with gaps move too; without any, training works") {
    const Tensor x = tensor({{0.0, 2.0}, {4.0, 2.0}}), all = zeros({4});
    const Tensor mean = all.slice(0, 0, 4, 2), var = all.slice(0, 1, 4, 2);
    batch_norm(x, {}, {}, mean, var, {.training = true, .momentum = 0.5});
    CHECK(all.to_vector<float>() == std::vector<float>{1, 4, 1, 0});
    CHECK(batch_norm(x, {}, {}, {}, {}, {.training = true}).to_vector<float>()[1] == 0);
}

TEST_CASE("ops/batch_norm: images keep their channels together; a mean of 1e6 leaves the deviations") {
    manual_seed(1);
    const Tensor x = randn({4, 3, 5, 5}, {.dtype = DType::f64});
    for (Device device : available_devices()) {
        const Tensor y = batch_norm((x * 100 + 1e6).to(DType::f32).to(device), {}, {}, {}, {}, {.training = true});
        CHECK(y.strides() == Strides{75, 1, 15, 3});
        const auto got = values_of(y), wanted = values_of(batch_norm(x, {}, {}, {}, {}, {.training = true}));
        for (std::size_t i = 0; i < got.size(); ++i) CHECK(got[i] == doctest::Approx(wanted[i]).epsilon(1e-3));
    }
}

TEST_CASE("ops/batch_norm: the same bits at one and two threads") {
    const int before = num_threads();
    manual_seed(2);
    const Tensor x = randn({4000, 33}), w = randn({33}).requires_grad_();
    const auto run = [&] {
        w.set_grad({});
        const Tensor y = batch_norm(x, w, {}, {}, {}, {.training = true});
        const Tensor z = batch_norm_add_relu(y, x, w, {}, {}, {}, {.training = true});
        sum(z * x).backward();
        return std::pair(z.to_vector<float>(), w.grad().to_vector<float>());
    };
    set_num_threads(1);
    const auto one = run();
    set_num_threads(2);
    CHECK(run() == one);
    set_num_threads(before);
}

TEST_CASE("ops/batch_norm: errors name the op, what was given, what is allowed and the line") {
    const Tensor x = zeros({2, 3, 4, 4}), c = zeros({3}), none;
    std::string text = error_of([&] { batch_norm(zeros({3}), c, c, c, c); });
    CHECK(text == join("batch_norm: x (3,); allowed are (N, C), (N, C, L) and (N, C, H, W) (batch_norm.cpp:", __LINE__ - 1, ")"));
    text = error_of([&] { batch_norm(x, zeros({4}), c, c, c); });
    CHECK(text == join("batch_norm: weight (4,) for x (2, 3, 4, 4); it must be (3,), one value for each channel (batch_norm.cpp:", __LINE__ - 1, ")"));
    text = error_of([&] { batch_norm(x, c, c, c, none); });
    CHECK(text == join("batch_norm: running_mean and running_var come together; one is undefined (batch_norm.cpp:", __LINE__ - 1, ")"));
    text = error_of([&] { batch_norm(x, c, c, none, none); });
    CHECK(text == join("batch_norm: running_mean is undefined; inference needs it (batch_norm.cpp:", __LINE__ - 1, ")"));
    text = error_of([&] { batch_norm(zeros({1, 3}), c, c, c, c, {.training = true}); });
    CHECK(text == join("batch_norm: x (1, 3) has one value per channel; training needs more, or eval() (batch_norm.cpp:", __LINE__ - 1, ")"));
    text = error_of([&] { batch_norm(x, c, c.to(DType::f64), c, c); });
    CHECK(text.starts_with("batch_norm: x is f32 and bias f64; both must have one dtype"));
    text = error_of([&] { batch_norm(x, c, c, c, c, {.eps = 0}); });
    CHECK(text == join("batch_norm: eps 0; it must be above 0 (batch_norm.cpp:", __LINE__ - 1, ")"));
    text = error_of([&] { batch_norm(x, c, c, ones({3}, {.requires_grad = true}), c); });
    CHECK(text.starts_with("batch_norm: running_mean or running_var requires grad"));
    CHECK(values_of(c) == std::vector<double>(3, 0));
}

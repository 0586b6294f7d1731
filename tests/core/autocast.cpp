#include "vitrine/core/autocast.h"

#include <doctest/doctest.h>

#include <cmath>
#include <thread>

#include "op_case.h"
#include "vitrine/core/backward.h"
#include "vitrine/core/generator.h"
#include "vitrine/core/gradcheck.h"
#include "vitrine/core/ops/binary.h"
#include "vitrine/core/ops/conv.h"
#include "vitrine/core/ops/copy.h"
#include "vitrine/core/ops/creation.h"
#include "vitrine/core/ops/cross_entropy.h"
#include "vitrine/core/ops/index.h"
#include "vitrine/core/ops/matmul.h"
#include "vitrine/core/ops/random.h"
#include "vitrine/core/ops/recurrent.h"
#include "vitrine/core/ops/reduce.h"
#include "vitrine/core/ops/unary.h"
#include "vitrine/core/ops/view.h"
#include "vitrine/core/replay.h"

using namespace vitrine;
using namespace vitrine::testing;

namespace {

// Factors that bf16 cannot hold: 1 + 2^-10 becomes 1.
Tensor just_above_one(Shape shape, Device device = Device::cpu, DType dtype = DType::f32) {
    return full(shape, 1 + 0x1p-10, {.dtype = dtype, .device = device});
}
bool rounds(Device device = Device::cpu) {
    const Tensor y = matmul(just_above_one({8, 16}, device), just_above_one({16, 8}, device));
    return values_of(y)[0] == 16;
}

double largest(const Tensor& x) { return values_of(max(abs(x)))[0]; }
// ||x - w|| / ||w||
double distance(const Tensor& x, const Tensor& w) {
    return std::sqrt(values_of(sum(square(x - w)))[0] / values_of(sum(square(w)))[0]);
}

}  // namespace

TEST_CASE("core/autocast: scopes nest, end with the block and with an exception, and belong to a thread") {
    CHECK_FALSE(rounds());
    CHECK(autocast_dtype() == DType::f32);
    {
        const Autocast scope;
        CHECK(rounds());
        {
            const Autocast off(float32);
            CHECK_FALSE(rounds());
            const Autocast on(bfloat16);
            CHECK(rounds());
        }
        CHECK(rounds());
        bool in_thread = true;
        std::thread([&] { in_thread = rounds(); }).join();
        CHECK_FALSE(in_thread);
    }
    try {
        const Autocast scope;
        matmul(ones({2, 3}), ones({4, 5}));
    } catch (const Error&) {
    }
    CHECK_FALSE(rounds());
    CHECK(error_of([] {
              const Autocast scope(DType::f64);
          }).find("Autocast: factors are f64; allowed are bf16 and f32") == 0);
}

TEST_CASE("core/autocast: f32 products of every device round their factors and give f32, others do not change") {
    const Autocast scope;
    for (Device device : available_devices()) {
        CHECK(rounds(device));
        CHECK(matmul(just_above_one({8, 16}, device), just_above_one({16, 8}, device)).dtype() == DType::f32);
        const Tensor wide =
            matmul(just_above_one({8, 16}, device, DType::f64), just_above_one({16, 8}, device, DType::f64));
        CHECK(values_of(wide)[0] > 16);
        // Too small to gain: the same as without.
        CHECK(values_of(matmul(just_above_one({7, 16}, device), just_above_one({16, 8}, device)))[0] > 16);
        CHECK(values_of(matmul(just_above_one({16}, device), just_above_one({16}, device)))[0] > 16);
        CHECK(values_of(linear(just_above_one({8, 16}, device), just_above_one({9, 16}, device),
                               ones({9}, {.device = device})))[0] == 17);
    }
}

TEST_CASE("core/autocast: gradients are near those of f32, computed as the forward was, wherever backward is called") {
    manual_seed(5);
    for (Device device : available_devices()) {
        const Tensor x = randn({3, 20, 33}, {.device = device}), w = randn({40, 33}, {.device = device}),
                     bias = randn({40}, {.device = device}), b = randn({40, 24}, {.device = device});
        // backward inside the scope, outside of it, and both in f32 (backward inside a scope must not round).
        std::vector<std::vector<Tensor>> results;
        for (int kind = 0; kind < 4; ++kind) {
            Tensor x_ = x.clone(), w_ = w.clone(), bias_ = bias.clone(), b_ = b.clone();
            for (Tensor* leaf : {&x_, &w_, &bias_, &b_}) leaf->requires_grad_();
            Tensor loss;
            {
                const Autocast forward(kind < 2 ? DType::bf16 : DType::f32);
                const Tensor y = matmul(tanh(linear(x_, w_, bias_)), b_);
                CHECK(y.dtype() == DType::f32);
                loss = mean(square(y));
                const Autocast backward(DType::bf16);
                if (kind % 2 == 0) loss.backward();
            }
            if (kind % 2 == 1) loss.backward();
            results.push_back({x_.grad(), w_.grad(), bias_.grad(), b_.grad()});
        }
        for (std::size_t i = 0; i < 4; ++i) {
            CHECK(results[0][i].dtype() == DType::f32);
            CHECK(values_of(results[0][i]) == values_of(results[1][i]));
            CHECK(values_of(results[2][i]) == values_of(results[3][i]));
            const double d = distance(results[0][i], results[2][i]);
            CHECK(d > 1e-5);
            CHECK(d < 0.02);
        }
    }
}

TEST_CASE("core/autocast: a recurrent layer is near that of f32, forward and backward") {
    manual_seed(9);
    for (Device device : available_devices()) {
        const TensorOptions options{.device = device};
        const Tensor x = randn({5, 12, 16}, options), w_ih = randn({64, 16}, options) * 0.2,
                     w_hh = randn({64, 16}, options) * 0.2;
        std::vector<std::vector<Tensor>> results;
        for (DType factors : {DType::f32, DType::bf16}) {
            Tensor x_ = x.clone().requires_grad_(), ih = w_ih.clone().requires_grad_(),
                   hh = w_hh.clone().requires_grad_();
            Tensor y;
            {
                const Autocast scope(factors);
                y = lstm(x_, {}, {}, {ih, hh, {}, {}}).y;
            }
            sum(square(y)).backward();
            results.push_back({y.detach(), x_.grad(), ih.grad(), hh.grad()});
        }
        for (std::size_t i = 0; i < results[0].size(); ++i) {
            const double d = distance(results[1][i], results[0][i]);
            CHECK(d > 1e-5);
            CHECK(d < 0.02);
        }
    }
}

TEST_CASE("core/autocast: second derivatives and replay compute as the forward did") {
    manual_seed(6);
    const Tensor a = randn({9, 16}), b = randn({16, 10}).requires_grad_();
    Tensor a_ = a.clone().requires_grad_();
    Tensor y;
    const KeepValues keep;
    {
        const Autocast scope;
        y = matmul(a_, b);
    }
    const NodeCall again = replay(y.node());
    CHECK(values_of(again.outputs[0]) == values_of(y));
    const Tensor da = grad({sum(square(y))}, {a_}, {.create_graph = true})[0];
    const Tensor twice = grad({sum(square(da))}, {b})[0];
    CHECK(largest(twice) > 0);
    CHECK(std::isfinite(largest(twice)));
}

TEST_CASE("core/autocast: tensors of bf16 multiply and have gradients of bf16") {
    manual_seed(7);
    for (Device device : available_devices()) {
        const Tensor x = randn({2, 9, 17}, {.device = device}).to(bfloat16),
                     w = randn({12, 17}, {.device = device}).to(bfloat16),
                     bias = randn({12}, {.device = device}).to(bfloat16);
        Tensor x_ = x.clone().requires_grad_(), w_ = w.clone().requires_grad_(), bias_ = bias.clone().requires_grad_();
        const Tensor y = linear(x_, w_, bias_);
        CHECK(y.dtype() == DType::bf16);
        y.backward(ones({2, 9, 12}, {.device = device}).to(bfloat16));

        Tensor xf = x.to(float32).requires_grad_(), wf = w.to(float32).requires_grad_(),
               bf = bias.to(float32).requires_grad_();
        const Tensor yf = linear(xf, wf, bf);
        yf.backward(ones({2, 9, 12}, {.device = device}));
        CHECK(distance(y.to(float32), yf) < 0x1p-8);
        for (const auto& [half, single] : {std::pair{x_, xf}, {w_, wf}, {bias_, bf}}) {
            CHECK(half.grad().dtype() == DType::bf16);
            CHECK(distance(half.grad().to(float32), single.grad()) < 0x1p-8);
        }
        // A batch of matrices against one: the gradient of the repeated one is summed in f32.
        Tensor m = randn({1, 17, 5}, {.device = device}).to(bfloat16).requires_grad_();
        matmul(x, m).backward(ones({2, 9, 5}, {.device = device}).to(bfloat16));
        CHECK(m.grad().shape() == Shape{1, 17, 5});
    }
    CHECK(error_of([] {
              matmul(ones({2, 3}).to(float16), ones({3, 4}).to(float16));
          }).find("f16") != std::string::npos);
    CHECK(error_of([] { matmul(ones({2, 3}).to(bfloat16), ones({3, 4})); }).find("one dtype") != std::string::npos);
}

TEST_CASE("core/autocast: training goes the same way as in f32") {
    // Ten drawn classes, a hidden layer of 64, plain gradient descent: the losses stay within 2 % of each other.
    std::vector<double> losses[2];
    for (int kind = 0; kind < 2; ++kind) {
        manual_seed(8);
        const Tensor centres = randn({10, 50}), labels = zeros({130}, {.dtype = DType::i64});
        for (std::int64_t i = 0; i < 130; ++i) labels.data<std::int64_t>()[i] = i % 10;
        const Tensor x = index_select(centres, 0, labels) + randn({130, 50}) * 0.5;
        Tensor w1 = (randn({64, 50}) * 0.1).detach().requires_grad_(),
               w2 = (randn({10, 64}) * 0.1).detach().requires_grad_();
        for (int step = 0; step < 40; ++step) {
            Tensor loss;
            {
                const Autocast scope(kind == 0 ? DType::f32 : DType::bf16);
                loss = cross_entropy(linear(relu(linear(x, w1)), w2), labels);
            }
            loss.backward();
            losses[kind].push_back(values_of(loss)[0]);
            const NoGrad no_grad;
            for (Tensor* w : {&w1, &w2}) {
                w->add_(w->grad(), -0.5);
                w->set_grad({});
            }
        }
    }
    CHECK(losses[0].back() < 0.1 * losses[0].front());
    for (std::size_t i = 0; i < losses[0].size(); ++i)
        CHECK(std::fabs(losses[1][i] - losses[0][i]) < 0.02 * (losses[0][i] + 0.05));
}

TEST_CASE("core/autocast: convolutions round where that is faster, forward and backward, and give f32") {
    manual_seed(10);
    const auto all = [](DType factors, const Tensor& x, const Tensor& w, const ConvOptions& options) {
        Tensor x_ = x.clone().requires_grad_(), w_ = w.clone().requires_grad_();
        Tensor y;
        {
            const Autocast scope(factors);
            y = conv2d(x_, w_, {}, options);
        }
        sum(square(y)).backward();
        return std::vector{y.detach(), x_.grad(), w_.grad()};
    };
    const auto check_distances = [&](const Tensor& x, const Tensor& w, const ConvOptions& options, double least, double most) {
        const std::vector f32 = all(DType::f32, x, w, options), bf16 = all(DType::bf16, x, w, options);
        for (std::size_t i = 0; i < f32.size(); ++i) {
            CHECK(bf16[i].dtype() == x.dtype());
            CHECK(distance(bf16[i], f32[i]) >= least);
            CHECK(distance(bf16[i], f32[i]) <= most);
        }
    };
    const Tensor x = randn({2, 32, 24, 25}), w = randn({64, 32, 3, 3});
    check_distances(x, w, {.stride = 2, .padding = 1}, 1e-4, 0.01);
    set_conv_algorithm(ConvAlgorithm::implicit_gemm);
    check_distances(x, w, {.padding = 1}, 1e-4, 0.01);
    for (ConvAlgorithm in_f32 : {ConvAlgorithm::winograd, ConvAlgorithm::direct}) {
        set_conv_algorithm(in_f32);
        check_distances(x, w, {.padding = 1}, 0, 0);
    }
    set_conv_algorithm(ConvAlgorithm::automatic);
    check_distances(x.to(float64), w.to(float64), {.stride = 2, .padding = 1}, 0, 0);
    const Tensor small = randn({2, 16, 5, 6}), kernel = randn({8, 16, 2, 2});
    for (Device device : available_devices())
        if (device != Device::cpu) check_distances(small.to(device), kernel.to(device), {.stride = 2}, 0, 0);
}

TEST_CASE("core/autocast: transposed convolutions, second derivatives and replay of convolutions compute as the forward did") {
    manual_seed(11);
    Tensor x = randn({2, 32, 8, 9}).requires_grad_(), w = (randn({32, 16, 4, 4}) * 0.1).detach().requires_grad_();
    const KeepValues keep;
    Tensor y;
    {
        const Autocast scope;
        y = conv_transpose2d(x, w, {}, {.stride = 2, .padding = 1});
    }
    const double d = distance(y, conv_transpose2d(x, w, {}, {.stride = 2, .padding = 1}));
    CHECK(d > 1e-4);
    CHECK(d < 0.01);
    CHECK(values_of(replay(y.node()).outputs[0]) == values_of(y));
    const Tensor dx = grad({sum(square(y))}, {x}, {.create_graph = true})[0];
    const Tensor twice = grad({sum(square(dx))}, {w})[0];
    CHECK(largest(twice) > 0);
    CHECK(std::isfinite(largest(twice)));
}

TEST_CASE("core/autocast: a convolutional net trains as in f32") {
    // Where a bright 4 x 4 square lies in a noisy picture; a convolution that overlaps, one with stride 2, one of 1 x 1.
    std::vector<double> losses[2];
    for (int kind = 0; kind < 2; ++kind) {
        manual_seed(12);
        const Tensor labels = zeros({32}, {.dtype = DType::i64}), x = randn({32, 1, 8, 8}) * 0.5;
        for (std::int64_t i = 0; i < 32; ++i) {
            labels.data<std::int64_t>()[i] = i % 4;
            for (std::int64_t at = 0; at < 16; ++at) x.data<float>()[i * 64 + (i % 4 / 2 * 4 + at / 4) * 8 + i % 2 * 4 + at % 4] += 1;
        }
        const auto weight = [](Shape shape, double scale) { return (randn(shape) * scale).detach().requires_grad_(); };
        Tensor w1 = weight({16, 1, 3, 3}, 0.3), w2 = weight({32, 16, 3, 3}, 0.1), w3 = weight({32, 32, 1, 1}, 0.2),
               w4 = weight({4, 32 * 16}, 0.05);
        for (int step = 0; step < 30; ++step) {
            Tensor loss;
            {
                const Autocast scope(kind == 0 ? DType::f32 : DType::bf16);
                const Tensor h = relu(conv2d(relu(conv2d(x, w1, {}, {.padding = 1})), w2, {}, {.stride = 2, .padding = 1}));
                loss = cross_entropy(linear(relu(conv2d(h, w3)).reshape({32, 32 * 16}), w4), labels);
            }
            loss.backward();
            losses[kind].push_back(values_of(loss)[0]);
            const NoGrad no_grad;
            for (Tensor* w : {&w1, &w2, &w3, &w4}) {
                w->add_(w->grad(), -0.05);
                w->set_grad({});
            }
        }
    }
    CHECK(losses[0].back() < 0.2 * losses[0].front());
    CHECK(losses[1] != losses[0]);
    for (std::size_t i = 0; i < losses[0].size(); ++i)
        CHECK(std::fabs(losses[1][i] - losses[0][i]) < 0.05 * (losses[0][i] + 0.05));
}

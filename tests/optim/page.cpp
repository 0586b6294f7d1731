// The examples of docs/optim.md.
#include <doctest/doctest.h>

#include <algorithm>

#include "vitrine/core/ops/binary.h"
#include "vitrine/core/ops/creation.h"
#include "vitrine/core/ops/loss.h"
#include "vitrine/core/ops/random.h"
#include "vitrine/nn/activation.h"
#include "vitrine/nn/linear.h"
#include "vitrine/nn/sequential.h"
#include "vitrine/optim/adam.h"
#include "vitrine/optim/clip.h"
#include "vitrine/optim/ema.h"
#include "vitrine/optim/plateau.h"
#include "vitrine/optim/rmsprop.h"
#include "vitrine/optim/schedule.h"
#include "vitrine/optim/sgd.h"

using namespace vitrine;

namespace {

struct Fit {
    Tensor x = linspace_column(), y = x * 3.0 + 0.5;
    nn::Sequential net{nn::Linear(1, 16), nn::Tanh(), nn::Linear(16, 1)};

    static Tensor linspace_column() {
        std::vector<double> values;
        for (int i = 0; i < 32; ++i) values.push_back(i / 16.0 - 1);
        return from_values(std::span<const double>(values), {32, 1});
    }
    double loss() {
        const NoGrad no_grad;
        return mse_loss(net(x), y).item<float>();
    }
};

}  // namespace

TEST_CASE("docs/optim: a step") {
    manual_seed(1);
    Fit data;
    auto& [x, y, net] = data;
    const double before = data.loss();

    optim::AdamW adamw(net.parameters(), {.lr = 0.02});
    optim::Schedule schedule(adamw, optim::Warmup{.steps = 10, .then = optim::Cosine{.steps = 90, .min_lr = 0.002}});
    for (int step = 0; step < 100; ++step) {
        adamw.zero_grad();
        mse_loss(net(x), y).backward();
        optim::clip_grad_norm_(net.parameters(), 1.0);
        adamw.step();
        schedule.step();
    }

    CHECK(data.loss() < 0.05 * before);
    CHECK(adamw.lr() == doctest::Approx(0.002));
}

TEST_CASE("docs/optim: parameter groups") {
    nn::Sequential body(nn::Linear(4, 8), nn::ReLU());
    nn::Linear head(8, 2);

    optim::SGD sgd(body.parameters(), {.lr = 0.01, .momentum = 0.9, .weight_decay = 5e-4});
    sgd.add_group(head.parameters(), {.lr = 0.1, .momentum = 0.9});
    optim::Schedule schedule(sgd, optim::Exponential{.gamma = 0.5});
    schedule.step();

    CHECK(sgd.lr(0) == 0.005);
    CHECK(sgd.lr(1) == 0.05);
    CHECK(sgd.option("weight_decay", 1) == 0);
}

TEST_CASE("docs/optim: a curve of your own") {
    optim::SGD sgd({ones({1}, {.requires_grad = true})}, {.lr = 0.1});
    optim::Schedule schedule(sgd, [](double base, std::int64_t t) { return base / (1 + 0.5 * double(t)); });
    schedule.step();
    schedule.step();

    CHECK(sgd.lr() == 0.05);
}

TEST_CASE("docs/optim: plateau") {
    optim::RMSprop rmsprop({ones({1}, {.requires_grad = true})}, {.lr = 0.01});
    optim::Plateau plateau(rmsprop, {.factor = 0.5, .patience = 1});
    for (double validation_loss : {1.0, 0.9, 0.95, 0.91}) plateau.step(validation_loss);

    CHECK(rmsprop.lr() == 0.005);
}

TEST_CASE("docs/optim: clipping inside the step") {
    Fit data;
    auto& [x, y, net] = data;
    optim::Adam adam(net.parameters());
    mse_loss(net(x), y).backward();
    const double norm = optim::grad_norm(net.parameters());
    adam.step(std::min(1.0, 0.5 / (norm + 1e-6)));  // gradients are scaled as they are read

    CHECK(optim::grad_norm(net.parameters()) == norm);
}

TEST_CASE("docs/optim: means of weights") {
    Fit data;
    auto& [x, y, net] = data;
    optim::SGD sgd(net.parameters(), {.lr = 0.1});
    optim::EMA ema(net.parameters(), {.decay = 0.9});
    for (int step = 0; step < 20; ++step) {
        sgd.zero_grad();
        mse_loss(net(x), y).backward();
        sgd.step();
        ema.update();
    }
    const double trained = data.loss();
    {
        optim::UseMeans means(ema);  // until the end of the block
        CHECK(data.loss() != trained);
    }
    CHECK(data.loss() == trained);
}

TEST_CASE("docs/optim: saved and resumed") {
    Fit data;
    auto& net = data.net;
    optim::Adam adam(net.parameters(), {.lr = 0.3});
    optim::Schedule schedule(adam, optim::StepDecay{.step_size = 2, .gamma = 0.1});
    schedule.step(), schedule.step();
    const optim::StateDict of_adam = adam.state_dict(), of_schedule = schedule.state_dict();

    optim::Adam resumed(net.parameters(), {.lr = 0.3});
    optim::Schedule going_on(resumed, optim::StepDecay{.step_size = 2, .gamma = 0.1});
    resumed.load_state_dict(of_adam);
    going_on.load_state_dict(of_schedule);

    CHECK(going_on.steps() == 2);
    CHECK(resumed.lr() == doctest::Approx(0.03));
}

// The variational autoencoder: its loss against the formula, and the same training on every device.
#include "vitrine/models/vae.h"

#include <cmath>
#include <doctest/doctest.h>

#include "vitrine/core/ops/creation.h"
#include "vitrine/core/ops/random.h"
#include "vitrine/optim/adam.h"

using vitrine::Device;
using vitrine::Generator;
using vitrine::Shape;
using vitrine::Tensor;
using namespace vitrine::models;

namespace {

std::vector<double> values(const Tensor& x) {
    const std::vector<float> v = x.to(Device::cpu).to_vector<float>();
    return {v.begin(), v.end()};
}

// BCE + KL an image, in double, straight from the head of models/vae.h.
double loss_from_formula(const VaeOutput& output, const Tensor& x) {
    const auto logits = values(output.logits), grey = values(x), mean = values(output.code.mean),
               log_var = values(output.code.log_var);
    double sum = 0;
    for (std::size_t i = 0; i < grey.size(); ++i) {
        const double p = 1 / (1 + std::exp(-logits[i]));
        sum -= grey[i] * std::log(p) + (1 - grey[i]) * std::log(1 - p);
    }
    for (std::size_t j = 0; j < mean.size(); ++j)
        sum += 0.5 * (mean[j] * mean[j] + std::exp(log_var[j]) - 1 - log_var[j]);
    return sum / static_cast<double>(x.size(0));
}

// The losses of the first steps of a small net, everything of seed 1.
std::vector<double> first_losses(Device device, int steps) {
    vitrine::manual_seed(1);
    Vae net({.inputs = 50, .hidden = 33, .latent = 7});
    net.to(device);
    vitrine::optim::Adam adam(net.parameters(), {.lr = 1e-2});
    const Tensor x = vitrine::rand({8, 50}).to(device);
    std::vector<double> losses;
    for (int step = 0; step < steps; ++step) {
        const Tensor loss = vae_loss(net(x), x);
        adam.zero_grad();
        loss.backward();
        adam.step();
        losses.push_back(loss.item<double>());
    }
    return losses;
}

}  // namespace

TEST_CASE("models/vae: seed 1, shapes, names and the loss") {
    vitrine::manual_seed(1);
    const Vae net({.inputs = 31, .hidden = 17, .latent = 5});
    const Tensor x = vitrine::rand({3, 31});
    const VaeOutput output = net(x);
    CHECK(output.logits.shape() == Shape{3, 31});
    CHECK(output.code.mean.shape() == Shape{3, 5});
    CHECK(output.code.log_var.shape() == Shape{3, 5});
    CHECK(vae_loss(output, x).item<double>() == doctest::Approx(loss_from_formula(output, x)).epsilon(1e-5));
    CHECK(net.state_dict().size() == 10);
    CHECK(net.state_dict().at("fc21.weight").shape() == Shape{5, 17});
    CHECK(net.parameters().size() == 10);
}

TEST_CASE("models/vae: seed 1, the noise is the generator's") {
    vitrine::manual_seed(1);
    const Vae net({.inputs = 9, .hidden = 8, .latent = 3});
    const Tensor x = vitrine::rand({2, 9});
    Generator a(5), b(5);
    const std::vector<double> first = values(net(x, a).logits), next = values(net(x, a).logits);
    CHECK(first == values(net(x, b).logits));
    CHECK(first != next);
}

TEST_CASE("models/vae: seed 1, the first steps fall and agree on every device") {
    const std::vector<double> cpu = first_losses(Device::cpu, 5);
    CHECK(cpu.back() < cpu.front());
    for (const Device device : vitrine::available_devices()) {
        const std::vector<double> losses = first_losses(device, 5);
        for (std::size_t i = 0; i < cpu.size(); ++i) CHECK(losses[i] == doctest::Approx(cpu[i]).epsilon(1e-4));
    }
}

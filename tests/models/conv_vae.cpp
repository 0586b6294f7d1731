// The convolutional autoencoder: shapes, names, and the same training on every device.
#include "vitrine/models/conv_vae.h"

#include <doctest/doctest.h>

#include "vitrine/core/ops/creation.h"
#include "vitrine/core/ops/random.h"
#include "vitrine/optim/adam.h"

using vitrine::Device;
using vitrine::Error;
using vitrine::Shape;
using vitrine::Tensor;
using namespace vitrine::models;

namespace {

constexpr vitrine::Site here{"user.cpp", 7};

// The losses of the first steps of a small net, everything of seed 1.
std::vector<double> first_losses(Device device, int steps) {
    vitrine::manual_seed(1);
    ConvVae net({.side = 8, .channels = 3, .latent = 2});
    net.to(device);
    vitrine::optim::Adam adam(net.parameters(), {.lr = 1e-2});
    const Tensor x = vitrine::rand({5, 64}).to(device);
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

TEST_CASE("models/conv_vae: seed 1, shapes, names, sizes that do not fit") {
    vitrine::manual_seed(1);
    const ConvVae net({.side = 12, .channels = 5, .latent = 3});
    const VaeOutput output = net(vitrine::rand({2, 144}));
    CHECK(output.logits.shape() == Shape{2, 144});
    CHECK(output.code.mean.shape() == Shape{2, 3});
    CHECK(net.decode(vitrine::zeros({4, 3})).shape() == Shape{4, 144});
    const auto dict = net.state_dict();
    CHECK(dict.size() == 14);
    CHECK(dict.at("conv2.weight").shape() == Shape{10, 5, 3, 3});
    CHECK(dict.at("up1.weight").shape() == Shape{10, 5, 4, 4});
    CHECK(dict.at("fc3.weight").shape() == Shape{90, 3});

    CHECK_THROWS_WITH_AS(ConvVae({.side = 30}, here), "ConvVae: side 30; allowed are multiples of 4 (user.cpp:7)",
                         Error);
    CHECK_THROWS_WITH_AS(ConvVae({.side = 0}, here), "ConvVae: side 0; allowed are multiples of 4 (user.cpp:7)", Error);
    CHECK_THROWS_WITH_AS(ConvVae({.channels = 0}, here), "ConvVae: channels 0; allowed are 1 and more (user.cpp:7)",
                         Error);
    CHECK_THROWS_WITH_AS(ConvVae({.latent = 0}, here), "ConvVae: latent 0; allowed are 1 and more (user.cpp:7)", Error);
}

TEST_CASE("models/conv_vae: seed 1, the first steps fall and agree on every device") {
    const std::vector<double> cpu = first_losses(Device::cpu, 5);
    CHECK(cpu.back() < cpu.front());
    for (const Device device : vitrine::available_devices()) {
        const std::vector<double> losses = first_losses(device, 5);
        for (std::size_t i = 0; i < cpu.size(); ++i) CHECK(losses[i] == doctest::Approx(cpu[i]).epsilon(1e-4));
    }
}

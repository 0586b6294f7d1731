// The convolutional net: shapes, names, gradients, and the same training on every device.
#include "vitrine/models/cifar_cnn.h"

#include <doctest/doctest.h>

#include <cmath>

#include "gradients.h"
#include "op_case.h"
#include "vitrine/core/ops/creation.h"
#include "vitrine/core/ops/cross_entropy.h"
#include "vitrine/core/ops/random.h"
#include "vitrine/optim/sgd.h"

using namespace vitrine;
using vitrine::models::CifarCnn;
using vitrine::testing::error_of;

namespace {

// The losses of the first steps of a small net, everything of seed 1.
std::vector<double> first_losses(Device device, int steps) {
    manual_seed(1);
    CifarCnn net({.classes = 3, .image_size = 8, .channels = {4, 5, 6}});
    net.to(device);
    optim::SGD sgd(net.parameters(), {.lr = 0.05, .momentum = 0.9, .nesterov = true});
    const Tensor x = randn({4, 3, 8, 8}).to(device), labels = tensor({0, 1, 2, 1}).to(device);
    std::vector<double> losses;
    for (int step = 0; step < steps; ++step) {
        const Tensor loss = cross_entropy(net(x), labels);
        sgd.zero_grad();
        loss.backward();
        sgd.step();
        losses.push_back(loss.item<double>());
    }
    return losses;
}

}  // namespace

TEST_CASE("models/cifar_cnn: shapes, names and number of parameters") {
    manual_seed(1);
    CifarCnn net;
    std::int64_t count = 0;
    std::string names;
    for (const auto& [name, w] : net.named_parameters()) count += w.numel(), names += name + " ";
    // convolutions 9 (3 32 + 32 32 + 32 64 + 64 64 + 64 128 + 128 128), norms 4 (32 + 64 + 128), Linear 2048 10 + 10
    CHECK(count == 286560 + 896 + 20490);
    CHECK(names.starts_with("blocks.0.conv1.weight blocks.0.bn1.weight blocks.0.bn1.bias blocks.0.conv2.weight "));
    CHECK(names.ends_with("blocks.2.bn2.bias fc.weight fc.bias "));
    CHECK(net(randn({2, 3, 32, 32})).shape() == Shape{2, 10});
    CHECK(net(zeros({0, 3, 32, 32})).shape() == Shape{0, 10});
    CHECK(CifarCnn({.classes = 4, .in_channels = 1, .image_size = 16})(randn({1, 1, 16, 16})).shape() == Shape{1, 4});
}

TEST_CASE("models/cifar_cnn: every parameter gets a gradient; a clone is deep") {
    manual_seed(2);
    CifarCnn net({.classes = 5, .image_size = 16, .channels = {3, 4, 5}});
    const Tensor x = randn({3, 3, 16, 16});
    cross_entropy(net(x), tensor({0, 4, 2})).backward();
    testing::check_parameters_have_gradients(net);
    net.eval();
    CifarCnn twin = net.clone();
    CHECK(twin(x).to_vector<float>() == net(x).to_vector<float>());
    CHECK(twin.parameters()[0].impl() != net.parameters()[0].impl());
}

TEST_CASE("models/cifar_cnn: the same training on every device") {
    const auto expected = first_losses(Device::cpu, 5);
    CHECK(expected[4] < expected[0]);
    for (Device device : available_devices()) {
        const auto losses = first_losses(device, 5);
        for (std::size_t i = 0; i < losses.size(); ++i) CHECK(losses[i] == doctest::Approx(expected[i]).epsilon(1e-4));
    }
}

TEST_CASE("models/cifar_cnn: errors name the user's line") {
    CifarCnn net({.image_size = 8, .channels = {2, 2, 2}});
    CHECK(error_of([&] {
              net({zeros({2, 3, 32, 32}), {"user.cpp", 12}});
          }) == "CifarCnn: x (2, 3, 32, 32); it must be (N, 3, 8, 8) (user.cpp:12)");
    CHECK(error_of([] {
              CifarCnn({.image_size = 12}, {"user.cpp", 13});
          }) == "CifarCnn: image_size 12; it must be a multiple of 8, at least 8 (user.cpp:13)");
    CHECK(error_of([] {
              CifarCnn({.classes = 0}, {"user.cpp", 13});
          }) == "CifarCnn: classes 0, in_channels 3; each must be at least 1 (user.cpp:13)");
}

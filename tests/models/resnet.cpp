// ResNet-18: torchvision's names and sizes, gradients, and the same training on every device.
#include "vitrine/models/resnet.h"

#include <doctest/doctest.h>

#include <cmath>

#include "gradients.h"
#include "op_case.h"
#include "vitrine/core/ops/creation.h"
#include "vitrine/core/ops/cross_entropy.h"
#include "vitrine/core/ops/random.h"
#include "vitrine/optim/sgd.h"

using namespace vitrine;
using vitrine::models::ResNet;
using vitrine::models::resnet18;
using vitrine::testing::error_of;

namespace {

// The losses of the first steps of a narrow net, everything of seed 1.
std::vector<double> first_losses(Device device, DType dtype, bool small_images, int steps) {
    manual_seed(1);
    ResNet net = resnet18({.classes = 3, .small_images = small_images, .width = 3});
    net.to(device);
    net.to(dtype);
    optim::SGD sgd(net.parameters(), {.lr = 0.02});
    const Tensor x = randn({4, 3, 16, 16}).to(dtype).to(device), labels = tensor({0, 1, 2, 1}).to(device);
    std::vector<double> losses;
    for (int step = 0; step < steps; ++step) {
        const Tensor loss = cross_entropy(net(small_images ? x.slice(2, 0, 8).slice(3, 0, 8) : x), labels);
        sgd.zero_grad();
        loss.backward();
        sgd.step();
        losses.push_back(loss.item<double>());
    }
    return losses;
}

}  // namespace

TEST_CASE("models/resnet: torchvision's names, shapes and 11,689,512 parameters") {
    const nn::init::Skip no_drawing;
    ResNet net = resnet18();
    std::int64_t count = 0;
    for (const Tensor& w : net.parameters()) count += w.numel();
    CHECK(count == 11689512);

    const auto dict = net.state_dict();
    CHECK(dict.size() == 122);
    const auto shape_of = [&](const char* name) { return dict.contains(name) ? dict.at(name).shape() : Shape{-1}; };
    CHECK(shape_of("conv1.weight") == Shape{64, 3, 7, 7});
    CHECK(shape_of("bn1.running_mean") == Shape{64});
    CHECK(shape_of("bn1.num_batches_tracked") == Shape{});
    CHECK(shape_of("layer1.0.conv1.weight") == Shape{64, 64, 3, 3});
    CHECK(shape_of("layer1.1.bn2.bias") == Shape{64});
    CHECK(shape_of("layer2.0.conv1.weight") == Shape{128, 64, 3, 3});
    CHECK(shape_of("layer2.0.downsample.0.weight") == Shape{128, 64, 1, 1});
    CHECK(shape_of("layer2.0.downsample.1.running_var") == Shape{128});
    CHECK(shape_of("layer4.1.conv2.weight") == Shape{512, 512, 3, 3});
    CHECK(shape_of("fc.weight") == Shape{1000, 512});
    CHECK(!dict.contains("layer1.0.downsample.0.weight"));
    CHECK(!dict.contains("conv1.bias"));
}

TEST_CASE("models/resnet: sizes inside, both stems; small images keep their size to the first layer") {
    manual_seed(2);
    CHECK(resnet18({.classes = 7, .width = 2})(randn({2, 3, 64, 48})).shape() == Shape{2, 7});
    CHECK(resnet18({.classes = 7, .in_channels = 1, .small_images = true, .width = 2})(randn({2, 1, 32, 32})).shape() ==
          Shape{2, 7});
    const ResNet small = resnet18({.classes = 10, .small_images = true, .width = 4});
    CHECK(small.state_dict().at("conv1.weight").shape() == Shape{4, 3, 3, 3});
}

TEST_CASE("models/resnet: every parameter gets a gradient; a clone is deep") {
    manual_seed(3);
    ResNet net = resnet18({.classes = 4, .small_images = true, .width = 3});
    const Tensor x = randn({3, 3, 16, 16});
    cross_entropy(net(x), tensor({0, 3, 2})).backward();
    testing::check_parameters_have_gradients(net);
    net.eval();
    ResNet twin = net.clone();
    CHECK(twin(x).to_vector<float>() == net(x).to_vector<float>());
    CHECK(twin.parameters()[0].impl() != net.parameters()[0].impl());
}

TEST_CASE("models/resnet: the same training on every device, with either stem") {
    // layer4 has one pixel: its norms see four values, and what float rounds differently grows from step to step, to 1e-3
    // between two instruction sets of one cpu. So the stems are compared in f64, and in f32 at the first step.
    for (bool small_images : {false, true}) {
        const auto expected = first_losses(Device::cpu, DType::f64, small_images, 3);
        for (Device device : available_devices()) {
            const auto losses = first_losses(device, DType::f64, small_images, 3);
            for (std::size_t i = 0; i < losses.size(); ++i) CHECK(losses[i] == doctest::Approx(expected[i]).epsilon(1e-9));
            CHECK(first_losses(device, DType::f32, small_images, 1)[0] == doctest::Approx(expected[0]).epsilon(1e-3));
        }
    }
}

TEST_CASE("models/resnet: errors name the user's line") {
    CHECK(error_of([] {
              resnet18({.classes = 0}, {"user.cpp", 12});
          }) == "ResNet: classes 0, in_channels 3, width 64; each must be at least 1 (user.cpp:12)");
    CHECK(error_of([] {
              ResNet({1, 1, 0, 1}, {.width = 1}, {"user.cpp", 13});
          }) == "ResNet: a layer of 0 blocks; it must have at least 1 (user.cpp:13)");
    ResNet net = resnet18({.classes = 2, .width = 1});
    CHECK(error_of([&] { net({zeros({1, 1, 8, 8}), {"user.cpp", 14}}); }).ends_with("(user.cpp:14)"));
}

// Convolutions as modules.
#include "vitrine/nn/conv.h"

#include <doctest/doctest.h>

#include <cmath>

#include "op_case.h"
#include "vitrine/core/node.h"
#include "vitrine/core/ops/creation.h"
#include "vitrine/core/ops/random.h"
#include "vitrine/core/ops/reduce.h"
#include "vitrine/nn/sequential.h"

using namespace vitrine;
using vitrine::testing::error_of;
using vitrine::testing::values_of;

TEST_CASE("nn/conv: each module is its op, on every device") {
    manual_seed(1);
    for (Device device : available_devices()) {
        const Tensor x = randn({2, 4, 5, 6}, {.device = device});
        nn::Conv2d conv(4, 6, 3, {.stride = {2, 1}, .padding = 1, .groups = 2, .device = device});
        CHECK(conv.weight.shape() == Shape{6, 2, 3, 3});
        const Tensor y = conv2d(x, conv.weight, conv.bias, {.stride = {2, 1}, .padding = 1, .groups = 2});
        CHECK(values_of(conv(x)) == values_of(y));

        nn::ConvTranspose2d transpose(4, 3, {3, 2},
                                      {.stride = 2, .output_padding = 1, .bias = false, .device = device});
        CHECK(transpose.weight.shape() == Shape{4, 3, 3, 2});
        CHECK(!transpose.bias.defined());
        CHECK(values_of(transpose(x)) ==
              values_of(conv_transpose2d(x, transpose.weight, {}, {.stride = 2, .output_padding = 1})));

        nn::Conv1d line(4, 5, 3, {.padding = 2, .dilation = 2, .device = device});
        const Tensor sequence = randn({3, 4, 7}, {.device = device});
        CHECK(line(sequence).shape() == Shape{3, 5, 7});
        CHECK(values_of(line(sequence)) ==
              values_of(conv1d(sequence, line.weight, line.bias, {.padding = 2, .dilation = 2})));
    }
}

TEST_CASE("nn/conv: weights lie as kernels read them and start uniform in +-1/sqrt(fan in)") {
    manual_seed(2);
    nn::Conv2d conv(16, 64, 5, {.groups = 2});
    CHECK(conv.weight.strides() == conv_weight_strides(conv.weight.shape()));
    const double bound = 1 / std::sqrt(8 * 25.0);
    const auto check_range = [&](const Tensor& w, double within, double at_least) {
        double largest = 0;
        for (double v : values_of(w)) largest = std::max(largest, std::abs(v));
        CHECK(largest <= within * (1 + 1e-6));
        CHECK(largest > at_least * within);
    };
    check_range(conv.weight, bound, 0.99);
    check_range(conv.bias, bound, 0.8);
    double sum_of_squares = 0;
    for (double v : values_of(conv.weight)) sum_of_squares += v * v;
    CHECK(sum_of_squares / double(conv.weight.numel()) == doctest::Approx(bound * bound / 3).epsilon(0.05));
    nn::ConvTranspose2d transpose(16, 32, 4, {.groups = 2});  // PyTorch counts its outputs: size(1) of the weight
    check_range(transpose.weight, 1 / std::sqrt(16 * 16.0), 0.99);
    nn::Conv1d line(16, 32, 3);
    check_range(line.weight, 1 / std::sqrt(16 * 3.0), 0.99);

    manual_seed(3);  // the same from one seed, drawn in logical order
    nn::Conv2d first(3, 4, 3);
    manual_seed(3);
    Tensor rows = empty({4, 3, 3, 3});
    nn::init::kaiming_uniform_(rows, {.a = std::sqrt(5.0)});
    CHECK(values_of(first.weight) == values_of(rows));
}

TEST_CASE("nn/conv: gradients reach weight and bias and lie as they do") {
    manual_seed(4);
    nn::Conv2d conv(3, 4, 3, {.padding = 1, .dtype = DType::f64});
    const Tensor x = randn({2, 3, 5, 5}, {.dtype = DType::f64});
    sum(conv(x)).backward();
    CHECK(conv.weight.grad().strides() == conv.weight.strides());
    for (double db : values_of(conv.bias.grad())) CHECK(db == doctest::Approx(50));
    const auto dw = values_of(conv.weight.grad()), xs = values_of(x);
    double middle = 0;  // the middle element of a kernel meets every pixel of its channel
    for (std::size_t n = 0; n < 2; ++n)
        for (std::size_t i = 0; i < 25; ++i) middle += xs[n * 75 + i];
    CHECK(dw[4] == doctest::Approx(middle));
}

TEST_CASE("nn/conv: descriptions say what is not the default") {
    CHECK(nn::Conv2d(3, 32, 3).describe() == "Conv2d(3, 32, kernel_size=3)");
    CHECK(nn::Conv2d(4, 8, {3, 5}, {.stride = 2, .padding = {1, 2}, .dilation = 3, .groups = 4, .bias = false})
              .describe() ==
          "Conv2d(4, 8, kernel_size=(3, 5), stride=2, padding=(1, 2), dilation=3, groups=4, no bias)");
    CHECK(nn::Conv1d(4, 8, 3, {.stride = 2}).describe() == "Conv1d(4, 8, kernel_size=3, stride=2)");
    CHECK(nn::ConvTranspose2d(4, 8, 4, {.stride = 2, .output_padding = 1}).describe() ==
          "ConvTranspose2d(4, 8, kernel_size=4, stride=2, output_padding=1)");
}

TEST_CASE("nn/conv: names, and clones that keep every option") {
    manual_seed(5);
    nn::Sequential net(nn::Conv2d(4, 6, {3, 2}, {.stride = 2, .padding = {1, 0}, .dilation = {1, 2}, .groups = 2}),
                       nn::ConvTranspose2d(6, 4, 3, {.stride = {2, 3}, .output_padding = 1, .bias = false}));
    std::string names;
    for (const auto& [name, w] : net.named_parameters()) names += name + " ";
    CHECK(names == "0.weight 0.bias 1.weight ");
    nn::Sequential twin = net.clone();
    CHECK(twin[0].describe() == net[0].describe());
    CHECK(twin[1].describe() == net[1].describe());
    const Tensor x = randn({2, 4, 7, 9});
    CHECK(values_of(twin(x)) == values_of(net(x)));
    nn::Conv1d line(2, 4, 3, {.stride = 2, .padding = 1, .dilation = 2, .groups = 2, .bias = false});
    const nn::Conv1d again = line.clone();
    CHECK(again.describe() == line.describe());
    CHECK(values_of(again.weight) == values_of(line.weight));
    const auto before = values_of(line.weight);
    line.reset_parameters();
    CHECK(values_of(line.weight) != before);
}

TEST_CASE("nn/conv: errors name the module and the user's line") {
    const Site site{"user.cpp", 7};
    CHECK(error_of([&] { nn::Conv2d(3, 4, 3, {.groups = 2}, site); }) ==
          "Conv2d: groups 2 with in_channels 3 and out_channels 4; it must divide both (user.cpp:7)");
    CHECK(error_of([&] { nn::Conv2d(4, 3, 3, {.groups = 2}, site); }) ==
          "Conv2d: groups 2 with in_channels 4 and out_channels 3; it must divide both (user.cpp:7)");
    CHECK(error_of([&] { nn::Conv2d(-1, 3, 3, {}, site); }) ==
          "Conv2d: in_channels -1, out_channels 3; neither may be negative (user.cpp:7)");
    CHECK(error_of([&] {
              nn::Conv2d(1, 3, {3, 0}, {}, site);
          }) == "Conv2d: kernel_size (3, 0); allowed is 1 or more (user.cpp:7)");
    CHECK(error_of([&] { nn::Conv2d(1, 3, 3, {.stride = 0}, site); }) ==
          "Conv2d: stride (0, 0); allowed is 1 or more (user.cpp:7)");
    CHECK(error_of([&] { nn::Conv1d(1, 3, 3, {.padding = -1}, site); }) ==
          "Conv1d: padding (-1, -1); allowed is 0 or more (user.cpp:7)");
    CHECK(error_of([&] { nn::Conv1d(1, 3, 3, {.dilation = 0}, site); }) ==
          "Conv1d: dilation (0, 0); allowed is 1 or more (user.cpp:7)");
    CHECK(error_of([&] { nn::Conv2d(1, 3, 3, {.dtype = DType::i64}, site); }) ==
          "Conv2d: dtype i64; allowed are f32 and f64 (user.cpp:7)");
    CHECK(error_of([&] { nn::ConvTranspose2d(1, 3, 3, {.output_padding = 1}, site); }) ==
          "ConvTranspose2d: output_padding (1, 1) with stride (1, 1); it must be smaller than the stride (user.cpp:7)");
    nn::Conv2d conv(3, 8, 3);
    CHECK(error_of([&] {
              conv({ones({2, 4, 5, 5}), site});
          }) == "Conv2d: x (2, 4, 5, 5) for Conv2d(3, 8, kernel_size=3); it must be (N, 3, H, W) (user.cpp:7)");
    CHECK(error_of([&] {
              conv({ones({2, 3, 2, 5}), site});
          }) ==
          "conv2d: kernel (3, 3) with dilation (1, 1) on x (2, 3, 2, 5) with padding (0, 0); it must not be larger "
          "than the "
          "padded x (user.cpp:7)");
    CHECK(error_of([&] {
              nn::Conv1d(3, 8, 3)({ones({2, 3, 5, 5}), site});
          }) == "Conv1d: x (2, 3, 5, 5) for Conv1d(3, 8, kernel_size=3); it must be (N, 3, L) (user.cpp:7)");
    CHECK(
        error_of([&] {
            nn::ConvTranspose2d(3, 8, 3)({ones({3, 5, 5}), site});
        }) ==
        "ConvTranspose2d: x (3, 5, 5) for ConvTranspose2d(3, 8, kernel_size=3); it must be (N, 3, H, W) (user.cpp:7)");
}

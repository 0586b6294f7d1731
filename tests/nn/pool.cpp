// Pooling and upsampling as modules.
#include "vitrine/nn/pool.h"

#include <doctest/doctest.h>

#include "op_case.h"
#include "vitrine/core/ops/creation.h"
#include "vitrine/nn/sequential.h"

using namespace vitrine;
using vitrine::testing::error_of;
using vitrine::testing::values_of;

TEST_CASE("nn/pool: each module is its op, with its options") {
    const Tensor x = arange(0, 25, 1, {.dtype = DType::f64}).reshape({1, 1, 5, 5}), line = x.reshape({1, 1, 25});
    CHECK(values_of(nn::MaxPool2d(2)(x)) == std::vector<double>{6, 8, 16, 18});
    CHECK(nn::MaxPool2d(3, {.stride = 2, .padding = 1})(x).shape() == Shape{1, 1, 3, 3});
    CHECK(values_of(nn::AvgPool2d(5)(x)) == std::vector<double>{12});
    CHECK(values_of(nn::AdaptiveAvgPool2d(1)(x)) == std::vector<double>{12});
    CHECK(values_of(nn::MaxPool1d(5)(line)) == std::vector<double>{4, 9, 14, 19, 24});
    CHECK(values_of(nn::AvgPool1d(5)(line)) == std::vector<double>{2, 7, 12, 17, 22});
    CHECK(values_of(nn::AdaptiveAvgPool1d(1)(line)) == std::vector<double>{12});
    CHECK(nn::Upsample({.size = {7, 8}})(x).shape() == Shape{1, 1, 7, 8});
    CHECK(nn::Upsample({.scale_factor = 2})(x).shape() == Shape{1, 1, 10, 10});
    CHECK(nn::Upsample({.scale_factor = 2})(line).shape() == Shape{1, 1, 50});
}

TEST_CASE("nn/pool: descriptions and clones") {
    CHECK(nn::MaxPool2d(2).describe() == "MaxPool2d(2)");
    CHECK(nn::MaxPool2d({3, 2}, {.stride = {2, 1}, .padding = 1, .dilation = 2, .ceil_mode = true}).describe() ==
          "MaxPool2d((3, 2), stride=(2, 1), padding=1, dilation=2, ceil_mode)");
    CHECK(nn::AvgPool1d(3, {.stride = 1, .count_include_pad = false}).describe() ==
          "AvgPool1d(3, stride=1, padding not counted)");
    CHECK(nn::AdaptiveAvgPool2d({1, 2}).describe() == "AdaptiveAvgPool2d((1, 2))");
    CHECK(nn::Upsample({.scale_factor = 2}).describe() == "Upsample(scale_factor=2)");
    nn::Sequential net(nn::MaxPool2d(3, {.stride = 1}), nn::AvgPool2d(1), nn::AdaptiveAvgPool2d(2),
                       nn::Upsample({.size = 4}));
    nn::Sequential twin = net.clone();
    CHECK(twin[0].describe() == "MaxPool2d(3, stride=1)");
    CHECK(twin(ones({1, 1, 5, 5})).shape() == Shape{1, 1, 4, 4});
}

TEST_CASE("nn/pool: errors name the user's line") {
    CHECK(error_of([] {
              nn::MaxPool2d(6)({zeros({1, 1, 5, 7}), {"user.cpp", 12}});
          }) == "max_pool2d: kernel 6 reaches over 6 along the height, the image with its padding is 5 (user.cpp:12)");
    CHECK(error_of([] {
              nn::Upsample({}, {"user.cpp", 13});
          }) == "Upsample: neither size nor scale factor; give one of them (user.cpp:13)");
    CHECK(error_of([] {
              nn::Upsample({.size = 2, .scale_factor = 2}, {"user.cpp", 13});
          }) == "Upsample: a size and a scale factor; give one of them (user.cpp:13)");
}

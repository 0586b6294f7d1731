// The examples of docs/reference/conv.md.
#include <doctest/doctest.h>

#include "vitrine/core/ops/conv.h"
#include "vitrine/core/ops/creation.h"
#include "vitrine/nn/conv.h"

namespace vt = vitrine;
namespace nn = vitrine::nn;

TEST_CASE("reference/conv: conv2d") {
    vt::Tensor x = vt::arange(0, 16, 1, {.dtype = vt::float32}).reshape({1, 1, 4, 4});
    vt::Tensor edge = vt::tensor({{-1.0, 1.0}}).reshape({1, 1, 1, 2});  // what is right minus what is left
    vt::Tensor y = vt::conv2d(x, edge);                                 // (1, 1, 4, 3)
    vt::Tensor coarse = vt::conv2d(x, vt::ones({1, 1, 2, 2}), vt::tensor({0.5}), {.stride = 2});

    CHECK(y.to_vector<float>() == std::vector<float>(12, 1));
    CHECK(coarse.to_vector<float>() == std::vector<float>{10.5, 18.5, 42.5, 50.5});
}

TEST_CASE("reference/conv: conv2d of groups") {
    vt::Tensor x = vt::ones({1, 4, 5, 5}), w = vt::ones({8, 2, 3, 3});
    vt::Tensor y = vt::conv2d(x, w, {}, {.padding = {1, 0}, .groups = 2});

    CHECK(y.shape() == vt::Shape{1, 8, 5, 3});
    CHECK(y.at<float>({0, 7, 2, 1}) == 18);  // 2 channels of its group, 3 x 3 elements
}

TEST_CASE("reference/conv: conv1d") {
    vt::Tensor x = vt::tensor({1.0, 2.0, 4.0, 8.0}).reshape({1, 1, 4});
    vt::Tensor mean = vt::conv1d(x, vt::full({1, 1, 2}, 0.5), {}, {.padding = 1});

    CHECK(mean.to_vector<float>() == std::vector<float>{0.5, 1.5, 3, 6, 4});
}

TEST_CASE("reference/conv: conv_transpose2d") {
    vt::Tensor x = vt::tensor({{1.0, 2.0}, {3.0, 4.0}}).reshape({1, 1, 2, 2});
    vt::Tensor y = vt::conv_transpose2d(x, vt::ones({1, 1, 2, 2}), {}, {.stride = 2});  // every pixel becomes 2 x 2

    CHECK(y.to_vector<float>() == std::vector<float>{1, 1, 2, 2, 1, 1, 2, 2, 3, 3, 4, 4, 3, 3, 4, 4});
}

TEST_CASE("reference/conv: conv2d_backward_data and conv2d_backward_weight") {
    vt::Tensor x = vt::arange(0, 9, 1, {.dtype = vt::float32}).reshape({1, 1, 3, 3});
    vt::Tensor w = vt::tensor({{1.0, 2.0}, {3.0, 4.0}}).reshape({1, 1, 2, 2});
    vt::Tensor dy = vt::ones({1, 1, 2, 2});
    vt::Tensor dx = vt::conv2d_backward_data(dy, w, x.shape());
    vt::Tensor dw = vt::conv2d_backward_weight(x, dy, w.shape());

    CHECK(dx.to_vector<float>() == std::vector<float>{1, 3, 2, 4, 10, 6, 3, 7, 4});
    CHECK(dw.to_vector<float>() == std::vector<float>{8, 12, 20, 24});
}

TEST_CASE("reference/conv: set_conv_algorithm") {
    vt::Tensor x = vt::ones({2, 3, 8, 8}), w = vt::ones({4, 3, 3, 3});
    vt::set_conv_algorithm(vt::ConvAlgorithm::direct);  // to step through the formula, or to compare
    vt::Tensor by_formula = vt::conv2d(x, w);
    vt::set_conv_algorithm(vt::ConvAlgorithm::automatic);

    CHECK(by_formula.to_vector<float>() == vt::conv2d(x, w).to_vector<float>());  // whole numbers: no rounding
}

TEST_CASE("reference/conv: conv_weight_strides") {
    CHECK(vt::conv_weight_strides({32, 16, 3, 3}) == vt::Strides{1, 32, 3 * 16 * 32, 16 * 32});  // [3][3][16][32]
}

TEST_CASE("reference/conv: modules") {
    nn::Conv2d conv(3, 32, 3, {.padding = 1});
    nn::ConvTranspose2d up(32, 3, 4, {.stride = 2, .padding = 1});
    vt::Tensor y = conv(vt::ones({8, 3, 16, 16}));

    CHECK(y.shape() == vt::Shape{8, 32, 16, 16});
    CHECK(up(y).shape() == vt::Shape{8, 3, 32, 32});
    CHECK(conv.describe() == "Conv2d(3, 32, kernel_size=3, padding=1)");
}

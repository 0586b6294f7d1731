// Layers that take their input size from their first input, and summaries with output shapes.
#include "vitrine/nn/lazy.h"

#include <doctest/doctest.h>

#include "op_case.h"
#include "vitrine/core/ops/creation.h"
#include "vitrine/core/ops/random.h"
#include "vitrine/core/ops/reduce.h"
#include "vitrine/core/ops/view.h"
#include "vitrine/nn/activation.h"
#include "vitrine/nn/basic.h"
#include "vitrine/nn/recurrent.h"
#include "vitrine/nn/sequential.h"
#include "vitrine/optim/sgd.h"

using namespace vitrine;
using vitrine::testing::error_of;
using vitrine::testing::values_of;

namespace {

struct Reader : nn::Module<Reader> {
    nn::LSTM lstm{3, 5};
    nn::Linear unused{2, 2};
    nn::LazyLinear out{2};
    Tensor forward(const Tensor& x) { return out(lstm(x).output.select(0, -1)); }
    void members(nn::Members& m) override { m("lstm", lstm), m("unused", unused), m("out", out); }
};

nn::Sequential small_net() { return nn::Sequential(nn::LazyConv2d(4, 3, {.padding = 1}), nn::Flatten(), nn::LazyLinear(2)); }

}  // namespace

TEST_CASE("nn/lazy: the first input decides the size, dtype and device; values are those of the layer") {
    for (Device device : available_devices()) {
        manual_seed(1);
        nn::LazyLinear lazy(3);
        CHECK(lazy.describe() == "LazyLinear(3)");
        const Tensor x = ones({2, 7}, {.dtype = DType::f64, .device = device});
        const Tensor y = lazy(x);
        manual_seed(1);
        const nn::Linear plain(7, 3, {.dtype = DType::f64, .device = device});
        CHECK(values_of(y) == values_of(plain(x)));
        CHECK(lazy.describe() == "Linear(7, 3)");
        CHECK(lazy.layer().weight.device() == device);
        CHECK(lazy.named_parameters()[0].first == "weight");
        CHECK(lazy.count_parameters().trainable == 24);
        CHECK(lazy(x).shape() == Shape{2, 3});
    }
}

TEST_CASE("nn/lazy: who asks for parameters before the first forward is told what to do") {
    nn::Sequential net = small_net();
    const std::string rest = ": 0.weight is not there yet; a lazy layer takes its input size from its first input: call "
                             "the module once";
    CHECK(error_of([&] { optim::SGD sgd(net.parameters()); }) == "parameters" + rest);
    CHECK(error_of([&] { net.named_parameters(); }) == "named_parameters" + rest);
    CHECK(error_of([&] { net.state_dict(); }) == "state_dict" + rest);
    CHECK(error_of([&] { net.load_state_dict({}); }) == "load_state_dict" + rest);
    CHECK(error_of([&] { net.at<nn::LazyConv2d>(0).layer(); }) ==
          "LazyConv2d(4, kernel_size=3): it has no layer yet; call it once");
    net.eval();
    nn::Sequential unbuilt = net.clone();
    CHECK_FALSE(unbuilt[0].is_training());
    CHECK(net(ones({1, 2, 5, 6})).shape() == Shape{1, 2});
    CHECK(net.parameters().size() == 4);
    CHECK(net.at<nn::LazyLinear>(2).layer().in_features() == 4 * 5 * 6);
    nn::Sequential built = net.clone();
    CHECK(values_of(built(ones({1, 2, 5, 6}))) == values_of(net(ones({1, 2, 5, 6}))));
    CHECK(built.parameters()[0].impl() != net.parameters()[0].impl());
    CHECK(unbuilt(ones({1, 3, 2, 2})).shape() == Shape{1, 2});
    sum(net(ones({1, 2, 5, 6}))).backward();
    CHECK(net.parameters()[0].grad().defined());
}

TEST_CASE("nn/lazy: an input that does not fit leaves the layer unbuilt") {
    nn::LazyConv2d conv(4, 3);
    std::string text;
    text = error_of([&] { conv(ones({2, 7})); });
    CHECK(text == join("LazyConv2d: x (2, 7); allowed is (N, in_channels, H, W) (lazy.cpp:", __LINE__ - 1, ")"));
    CHECK(error_of([&] { conv(ones({1, 1, 2, 2})); }) != "");
    CHECK_FALSE(conv.is_built());
    conv(ones({1, 2, 3, 3}));
    CHECK(conv.layer().in_channels() == 2);
    nn::LazyLinear fc(3);
    text = error_of([&] { fc(scalar(1)); });
    CHECK(text == join("LazyLinear: x () has no last size to take for in_features (lazy.cpp:", __LINE__ - 1, ")"));
    text = error_of([&] { nn::LazyLinear(-1); });
    CHECK(text == join("LazyLinear: out_features -1; allowed is 0 or more (lazy.cpp:", __LINE__ - 1, ")"));
    text = error_of([&] { nn::LazyConv2d(4, 0); });
    CHECK(text == join("Conv2d: kernel_size (0, 0); allowed is 1 or more (lazy.cpp:", __LINE__ - 1, ")"));
}

TEST_CASE("nn/summary: with output shapes; modes, hooks and random numbers stay as they were") {
    manual_seed(2);
    nn::Sequential net(nn::LazyLinear(4), nn::Dropout(0.5), nn::Sequential(nn::ReLU(), nn::Linear(4, 2)));
    net[1].eval();
    CHECK(net.summary().find("LazyLinear(4)") != std::string::npos);
    CHECK(net.summary(Shape{8, 3}) ==
          "layer  module        output  shape          parameters\n"
          "------------------------------------------------------\n"
          ".      Sequential    (8, 2)\n"
          "0      Linear(3, 4)  (8, 4)  weight (4, 3)          12\n"
          "                             bias (4,)               4\n"
          "1      Dropout(0.5)  (8, 4)\n"
          "2      Sequential    (8, 2)\n"
          "2.0    ReLU          (8, 4)\n"
          "2.1    Linear(4, 2)  (8, 2)  weight (2, 4)           8\n"
          "                             bias (2,)               2\n"
          "26 parameters\n");
    CHECK(net.is_training());
    CHECK_FALSE(net[1].is_training());
    net[2].freeze();
    CHECK(net.summary(ones({1, 3})).ends_with("26 parameters, 16 of them trained\n"));

    Reader reader;
    const std::string text = reader.summary(Shape{6, 1, 3});
    CHECK(text.find("(6, 1, 5)") != std::string::npos);
    CHECK(text.find("Linear(2, 2)  -") != std::string::npos);
    CHECK(text.find("Linear(5, 2)  (1, 2)") != std::string::npos);
    std::string error;
    error = error_of([&] { net.summary(Shape{8, 5}); });
    const int line = __LINE__ - 1;
    CHECK(error == join("Linear: x (8, 5) for Linear(3, 4); its last size must be in_features 3 (lazy.cpp:", line, ")"));
    CHECK(net.is_training());
}

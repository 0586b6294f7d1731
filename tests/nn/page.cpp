// The examples of docs/modules.md.
#include <doctest/doctest.h>

#include <cmath>

#include "op_case.h"
#include "vitrine/core/anomaly.h"
#include "vitrine/core/ops/binary.h"
#include "vitrine/core/ops/creation.h"
#include "vitrine/core/ops/random.h"
#include "vitrine/core/ops/reduce.h"
#include "vitrine/core/ops/unary.h"
#include "vitrine/nn/activation.h"
#include "vitrine/nn/basic.h"
#include "vitrine/nn/containers.h"
#include "vitrine/nn/lazy.h"
#include "vitrine/nn/linear.h"
#include "vitrine/nn/sequential.h"

using namespace vitrine;
using vitrine::testing::error_of;

namespace {

struct Classifier : nn::Module<Classifier> {
    nn::ModuleList layers{nn::Linear(8, 8), nn::Linear(8, 8)};
    nn::ModuleDict heads;

    Classifier() { heads.insert("digit", nn::Linear(8, 10)).insert("parity", nn::Linear(8, 2)); }

    Tensor forward(const Tensor& x, const std::string& head) {
        Tensor h = x;
        for (std::size_t i = 0; i < layers.size(); ++i) h = relu(layers[i](h));
        return heads[head](h);
    }
    void members(nn::Members& m) override { m("layers", layers), m("heads", heads); }
};

}  // namespace

TEST_CASE("docs/modules: lists and dictionaries") {
    Classifier net;

    CHECK(net(ones({4, 8}), "parity").shape() == Shape{4, 2});
    CHECK(net.named_parameters()[4].first == "heads.digit.weight");
    CHECK(net.heads.at<nn::Linear>("digit").out_features() == 10);
}

TEST_CASE("docs/modules: hooks") {
    nn::Sequential net(nn::Linear(3, 4), nn::ReLU(), nn::Linear(4, 2));
    double largest = 0;
    nn::HookHandle handle = net[1].register_forward_hook([&](const nn::AnyModule&, const Tensor&, const Tensor& y) {
        largest = max(y).item<float>();
        return Tensor();  // nothing: y stays
    });
    net[2].register_backward_hook([](const Tensor& dx, const Tensor& dy) {
        CHECK(dx.shape() == Shape{5, 4});
        CHECK(dy.shape() == Shape{5, 2});
        return dx * 0.5;  // what goes on to the layers before
    });
    sum(net(rand({5, 3}))).backward();
    handle.remove();

    CHECK(largest >= 0);
}

TEST_CASE("docs/modules: freezing and counting") {
    nn::Sequential net(nn::Linear(3, 4), nn::Linear(4, 2));
    net[0].freeze();

    CHECK(net.count_parameters().total == 26);
    CHECK(net.count_parameters().trainable == 10);
    net.apply([](nn::AnyModule& module) { module.unfreeze(); });
    CHECK(net.count_parameters().trainable == 26);
}

TEST_CASE("docs/modules: lazy layers") {
    nn::Sequential net(nn::LazyConv2d(4, 3, {.padding = 1}), nn::ReLU(), nn::Flatten(), nn::LazyLinear(10));
    const std::string table = net.summary(Shape{1, 1, 6, 6});

    CHECK(table == "layer  module                                  output        shape                parameters\n"
          "--------------------------------------------------------------------------------------------\n"
          ".      Sequential                              (1, 10)\n"
          "0      Conv2d(1, 4, kernel_size=3, padding=1)  (1, 4, 6, 6)  weight (4, 1, 3, 3)          36\n"
          "                                                             bias (4,)                     4\n"
          "1      ReLU                                    (1, 4, 6, 6)\n"
          "2      Flatten(1, -1)                          (1, 144)\n"
          "3      Linear(144, 10)                         (1, 10)       weight (10, 144)           1440\n"
          "                                                             bias (10,)                   10\n"
          "1490 parameters\n");
}

TEST_CASE("docs/modules: anomaly mode") {
    Tensor x = tensor({1.0, -1.0}, {.requires_grad = true});
    const DetectAnomaly detect;
    const std::string text = error_of([&] { exp(log(x)); });

    CHECK(text.starts_with("log: made nan in its result (2,) at element 1 (page.cpp:"));
}

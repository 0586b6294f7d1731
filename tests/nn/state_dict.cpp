// Saving and loading a module's state, and the table of its parts.
#include <doctest/doctest.h>

#include "op_case.h"
#include "vitrine/core/ops/creation.h"
#include "vitrine/core/ops/random.h"
#include "vitrine/nn/activation.h"
#include "vitrine/nn/linear.h"
#include "vitrine/nn/sequential.h"

using namespace vitrine;
using vitrine::testing::error_of;

namespace {

struct Tied : nn::Module<Tied> {
    nn::Linear in{3, 3}, out{3, 3};
    std::vector<Tensor> scales{ones({3}, {.requires_grad = true})};
    Tensor mean = zeros({3});
    Tied() { out.weight = in.weight; }
    Tensor forward(const Tensor& x) { return out(in(x)); }
    void members(nn::Members& m) override {
        m("in", in), m("out", out), m("scales", scales);
        m.buffer("mean", mean);
    }
};

nn::Sequential two_layers() { return nn::Sequential(nn::Linear(4, 3), nn::ReLU(), nn::Linear(3, 2)); }

}  // namespace

TEST_CASE("nn/state_dict: what one module gives another takes, from any dtype, layout and device") {
    manual_seed(9);
    for (Device device : available_devices()) {
        nn::Sequential from = two_layers(), to = two_layers();
        to.to(device);
        const Tensor held = to.parameters()[0];
        nn::StateDict dict = from.state_dict();
        CHECK(dict.size() == 4);
        CHECK(!dict.at("0.weight").requires_grad());
        dict["0.weight"] = dict["0.weight"].to(DType::f64).contiguous();
        const nn::LoadReport report = to.load_state_dict(dict);
        CHECK((report.missing.empty() && report.unexpected.empty()));
        CHECK(held.to_vector<float>() == from.parameters()[0].to_vector<float>());
        CHECK(held.dtype() == DType::f32);
        CHECK(held.requires_grad());
        CHECK(to[2].state_dict().at("bias").to_vector<float>() == from[2].state_dict().at("bias").to_vector<float>());
    }
}

TEST_CASE("nn/state_dict: what does not fit is all named in one error, and nothing is changed") {
    nn::Sequential net = two_layers();
    const auto before = net.state_dict().at("0.weight").to_vector<float>();
    nn::StateDict dict;
    for (const auto& [name, tensor] : two_layers().state_dict()) dict[name] = zeros_like(tensor);
    dict["2.weight"] = zeros({2, 5});
    dict["0.bias"] = Tensor();
    dict.erase("2.bias");
    dict["3.weight"] = zeros({1});
    CHECK(error_of([&] {
              net.load_state_dict(dict, true, {"user.cpp", 8});
          }) ==
          "load_state_dict: 0.bias is undefined; 2.weight is (2, 5), the module's (2, 3); missing 2.bias; unexpected "
          "3.weight (user.cpp:8)");
    CHECK(error_of([&] {
              net.load_state_dict(dict, false, {"user.cpp", 9});
          }) == "load_state_dict: 0.bias is undefined; 2.weight is (2, 5), the module's (2, 3) (user.cpp:9)");
    CHECK(net.state_dict().at("0.weight").to_vector<float>() == before);

    CHECK(error_of([&] {
              nn::Sequential().load_state_dict(nn::Sequential(two_layers(), two_layers(), two_layers()).state_dict(),
                                               true, {"u.cpp", 1});
          }) ==
          "load_state_dict: unexpected 0.0.bias, 0.0.weight, 0.2.bias, 0.2.weight, 1.0.bias, 1.0.weight, 1.2.bias, "
          "1.2.weight and 4 more (u.cpp:1)");
}

TEST_CASE("nn/state_dict: without strict the rest is loaded and the difference reported") {
    nn::Sequential net = two_layers();
    nn::StateDict dict{{"0.bias", ones({3})}, {"head.bias", ones({3})}};
    const nn::LoadReport report = net.load_state_dict(dict, false);
    CHECK(report.missing == std::vector<std::string>{"0.weight", "2.weight", "2.bias"});
    CHECK(report.unexpected == std::vector<std::string>{"head.bias"});
    CHECK(net.state_dict().at("0.bias").to_vector<float>() == std::vector<float>{1, 1, 1});
}

TEST_CASE("nn/summary: the table") {
    Tied net;
    net.in.bias.requires_grad_(false);
    CHECK(net.summary() ==
          "layer  module        shape            parameters\n"
          "------------------------------------------------\n"
          ".      Tied          scales.0 (3,)             3\n"
          "                     mean (3,)            buffer\n"
          "in     Linear(3, 3)  weight (3, 3)             9\n"
          "                     bias (3,)                 3\n"
          "out    Linear(3, 3)  weight (3, 3)  is in.weight\n"
          "                     bias (3,)                 3\n"
          "18 parameters, 15 of them trained\n");
    CHECK(nn::Sequential(nn::Linear(2, 1), nn::ReLU()).summary() ==
          "layer  module        shape          parameters\n"
          "----------------------------------------------\n"
          ".      Sequential\n"
          "0      Linear(2, 1)  weight (1, 2)           2\n"
          "                     bias (1,)               1\n"
          "1      ReLU\n"
          "3 parameters\n");
}

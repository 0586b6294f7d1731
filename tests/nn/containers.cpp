// ModuleList and ModuleDict.
#include "vitrine/nn/containers.h"

#include <doctest/doctest.h>

#include "op_case.h"
#include "vitrine/core/ops/binary.h"
#include "vitrine/core/ops/creation.h"
#include "vitrine/core/ops/random.h"
#include "vitrine/nn/activation.h"
#include "vitrine/nn/linear.h"

using namespace vitrine;
using vitrine::testing::error_of;
using vitrine::testing::values_of;

namespace {

struct Net : nn::Module<Net> {
    nn::ModuleList layers{nn::Linear(3, 3), nn::ReLU()};
    nn::ModuleDict heads;

    Net() {
        layers.push_back(nn::Linear(3, 4));
        heads.insert("digit", nn::Linear(4, 10)).insert("sign", nn::Linear(4, 2));
    }
    Tensor forward(const Tensor& x, const std::string& head) {
        Tensor h = x;
        for (std::size_t i = 0; i < layers.size(); ++i) h = layers[i](h);
        return heads[head](h);
    }
    void members(nn::Members& m) override { m("layers", layers), m("heads", heads); }
};

struct NeedsSize : nn::Module<NeedsSize> {
    explicit NeedsSize(int) {}
};

}  // namespace

TEST_CASE("nn/containers: members of lists and dictionaries have PyTorch's names and are cloned") {
    manual_seed(1);
    Net net;
    std::vector<std::string> names;
    for (const auto& [name, w] : net.named_parameters()) names.push_back(name);
    CHECK(names == std::vector<std::string>{"layers.0.weight", "layers.0.bias", "layers.2.weight", "layers.2.bias",
                                            "heads.digit.weight", "heads.digit.bias", "heads.sign.weight",
                                            "heads.sign.bias"});
    CHECK(net.heads.names() == std::vector<std::string>{"digit", "sign"});
    CHECK(net.heads.contains("sign"));
    CHECK_FALSE(net.heads.contains("layers"));
    CHECK(net.heads.at<nn::Linear>("digit").out_features() == 10);
    CHECK(net.layers.at<nn::Linear>(2).out_features() == 4);
    const Tensor x = randn({2, 3});
    CHECK(net(x, "digit").shape() == Shape{2, 10});
    Net copy = net.clone();
    CHECK(values_of(copy(x, "sign")) == values_of(net(x, "sign")));
    CHECK(copy.layers.at<nn::Linear>(0).weight.impl() != net.layers.at<nn::Linear>(0).weight.impl());
    nn::ModuleDict dict = net.heads.clone();
    nn::ModuleList list = net.layers.clone();
    CHECK(dict.size() == 2);
    CHECK(list.size() == 3);
    CHECK(values_of(dict.at<nn::Linear>("digit").weight) == values_of(net.heads.at<nn::Linear>("digit").weight));
    nn::ModuleList nested(std::move(list), nn::ModuleList());
    CHECK(nested.named_parameters()[0].first == "0.0.weight");
}

TEST_CASE("nn/containers: an error in a module of a list names the line of the call") {
    nn::ModuleList layers(nn::Linear(3, 4));
    std::string text;
    text = error_of([&] { layers[0](ones({2, 5})); });
    const int line = __LINE__ - 1;
    CHECK(text == join("Linear: x (2, 5) for Linear(3, 4); its last size must be in_features 3 (containers.cpp:", line, ")"));
    text = error_of([&] { layers[0](2.0); });
    CHECK(text == join("Linear(3, 4): x is a number; allowed is a tensor (containers.cpp:", __LINE__ - 1, ")"));
}

TEST_CASE("nn/containers: wrong numbers, names and types are refused") {
    nn::ModuleList list(nn::ReLU{});
    CHECK(error_of([&] { list[1]; }) == "ModuleList: module 1 of 1");
    CHECK(error_of([&] { list.at<nn::Linear>(0); }) == "ModuleList: module 0 is ReLU, not of the type asked for");
    nn::ModuleDict dict;
    CHECK(error_of([&] { dict["a"]; }) == "ModuleDict: no module \"a\"; there are none");
    dict.insert("a", nn::ReLU()).insert("b", nn::ReLU());
    CHECK(error_of([&] { dict["c"]; }) == "ModuleDict: no module \"c\"; there are a, b");
    CHECK(error_of([&] { dict.insert("a", nn::ReLU()); }) == "ModuleDict: there is a module \"a\" already");
    CHECK(error_of([&] { dict.insert("a.b", nn::ReLU()); }) ==
          "ModuleDict: the name \"a.b\"; a name is not empty and has no dot");
    CHECK(error_of([&] { dict.at<nn::Linear>("b"); }) == "ModuleDict: module b is ReLU, not of the type asked for");
    CHECK(error_of([&] { dict["a"].forward_tensor(Tensor()); }) != "");
    CHECK(error_of([&] { dict.forward_tensor(Tensor()); }) ==
          "ModuleDict: its forward does not make one tensor of one tensor");
    dict.insert("size", NeedsSize(3));
    CHECK(error_of([&] { dict.clone(); }) ==
          "clone: module size of a ModuleDict, NeedsSize, needs arguments to be built; give it a member `NeedsSize "
          "clone() const { return Module::clone(arguments); }`");
}

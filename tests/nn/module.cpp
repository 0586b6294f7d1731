// Modules of a user's own: names, ties, copies, modes, moves, and the errors that they give.
#include <doctest/doctest.h>

#include <array>
#include <memory>
#include <type_traits>
#include <vector>

#include "op_case.h"
#include "vitrine/core/backward.h"
#include "vitrine/core/ops/binary.h"
#include "vitrine/core/ops/creation.h"
#include "vitrine/core/ops/random.h"
#include "vitrine/core/ops/reduce.h"
#include "vitrine/core/ops/unary.h"
#include "vitrine/nn/activation.h"
#include "vitrine/nn/basic.h"
#include "vitrine/nn/linear.h"
#include "vitrine/nn/sequential.h"

using namespace vitrine;
using vitrine::testing::error_of;

namespace {

// A branch, two inputs, a vector of modules, a tied weight, a list of parameters, a buffer, a setting, a module on the
// heap.
struct Everything : nn::Module<Everything> {
    nn::Linear in{4, 4}, out{4, 4};
    std::vector<nn::Linear> layers;
    std::array<Tensor, 2> scales{ones({4}, {.requires_grad = true}), ones({4}, {.requires_grad = true})};
    Tensor mean = zeros({4});
    double factor = 1;
    std::unique_ptr<nn::Linear> extra;

    explicit Everything(int depth = 2) {
        for (int i = 0; i < depth; ++i) layers.emplace_back(4, 4);
        out.weight = in.weight;
    }
    Tensor forward(const Tensor& x, const Tensor& z, bool deep) {
        Tensor h = in(x - mean) * scales[0] + z * scales[1] * factor;
        if (deep)
            for (auto& layer : layers) h = relu(layer(h));
        return extra ? (*extra)(out(h)) : out(h);
    }
    void members(nn::Members& m) override {
        m("in", in), m("out", out), m("layers", layers), m("scales", scales);
        m.buffer("mean", mean);
        m("factor", factor);
        m("extra", extra);
    }
};

constexpr int forgetful_line = __LINE__ + 4;  // of the mul
struct Forgetful : nn::Module<Forgetful> {
    nn::Linear fc{3, 3};
    Tensor scale = ones({3}, {.requires_grad = true});
    Tensor forward(const Tensor& x) { return fc(x) * scale; }
    void members(nn::Members& m) override { m("fc", fc); }
};

struct Clash : nn::Module<Clash> {
    Tensor a = ones({1}), b = ones({1});
    const char* second = "w";
    Tensor forward(const Tensor& x) { return x; }
    void members(nn::Members& m) override { m("w", a), m(second, b); }
};

struct Counter : nn::Module<Counter> {  // the first input is no tensor
    std::int64_t forward(std::vector<std::int64_t> sizes, std::int64_t more) {
        return static_cast<std::int64_t>(sizes.size()) + more;
    }
};

std::vector<std::string> names(const std::vector<std::pair<std::string, Tensor>>& tensors) {
    std::vector<std::string> found;
    for (const auto& [name, tensor] : tensors) found.push_back(name);
    return found;
}

using Names = std::vector<std::string>;

}  // namespace

static_assert(!std::is_copy_constructible_v<nn::Linear> && !std::is_copy_assignable_v<nn::Linear>);
static_assert(!std::is_copy_constructible_v<nn::Sequential> && !std::is_copy_constructible_v<Everything>);
static_assert(std::is_nothrow_move_constructible_v<nn::Linear> && std::is_nothrow_move_assignable_v<nn::Sequential>);
static_assert(std::is_move_constructible_v<Everything>);

TEST_CASE("nn/module: names of parameters, buffers and modules; a tied weight is one parameter") {
    Everything net;
    CHECK(names(net.named_parameters()) == Names{"in.weight", "in.bias", "out.bias", "layers.0.weight", "layers.0.bias",
                                                 "layers.1.weight", "layers.1.bias", "scales.0", "scales.1"});
    CHECK(net.parameters().size() == 9);
    CHECK(names(net.named_buffers()) == Names{"mean"});
    CHECK(net.state_dict().size() == 11);
    CHECK(net.state_dict().contains("out.weight"));
    Names modules;
    for (const auto& [name, module] : net.named_modules()) modules.push_back(name + ":" + module->describe());
    CHECK(modules == Names{":Everything", "in:Linear(4, 4)", "out:Linear(4, 4)", "layers.0:Linear(4, 4)",
                           "layers.1:Linear(4, 4)"});

    net.extra = std::make_unique<nn::Linear>(4, 2);
    CHECK(net.named_parameters().back().first == "extra.bias");
}

TEST_CASE("nn/module: two inputs and a branch; every parameter gets its gradient, the tied one both") {
    manual_seed(1);
    Everything net;
    const Tensor x = randn({3, 4}), z = randn({3, 4});
    sum(net(x, z, true)).backward();
    for (const auto& parameter : net.named_parameters()) {
        INFO(parameter.first);
        CHECK(parameter.second.grad().defined());
    }
    CHECK(net.in.weight.grad().impl() == net.out.weight.grad().impl());
    net.zero_grad();
    for (const Tensor& w : net.parameters()) CHECK(!w.grad().defined());
    sum(net(x, z, false)).backward();
    CHECK(!net.layers[0].weight.grad().defined());
    CHECK(net.in.weight.grad().defined());
}

TEST_CASE("nn/module: a forward without tensors is called too") {
    Counter counter;
    CHECK(counter(std::vector<std::int64_t>{1, 2, 3}, 4) == 7);
}

TEST_CASE("nn/module: clone copies deeply, keeps ties, modes and settings, and draws no random numbers") {
    manual_seed(2);
    Everything net(3);
    net.factor = 0.5;
    net.layers[1].eval();
    net.in.bias.requires_grad_(false);
    const auto state = default_generator().get_state();
    Everything twin = net.clone(3);
    CHECK(default_generator().get_state() == state);

    const Tensor x = randn({2, 4}), z = randn({2, 4});
    CHECK(twin(x, z, true).to_vector<float>() == net(x, z, true).to_vector<float>());
    CHECK(twin.in.weight.impl() == twin.out.weight.impl());
    CHECK(twin.in.weight.impl() != net.in.weight.impl());
    CHECK(twin.in.weight.strides() == net.in.weight.strides());
    CHECK(twin.factor == 0.5);
    CHECK(!twin.layers[1].is_training());
    CHECK(twin.layers[0].is_training());
    CHECK(!twin.in.bias.requires_grad());
    CHECK(twin.out.bias.requires_grad());

    const auto before = net.in.weight.to_vector<float>();
    {
        const NoGrad no_grad;
        twin.in.weight.fill_(7);
    }
    CHECK(net.in.weight.to_vector<float>() == before);

    CHECK(error_of([&] { net.clone(1); }) ==
          "clone: a fresh Everything has not the members of the one to copy: nothing where that has layers.1; "
          "give clone the arguments that it was built with");
}

TEST_CASE("nn/module: a moved module keeps its tensors and reports them from where it is now") {
    Everything net;
    const TensorImpl* weight = net.in.weight.impl();
    std::vector<Everything> nets;
    nets.push_back(std::move(net));
    for (int i = 0; i < 5; ++i) nets.emplace_back();
    const nn::Members members(nets[0]);
    CHECK(members.tensors()[0].tensor == &nets[0].in.weight);
    CHECK(nets[0].in.weight.impl() == weight);
}

TEST_CASE("nn/module: train and eval reach every module inside") {
    nn::Sequential net(nn::Dropout(0.5), nn::Sequential(nn::Dropout(0.9)));
    const Tensor x = ones({1000});
    CHECK(net.is_training());
    net.eval();
    CHECK(!net.at<nn::Sequential>(1)[0].is_training());
    CHECK(net(x).to_vector<float>() == x.to_vector<float>());
    net.train();
    manual_seed(3);
    CHECK(net(x).to_vector<float>() != x.to_vector<float>());
}

TEST_CASE("nn/module: apply goes innermost first") {
    nn::Sequential net(nn::ReLU(), nn::Sequential(nn::Linear(2, 3)));
    std::string order;
    net.apply([&](nn::AnyModule& module) { order += module.describe() + " "; });
    CHECK(order == "Linear(2, 3) Sequential ReLU Sequential ");
}

TEST_CASE("nn/module: to(device) and to(dtype) write into the handles that optimizers hold") {
    manual_seed(4);
    for (Device device : available_devices()) {
        INFO(name(device));
        Everything net;
        const auto held = net.parameters();
        const auto values = held[0].to_vector<float>();
        const Tensor x = randn({3, 4}), z = randn({3, 4});
        const Tensor y = net(x, z, true);
        sum(y).backward();
        const auto gradient = held[0].grad().to_vector<float>();
        net.to(device);
        for (std::size_t i = 0; i < held.size(); ++i) {
            CHECK(held[i].device() == device);
            CHECK(held[i].impl() == net.parameters()[i].impl());
            CHECK(held[i].is_leaf());
        }
        CHECK(net.mean.device() == device);
        CHECK(net.in.weight.impl() == net.out.weight.impl());
        CHECK(held[0].strides() == Strides{1, 4});
        CHECK(held[0].to_vector<float>() == values);
        CHECK(held[0].grad().device() == device);
        CHECK(held[0].grad().to_vector<float>() == gradient);
        const auto there = net(x.to(device), z.to(device), true).to_vector<float>(), here = y.to_vector<float>();
        for (std::size_t i = 0; i < here.size(); ++i) CHECK(there[i] == doctest::Approx(here[i]).epsilon(1e-5));

        net.to(DType::f64);
        CHECK(held[0].dtype() == DType::f64);
        CHECK(held[0].grad().dtype() == DType::f64);
        CHECK(net(x.to(DType::f64).to(device), z.to(DType::f64).to(device), true).dtype() == DType::f64);
    }
}

TEST_CASE("nn/module: a module moved to where it is, or wrongly, is not changed") {
    nn::Linear fc(2, 3);
    const auto version = fc.weight.version();
    fc.to(Device::cpu);
    fc.to(DType::f32);
    CHECK(fc.weight.version() == version);
    CHECK(error_of([&] {
              fc.to(DType::i64, {"user.cpp", 3});
          }) == "to: i64 for a module; allowed are f32 and f64 (user.cpp:3)");
    if (!is_available(Device::cuda))
        CHECK(error_of([&] {
                  fc.to(Device::cuda, {"user.cpp", 4});
              }) == "to: device cuda is not available here (user.cpp:4)");
    CHECK(fc.weight.device() == Device::cpu);
}

TEST_CASE("nn/module: a graph recorded before to() is not walked with the moved weight") {
    nn::Linear fc(3, 3);
    const Tensor y = sum(fc(ones({2, 3}, {.requires_grad = true})));
    fc.to(DType::f64);
    CHECK(error_of([&] { y.backward(); }).find("was changed in place afterwards") != std::string::npos);
}

TEST_CASE("nn/module: a parameter that members does not report is found out") {
    Forgetful net;
    const Tensor x = ones({2, 3}, {.requires_grad = true});
    const std::string expected = join("Forgetful: forward used a parameter (3,) in mul (module.cpp:", forgetful_line,
                                      ") that members() does not report; add m(\"its name\", it) to members(), or "
                                      "detach() it (user.cpp:1)");
    CHECK(error_of([&] { net.check_members({x, {"user.cpp", 1}}); }) == expected);
    const bool before = nn::check_members_by_default();
    nn::set_check_members(true);
    CHECK(error_of([&] { net({x, {"user.cpp", 1}}); }) == expected);
    nn::set_check_members(false);
    CHECK_NOTHROW(net(x));
    nn::set_check_members(before);

    Everything whole;
    CHECK_NOTHROW(whole.check_members(randn({2, 4}), randn({2, 4}, {.requires_grad = true}), true));
    const Tensor made_outside =
        ones({4}, {.requires_grad = true}) * 2;  // computed before the call: not the module's business
    whole.mean = made_outside;
    CHECK_NOTHROW(whole.check_members(randn({2, 4}), randn({2, 4}), true));
}

TEST_CASE("nn/module: names of members are checked") {
    Clash clash;
    CHECK(error_of([&] { clash.parameters(); }) == "members: the name w stands twice");
    clash.second = "a.b";
    CHECK(error_of([&] { clash.parameters(); }) == "members: the name \"a.b\"; a name is not empty and has no dot");
}

TEST_CASE("nn/module: a call without a tensor") {
    nn::Linear fc(2, 3);
    CHECK(error_of([&] {
              fc({Tensor(), {"user.cpp", 9}});
          }) == "Linear(2, 3): x is undefined; allowed is a tensor (user.cpp:9)");
    CHECK(error_of([&] {
              fc({1.5, {"user.cpp", 9}});
          }) == "Linear(2, 3): x is a number; allowed is a tensor (user.cpp:9)");
}

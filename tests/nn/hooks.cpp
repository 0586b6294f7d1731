// Hooks around a module's forward and backward; freezing and counting.
#include <doctest/doctest.h>

#include <utility>

#include "op_case.h"
#include "vitrine/core/ops/binary.h"
#include "vitrine/core/ops/creation.h"
#include "vitrine/core/ops/random.h"
#include "vitrine/core/ops/reduce.h"
#include "vitrine/core/ops/unary.h"
#include "vitrine/nn/activation.h"
#include "vitrine/nn/linear.h"
#include "vitrine/nn/sequential.h"
#include "vitrine/optim/sgd.h"

using namespace vitrine;
using vitrine::testing::error_of;
using vitrine::testing::values_of;

namespace {

struct Twice : nn::Module<Twice> {
    Tensor forward(const Tensor& x) const { return x * 2; }
};

struct Both : nn::Module<Both> {
    std::pair<Tensor, Tensor> forward(const Tensor& x, double factor) { return {x, x * factor}; }
};

}  // namespace

TEST_CASE("nn/hooks: forward hooks see input and result, in order, until they are removed") {
    Twice twice;
    std::vector<double> seen;
    const auto see = [&](double add) {
        return [&seen, add](const nn::AnyModule& module, const Tensor& x, const Tensor& y) {
            CHECK(module.describe() == "Twice");
            seen.push_back(add + 10 * x.item<float>() + y.item<float>());
            return Tensor();
        };
    };
    auto first = twice.register_forward_hook(see(100));
    auto second = twice.register_forward_hook(see(200));
    CHECK(twice(scalar(3)).item<float>() == 6);
    CHECK(std::as_const(twice)(scalar(1)).item<float>() == 2);
    CHECK(seen == std::vector<double>{136, 236, 112, 212});
    first.remove();
    first.remove();
    twice(scalar(1));
    CHECK(seen.size() == 5);
    CHECK(seen.back() == 212);
    Twice moved = std::move(twice);
    moved(scalar(1));
    CHECK(seen.size() == 6);
    second.remove();
    moved(scalar(1));
    CHECK(seen.size() == 6);
    nn::HookHandle late;
    {
        Twice gone;
        late = gone.register_forward_hook(see(0));
    }
    late.remove();
}

TEST_CASE("nn/hooks: hooks replace inputs and results, inside a Sequential too, and are not cloned") {
    nn::Sequential net(Twice{}, Twice{});
    const auto before = net[0].register_forward_pre_hook([](const nn::AnyModule&, const Tensor& x) { return x + 1; });
    net[1].register_forward_hook([](const nn::AnyModule&, const Tensor&, const Tensor& y) { return -y; });
    CHECK(net(scalar(3)).item<float>() == -16);
    CHECK(net.clone()(scalar(3)).item<float>() == 12);
    CHECK(net[0](scalar(3)).item<float>() == 8);
    int calls = 0;
    net.register_forward_hook([&](const nn::AnyModule&, const Tensor&, const Tensor&) { return ++calls, Tensor(); });
    net(scalar(3));
    CHECK(calls == 1);
}

TEST_CASE("nn/hooks: a hook may remove itself; a result that is no tensor is shown as none") {
    Both both;
    nn::HookHandle once;
    int calls = 0;
    once = both.register_forward_hook([&](const nn::AnyModule&, const Tensor& x, const Tensor& y) {
        CHECK(x.defined());
        CHECK(!y.defined());
        ++calls, once.remove();
        return Tensor();
    });
    CHECK(both(scalar(2), 3.0).second.item<float>() == 6);
    both(scalar(2), 3.0);
    CHECK(calls == 1);
    both.register_backward_hook([](const Tensor&, const Tensor&) { return Tensor(); });
    CHECK(error_of([&] { both(scalar(2), 3.0); }) ==
          "Both: it has a backward hook, and its forward does not make one tensor");
}

TEST_CASE("nn/hooks: backward hooks see both gradients and replace the input's") {
    manual_seed(3);
    nn::Sequential net(nn::Linear(3, 4), nn::Tanh(), nn::Linear(4, 2));
    const Tensor x = randn({5, 3}).requires_grad_();
    sum(net(x)).backward();
    const auto dx_before = values_of(x.grad()), dw_before = values_of(net.at<nn::Linear>(0).weight.grad());
    net.zero_grad(), x.set_grad(Tensor());

    std::vector<Shape> shapes;
    auto handle = net[1].register_backward_hook([&](const Tensor& dx, const Tensor& dy) {
        shapes.push_back(dx.shape()), shapes.push_back(dy.shape());
        CHECK(values_of(dy) != values_of(dx));
        return Tensor();
    });
    sum(net(x)).backward();
    CHECK(shapes == std::vector<Shape>{{5, 4}, {5, 4}});
    CHECK(values_of(x.grad()) == dx_before);
    CHECK(values_of(net.at<nn::Linear>(0).weight.grad()) == dw_before);
    handle.remove();
    net.zero_grad(), x.set_grad(Tensor());

    net[2].register_backward_hook([](const Tensor& dx, const Tensor&) { return dx * 2; });
    sum(net(x)).backward();
    for (std::size_t i = 0; i < dx_before.size(); ++i)
        CHECK(values_of(x.grad())[i] == doctest::Approx(2 * dx_before[i]).epsilon(1e-5));

    Tensor seen;
    net[0].register_backward_hook([&](const Tensor& dx, const Tensor& dy) {
        CHECK(!dx.defined());
        seen = dy;
        return Tensor();
    });
    sum(net(x.detach())).backward();
    CHECK(seen.shape() == Shape{5, 4});
    const NoGrad no_grad;
    CHECK(net(x).is_leaf());
}

TEST_CASE("nn/hooks: a frozen module is neither recorded nor stepped") {
    manual_seed(4);
    nn::Sequential net(nn::Linear(3, 4), nn::Linear(4, 2, {.bias = false}));
    CHECK(net.count_parameters().total == 3 * 4 + 4 + 4 * 2);
    CHECK(net.count_parameters().trainable == 24);
    optim::SGD sgd(net.parameters(), {.lr = 0.1});
    sum(net(ones({2, 3}))).backward();
    net[0].freeze();
    CHECK(net.count_parameters().total == 24);
    CHECK(net.count_parameters().trainable == 8);
    const auto frozen = values_of(net.at<nn::Linear>(0).weight), free = values_of(net.at<nn::Linear>(1).weight);
    sgd.step();
    CHECK(values_of(net.at<nn::Linear>(0).weight) == frozen);
    CHECK(values_of(net.at<nn::Linear>(1).weight) != free);
    sum(net(ones({2, 3}))).backward();
    CHECK(!net.at<nn::Linear>(0).weight.grad().defined());
    net[0].unfreeze();
    sum(net(ones({2, 3}))).backward();
    CHECK(net.at<nn::Linear>(0).weight.grad().defined());
    net.at<nn::Linear>(1).weight = Tensor();
    CHECK(net.count_parameters().total == 16);
}

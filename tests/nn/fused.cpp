// Neighbouring modules that run as one op.
#include "vitrine/nn/fused.h"

#include <doctest/doctest.h>

#include <string>
#include <thread>

#include "op_case.h"
#include "vitrine/core/anomaly.h"
#include "vitrine/core/node.h"
#include "vitrine/core/ops/binary.h"
#include "vitrine/core/ops/creation.h"
#include "vitrine/core/ops/random.h"
#include "vitrine/core/ops/reduce.h"
#include "vitrine/nn/activation.h"
#include "vitrine/nn/conv.h"
#include "vitrine/nn/linear.h"
#include "vitrine/nn/sequential.h"

using namespace vitrine;
using vitrine::testing::values_of;

namespace {

struct FusingAs {
    explicit FusingAs(bool on) { nn::set_fusing(on); }
    ~FusingAs() { nn::set_fusing(before); }
    const bool before = nn::fusing();
};

/// The names of the nodes from y backwards along the first inputs: "relu batch_norm ...".
std::string path_of(const Tensor& y) {
    std::string names;
    for (const Node* node = y.node(); node; node = node->inputs()[0].node.get())
        names += (names.empty() ? "" : " ") + std::string(node->name());
    return names;
}

void check_close(const std::vector<double>& a, const std::vector<double>& b) {
    REQUIRE(a.size() == b.size());
    for (std::size_t i = 0; i < a.size(); ++i) CHECK(a[i] == doctest::Approx(b[i]).epsilon(1e-5));
}

/// One training step of a copy of the net, fused or not: y, the gradients, the buffers.
template <class Net>
std::vector<std::vector<double>> step_of(const Net& net, const Tensor& x, bool fuse, std::string* path = nullptr) {
    const FusingAs as(fuse);
    Net copy = net.clone();
    const Tensor y = copy(x);
    if (path) *path = path_of(y);
    sum(y * y).backward();
    std::vector<std::vector<double>> all{values_of(y)};
    for (const Tensor& w : copy.parameters()) all.push_back(values_of(w.grad()));
    for (const auto& [name, buffer] : copy.named_buffers()) all.push_back(values_of(buffer));
    copy.eval();
    all.push_back(values_of(copy(x)));
    return all;
}

template <class Net>
void check_alike(const Net& net, const Tensor& x, const std::string& fused_path) {
    std::string path;
    const auto fused = step_of(net, x, true, &path), apart = step_of(net, x, false);
    CHECK(path == fused_path);
    REQUIRE(fused.size() == apart.size());
    for (std::size_t i = 0; i < fused.size(); ++i) check_close(fused[i], apart[i]);
}

}  // namespace

TEST_CASE("nn/fused: a Sequential runs a batch norm and its relu as one op, to the same numbers") {
    manual_seed(1);
    check_alike(nn::Sequential(nn::Conv2d(2, 5, 3), nn::BatchNorm2d(5), nn::ReLU()), randn({3, 2, 6, 7}),
                "batch_norm_relu conv2d");
    check_alike(nn::Sequential(nn::BatchNorm1d(7), nn::ReLU(), nn::BatchNorm1d(7)), randn({6, 7}),
                "batch_norm batch_norm_relu");
    nn::Sequential last(nn::BatchNorm1d(3, {.momentum = {}}), nn::Tanh(), nn::BatchNorm1d(3));
    CHECK(path_of(last(randn({4, 3}))) == "batch_norm tanh batch_norm");
}

TEST_CASE("nn/fused: a Sequential runs a linear map and its relu as one op, to the same numbers") {
    manual_seed(4);
    check_alike(nn::Sequential(nn::Linear(5, 7), nn::ReLU(), nn::Linear(7, 3)), randn({4, 5}), "linear linear_relu");
    check_alike(nn::Sequential(nn::Linear(5, 7, {.bias = false}), nn::ReLU()), randn({2, 3, 5}), "linear_relu");
    nn::Sequential apart(nn::Linear(5, 7), nn::Tanh());
    CHECK(path_of(apart(randn({4, 5}))) == "tanh linear");

    const Tensor x = randn({4, 5});
    nn::Linear layer(5, 7);
    const nn::HookHandle hook = layer.register_forward_hook([](const nn::AnyModule&, const Tensor&, const Tensor& y) { return y * 2; });
    CHECK(path_of(linear_relu(layer, x)) == "relu mul linear");
    nn::HookHandle(hook).remove();
    CHECK(path_of(linear_relu(layer, x)) == "linear_relu");
    CHECK(testing::error_of([&] { linear_relu(layer, randn({4, 6})); }).starts_with("Linear: x (4, 6) for Linear(5, 7); its last size must be in_features 5 (fused.cpp:"));
}

TEST_CASE("nn/fused: dropout_add of a module, in both modes, apart where a hook looks") {
    const Tensor x = full({4, 50}, 3.0, {.requires_grad = true}), around = full({4, 50}, 2.0);
    nn::Dropout dropout(0.5);
    const auto run = [&](bool fuse, const char* path) {
        const FusingAs as(fuse);
        manual_seed(6);
        const Tensor y = dropout_add(dropout, x, around);
        CHECK(std::string(y.node()->name()) == path);
        return values_of(y);
    };
    const auto fused = run(true, "dropout_add");
    CHECK(run(false, "add") == fused);
    nn::HookHandle hook = dropout.register_forward_hook([](const nn::AnyModule&, const Tensor&, const Tensor&) { return Tensor(); });
    CHECK(run(true, "add") == fused);
    hook.remove();
    dropout.eval();
    CHECK(run(true, "add") == std::vector<double>(200, 5));
}

TEST_CASE("nn/fused: hooks on either module, an anomaly's detection and set_fusing(false) run them one by one") {
    manual_seed(2);
    nn::Sequential net(nn::BatchNorm1d(3), nn::ReLU());
    const Tensor x = randn({5, 3});
    CHECK(path_of(net(x)) == "batch_norm_relu");
    for (std::size_t i : {std::size_t(0), std::size_t(1)}) {
        double lowest = 1;
        nn::HookHandle hook = net[i].register_forward_hook([&](const nn::AnyModule&, const Tensor&, const Tensor& y) {
            lowest = values_of(min(y))[0];
            return Tensor();
        });
        CHECK(path_of(net(x)) == "relu batch_norm");
        CHECK((lowest < 0) == (i == 0));
        hook.remove();
        CHECK(path_of(net(x)) == "batch_norm_relu");
    }
    {
        const DetectAnomaly detect;
        CHECK(path_of(net(x)) == "relu batch_norm");
    }
    std::string path;  // a thread's first op: no earlier one has asked the environment about anomalies
    std::thread([&] { path = path_of(net(x)); }).join();
    CHECK(path == "batch_norm_relu");
    const FusingAs off(false);
    CHECK(path_of(net(x)) == "relu batch_norm");
}

TEST_CASE("nn/fused: batch_norm_relu and batch_norm_add_relu of a module, fused and not") {
    manual_seed(3);
    const Tensor x = randn({4, 3, 2, 2}), around = randn({4, 3, 2, 2});
    for (bool add : {false, true}) {
        std::vector<std::vector<double>> results[2];
        for (bool fuse : {false, true}) {
            const FusingAs as(fuse);
            nn::BatchNorm2d bn(3);
            const Tensor y = add ? batch_norm_add_relu(bn, x, around) : batch_norm_relu(bn, x);
            CHECK(path_of(y) == (!fuse ? add ? "relu add batch_norm" : "relu batch_norm" : add ? "batch_norm_add_relu" : "batch_norm_relu"));
            sum(y * x).backward();
            results[fuse] = {values_of(y), values_of(bn.weight.grad()), values_of(bn.bias.grad()), values_of(bn.running_var), values_of(bn.num_batches_tracked)};
        }
        for (std::size_t i = 0; i < results[0].size(); ++i) check_close(results[0][i], results[1][i]);
    }
    const std::string text = testing::error_of([&] { batch_norm_relu(nn::BatchNorm2d(4), x); });
    CHECK(text.find(join("(fused.cpp:", __LINE__ - 1, ")")) != std::string::npos);
}

// Linear, Sequential, Dropout, activations, losses as modules.
#include <doctest/doctest.h>

#include <cmath>

#include "op_case.h"
#include "vitrine/core/node.h"
#include "vitrine/core/ops/binary.h"
#include "vitrine/core/ops/creation.h"
#include "vitrine/core/ops/random.h"
#include "vitrine/core/ops/reduce.h"
#include "vitrine/core/ops/softmax.h"
#include "vitrine/nn/activation.h"
#include "vitrine/nn/basic.h"
#include "vitrine/nn/linear.h"
#include "vitrine/nn/loss.h"
#include "vitrine/nn/sequential.h"

using namespace vitrine;
using vitrine::testing::error_of;
using vitrine::testing::values_of;

namespace {

struct NeedsSize : nn::Module<NeedsSize> {
    nn::Linear fc;
    explicit NeedsSize(std::int64_t size) : fc(size, size) {}
    Tensor forward(const Tensor& x) { return fc(x); }
    void members(nn::Members& m) override { m("fc", fc); }
};

struct TwoInputs : nn::Module<TwoInputs> {
    Tensor forward(const Tensor& x, const Tensor& z) { return x + z; }
};

}  // namespace

TEST_CASE("nn/linear: values by the formula, on every device, with and without bias") {
    manual_seed(5);
    for (Device device : available_devices()) {
        for (bool bias : {true, false}) {
            nn::Linear fc(5, 3, {.bias = bias, .dtype = DType::f64, .device = device});
            const Tensor x = randn({2, 7, 5}, {.dtype = DType::f64, .device = device});
            const Tensor y = fc(x);
            CHECK(y.shape() == Shape{2, 7, 3});
            const auto xs = values_of(x), ws = values_of(fc.weight), ys = values_of(y);
            const auto bs = bias ? values_of(fc.bias) : std::vector<double>(3);
            for (std::size_t r = 0; r < 14; ++r) {
                for (std::size_t o = 0; o < 3; ++o) {
                    double expected = bs[o];
                    for (std::size_t i = 0; i < 5; ++i) expected += xs[r * 5 + i] * ws[o * 5 + i];
                    CHECK(ys[r * 3 + o] == doctest::Approx(expected).epsilon(1e-12));
                }
            }
        }
    }
}

TEST_CASE("nn/linear: the weight is (out, in), its columns together; init fills +-1/sqrt(in), the same from one seed") {
    manual_seed(6);
    nn::Linear fc(100, 50);
    CHECK(fc.weight.shape() == Shape{50, 100});
    CHECK(fc.weight.strides() == Strides{1, 50});
    CHECK(fc.weight.is_leaf());
    CHECK(fc.weight.requires_grad());
    CHECK(fc.describe() == "Linear(100, 50)");
    double largest = 0, sum_of_squares = 0;
    for (float w : fc.weight.to_vector<float>())
        largest = std::max(largest, std::abs(double(w))), sum_of_squares += double(w) * w;
    CHECK(largest <= 0.1);
    CHECK(largest > 0.099);
    CHECK(sum_of_squares / 5000 == doctest::Approx(0.01 / 3).epsilon(0.05));
    manual_seed(6);
    nn::Linear again(100, 50);
    CHECK(again.weight.to_vector<float>() == fc.weight.to_vector<float>());
    CHECK(again.bias.to_vector<float>() == fc.bias.to_vector<float>());
    manual_seed(6);  // drawn in logical order: row-major strides get the same numbers
    Tensor rows = empty({50, 100});
    nn::init::kaiming_uniform_(rows, {.a = std::sqrt(5.0)});
    CHECK(rows.to_vector<float>() == fc.weight.to_vector<float>());
}

TEST_CASE("nn/linear: gradient has the weight's layout and the right values") {
    manual_seed(7);
    nn::Linear fc(4, 3, {.dtype = DType::f64});
    const Tensor x = randn({5, 4}, {.dtype = DType::f64});
    sum(fc(x)).backward();
    CHECK(fc.weight.grad().strides() == fc.weight.strides());
    const auto xs = values_of(x), dw = values_of(fc.weight.grad());
    for (std::size_t o = 0; o < 3; ++o) {
        for (std::size_t i = 0; i < 4; ++i) {
            double expected = 0;
            for (std::size_t r = 0; r < 5; ++r) expected += xs[r * 4 + i];
            CHECK(dw[o * 4 + i] == doctest::Approx(expected).epsilon(1e-12));
        }
    }
    for (double db : values_of(fc.bias.grad())) CHECK(db == 5);
}

TEST_CASE("nn/linear: empty batches, sizes of 0 and 1") {
    CHECK(nn::Linear(3, 2)(ones({0, 3})).shape() == Shape{0, 2});
    CHECK(nn::Linear(1, 1)(ones({1, 1})).shape() == Shape{1, 1});
    CHECK(nn::Linear(3, 0)(ones({4, 3})).shape() == Shape{4, 0});
    nn::Linear none(0, 2, {.bias = false});
    CHECK(none(ones({4, 0})).to_vector<float>() == std::vector<float>(8, 0.0f));
}

TEST_CASE("nn/linear: errors name shapes and the user's line") {
    nn::Linear fc(784, 10);
    CHECK(error_of([&] {
              fc({ones({32, 100}), {"user.cpp", 12}});
          }) == "Linear: x (32, 100) for Linear(784, 10); its last size must be in_features 784 (user.cpp:12)");
    CHECK(error_of([&] {
              fc({ones({}), {"user.cpp", 12}});
          }) == "Linear: x () for Linear(784, 10); its last size must be in_features 784 (user.cpp:12)");
    CHECK(error_of([] {
              nn::Linear(-1, 2, {}, {"user.cpp", 13});
          }) == "Linear: in_features -1, out_features 2; neither may be negative (user.cpp:13)");
    CHECK(error_of([] {
              nn::Linear(1, 2, {.dtype = DType::i64}, {"user.cpp", 14});
          }) == "Linear: dtype i64; allowed are f32 and f64 (user.cpp:14)");
    CHECK(error_of([] { nn::Dropout(1.5, {"user.cpp", 15}); }) == "Dropout: p 1.5; allowed is 0 to 1 (user.cpp:15)");
}

TEST_CASE("nn/sequential: an error inside, however deep, names the line of the user's call") {
    nn::Sequential net(nn::Linear(4, 8), nn::Sequential(nn::ReLU(), nn::Linear(7, 2)), NeedsSize(2));
    const int line = __LINE__ + 1;
    const std::string text = error_of([&] { net(ones({3, 4})); });
    CHECK(text ==
          join("Linear: x (3, 8) for Linear(7, 2); its last size must be in_features 7 (layers.cpp:", line, ")"));

    nn::Sequential good(nn::Linear(4, 8), nn::Softmax());
    const Tensor y = good(ones({3, 4}));
    CHECK(join(y.node()->site()) == join("layers.cpp:", __LINE__ - 1));
    CHECK(join(y.node()->inputs()[0].node->site()) == join("layers.cpp:", __LINE__ - 2));
}

TEST_CASE("nn/sequential: moves what it is given; nested ones stay nested; push_back, [], at, size") {
    nn::Linear fc(2, 3);
    const Tensor weight = fc.weight;
    nn::Sequential net(std::move(fc), nn::Sequential(nn::ReLU(), nn::Linear(3, 3)));
    net.push_back(nn::Flatten(0)).push_back(nn::Identity());
    CHECK(net.size() == 4);
    CHECK(net.at<nn::Linear>(0).weight.impl() == weight.impl());
    std::string names;
    for (const auto& [name, w] : net.named_parameters()) names += name + " ";
    CHECK(names == "0.weight 0.bias 1.1.weight 1.1.bias ");
    CHECK(net(ones({5, 2})).shape() == Shape{15});
    CHECK(net[2].describe() == "Flatten(0, -1)");
    CHECK(error_of([&] { net[4]; }) == "Sequential: module 4 of 4");
    CHECK(error_of([&] { net.at<nn::Linear>(1); }) == "Sequential: module 1 is Sequential, not of the type asked for");
    const Tensor x = ones({2});
    CHECK(nn::Sequential()(x).impl() == x.impl());
    CHECK(error_of([&] { nn::Sequential{TwoInputs()}(x); }) ==
          "TwoInputs: its forward does not make one tensor of one tensor");
}

TEST_CASE("nn/sequential: clone is deep and keeps settings and modes") {
    manual_seed(8);
    nn::Sequential net(nn::Linear(3, 4, {.bias = false}), nn::LeakyReLU(0.3),
                       nn::Sequential(nn::Dropout(0.25), nn::Linear(4, 2)));
    net.at<nn::Linear>(0).weight.requires_grad_(false);
    net.eval();
    nn::Sequential twin = net.clone();
    const Tensor x = randn({5, 3});
    CHECK(twin(x).to_vector<float>() == net(x).to_vector<float>());
    CHECK(twin[1].describe() == "LeakyReLU(0.3)");
    CHECK(twin.at<nn::Sequential>(2)[0].describe() == "Dropout(0.25)");
    CHECK(!twin[2].is_training());
    CHECK(!twin.at<nn::Linear>(0).weight.requires_grad());
    {
        const NoGrad no_grad;
        twin.at<nn::Linear>(0).weight.zero_();
    }
    CHECK(twin(x).to_vector<float>() != net(x).to_vector<float>());

    nn::Sequential sized(NeedsSize(3));
    CHECK(error_of([&] { sized.clone(); }) ==
          "clone: module 0 of a Sequential, NeedsSize, needs arguments to be built; give it a member "
          "`NeedsSize clone() const { return Module::clone(arguments); }`");
}

TEST_CASE("nn/activation: each module is its op") {
    const Tensor x = tensor({-30.0, -1.5, 0.0, 0.7, 30.0}, {.dtype = DType::f64});
    const auto check = [&](auto module, const char* text, double (*f)(double)) {
        INFO(text);
        CHECK(module.describe() == text);
        const auto y = values_of(module(x)), xs = values_of(x);
        for (std::size_t i = 0; i < xs.size(); ++i) CHECK(y[i] == doctest::Approx(f(xs[i])).epsilon(1e-9));
    };
    check(nn::ReLU(), "ReLU", [](double v) { return v > 0 ? v : 0; });
    check(nn::LeakyReLU(0.2), "LeakyReLU(0.2)", [](double v) { return v > 0 ? v : 0.2 * v; });
    check(nn::GELU(), "GELU", [](double v) { return v * 0.5 * std::erfc(-v / std::sqrt(2.0)); });
    check(nn::SiLU(), "SiLU", [](double v) { return v / (1 + std::exp(-v)); });
    check(nn::Sigmoid(), "Sigmoid", [](double v) { return 1 / (1 + std::exp(-v)); });
    check(nn::Tanh(), "Tanh", [](double v) { return std::tanh(v); });
    check(nn::Softplus(2, 20), "Softplus(2, 20)",
          [](double v) { return v > 10 ? v : std::log1p(std::exp(2 * v)) / 2; });
    CHECK(values_of(nn::Softmax(0)(x)) == values_of(softmax(x, 0)));
    CHECK(values_of(nn::LogSoftmax()(x)) == values_of(log_softmax(x, -1)));
    CHECK(error_of([&] { nn::Softmax(3)({x, {"user.cpp", 5}}); }).ends_with("(user.cpp:5)"));
}

TEST_CASE("nn/loss: modules take the options of their ops") {
    const Tensor x = tensor({{1.0, 2.0}, {0.0, -1.0}}), t = tensor({{1.0, 0.0}, {0.0, 1.0}});
    CHECK(nn::MSELoss()(x, t).item<double>() == doctest::Approx((0 + 4 + 0 + 4) / 4.0));
    CHECK(nn::MSELoss({.reduction = Reduction::sum})(x, t).item<double>() == doctest::Approx(8));
    CHECK(nn::MSELoss({.reduction = Reduction::none})(x, t).shape() == Shape{2, 2});
    double bce = 0;
    const double xs[] = {1, 2, 0, -1}, ts[] = {1, 0, 0, 1};
    for (int i = 0; i < 4; ++i) bce += std::log1p(std::exp(xs[i])) - xs[i] * ts[i];
    CHECK(nn::BCEWithLogitsLoss()(x, t).item<double>() == doctest::Approx(bce / 4).epsilon(1e-6));
    const Tensor classes = tensor({1, 0});
    const double ce = (std::log1p(std::exp(-1.0)) + std::log1p(std::exp(-1.0))) / 2;
    CHECK(nn::CrossEntropyLoss()(x, classes).item<double>() == doctest::Approx(ce).epsilon(1e-6));
    CHECK(nn::CrossEntropyLoss({.ignore_index = 0})(x, classes).item<double>() ==
          doctest::Approx(std::log1p(std::exp(-1.0))).epsilon(1e-6));

    const Tensor logs = log_softmax(x, 1), p = softmax(x, 1);
    CHECK(nn::NLLLoss()(logs, classes).item<double>() == doctest::Approx(ce).epsilon(1e-6));
    CHECK(nn::L1Loss()(x, t).item<double>() == doctest::Approx(1));
    CHECK(nn::SmoothL1Loss({.beta = 0.5})(x, t).item<double>() == doctest::Approx(2 * 1.75 / 4));
    CHECK(nn::HuberLoss({.delta = 0.5})(x, t).item<double>() == doctest::Approx(1.75 / 4 / 2 * 2));
    CHECK(nn::BCELoss()(p, p).item<double>() == doctest::Approx(-(p * log(p) + (1 - p) * log(1 - p)).to_vector<float>()[0]).epsilon(1e-6));
    CHECK(nn::KLDivLoss()(logs, p).item<double>() == doctest::Approx(0).epsilon(1e-6));
    nn::CrossEntropyLoss weighted({.weight = tensor({1.0, 2.0})});
    CHECK(weighted.state_dict().size() == 1);
    CHECK(weighted(x, classes).item<double>() == doctest::Approx(ce).epsilon(1e-6));
}

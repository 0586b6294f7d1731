#include "vitrine/optim/adam.h"
#include "vitrine/optim/clip.h"
#include "vitrine/optim/rmsprop.h"
#include "vitrine/optim/sgd.h"

#include <doctest/doctest.h>

#include <cmath>
#include <memory>

#include "cases/optimizer.h"
#include "op_case.h"
#include "vitrine/core/ops/creation.h"
#include "vitrine/kernels/base/error.h"

using namespace vitrine;
using namespace vitrine::testing;
using namespace vitrine::optim;

namespace {

Tensor parameter(std::int64_t n, Device device = Device::cpu, DType dtype = DType::f64) {
    return full({n}, 0.5, {.dtype = dtype, .device = device, .requires_grad = true});
}

void give_gradient(const Tensor& w, std::int64_t t) {
    std::vector<double> g(static_cast<std::size_t>(w.numel()));
    for (std::size_t i = 0; i < g.size(); ++i) g[i] = gradient_reference(static_cast<std::int64_t>(i), t);
    w.set_grad(from_values(std::span<const double>(g), w.shape(), {.dtype = w.dtype(), .device = w.device()}));
}

using MakeOptimizer = std::function<std::unique_ptr<Optimizer>(std::vector<Tensor>)>;

/// Ten steps of an optimizer, and of a reference recurrence on each element.
template <class Reference>
void check_against(const MakeOptimizer& make, Reference reference) {
    for (Device device : available_devices()) {
        const Tensor w = parameter(37, device);
        const auto optimizer = make({w});
        std::vector<OptimizerElement> wanted(37, {.w = 0.5});
        for (std::int64_t t = 0; t < 10; ++t) {
            give_gradient(w, t);
            optimizer->step();
            for (std::int64_t i = 0; i < 37; ++i)
                reference(wanted[static_cast<std::size_t>(i)], gradient_reference(i, t));
        }
        const auto got = values_of(w);
        for (std::size_t i = 0; i < got.size(); ++i) CHECK(got[i] == doctest::Approx(wanted[i].w).epsilon(1e-12));
    }
}

void check_sgd(SGDOptions options, kernels::SgdStep step) {
    check_against([=](auto w) { return std::make_unique<SGD>(w, options); },
                  [=](auto& e, double g) { sgd_reference(e, g, step); });
}

// A good state dict, spoilt, must be refused with the given text, and change nothing.
void check_refused(Adam& adam, StateDict dict, const std::string& text) {
    const auto before = adam.state_dict();
    CHECK(error_of([&] { adam.load_state_dict(dict, {"x.cpp", 1}); }) == "Adam: " + text + " (x.cpp:1)");
    const auto after = adam.state_dict();
    REQUIRE(after.size() == before.size());
    for (const auto& [name, x] : before) CHECK(values_of(after.at(name)) == values_of(x));
}

StateDict with(StateDict dict, const char* name, const Tensor& x) {
    dict[name] = x;
    dict["param_groups.0.lr"] = scalar(0.7, {.dtype = DType::f64});
    return dict;
}

StateDict without(StateDict dict, const char* name) {
    dict.erase(name);
    return dict;
}

/// The error ends with this file and the line of the call.
void check_error(const std::string& got, int line, const std::string& text) {
    CHECK(got == join(text, " (optim.cpp:", line, ")"));
}

}  // namespace

TEST_CASE("optim/sgd: ten steps are the recurrence's, with momentum, dampening, weight decay and Nesterov") {
    check_sgd({.lr = 0.1}, {.lr = 0.1});
    check_sgd({.lr = 0.1, .momentum = 0.9, .dampening = 0.5, .weight_decay = 0.01},
              {.lr = 0.1, .momentum = 0.9, .dampening = 0.5, .weight_decay = 0.01});
    check_sgd({.lr = 0.1, .momentum = 0.9, .nesterov = true}, {.lr = 0.1, .momentum = 0.9, .nesterov = true});
}

TEST_CASE("optim/adam: ten steps of Adam and AdamW are the recurrence's") {
    check_against([](auto w) { return std::make_unique<Adam>(w); },
                  [](auto& e, double g) { adam_reference(e, g, {}); });
    check_against(
        [](auto w) { return std::make_unique<Adam>(w, AdamOptions{.lr = 0.01, .beta1 = 0.7, .weight_decay = 0.1}); },
        [](auto& e, double g) { adam_reference(e, g, {.lr = 0.01, .beta1 = 0.7, .weight_decay = 0.1}); });
    check_against([](auto w) { return std::make_unique<AdamW>(w); },
                  [](auto& e, double g) { adam_reference(e, g, {.weight_decay = 0.01, .decoupled = true}); });
}

TEST_CASE("optim/rmsprop: ten steps are the recurrence's, centered and with momentum") {
    check_against([](auto w) { return std::make_unique<RMSprop>(w); },
                  [](auto& e, double g) { rmsprop_reference(e, g, {}); });
    const RMSpropOptions options{.lr = 0.02, .alpha = 0.8, .weight_decay = 0.1, .momentum = 0.9, .centered = true};
    check_against([=](auto w) { return std::make_unique<RMSprop>(w, options); },
                  [](auto& e, double g) {
                      rmsprop_reference(
                          e, g, {.lr = 0.02, .alpha = 0.8, .weight_decay = 0.1, .momentum = 0.9, .centered = true});
                  });
}

TEST_CASE("optim/optimizer: parameters without a gradient are skipped, their count of steps with them") {
    const Tensor a = parameter(3), b = parameter(2);
    Adam adam({a, b}, {.lr = 0.1});
    give_gradient(a, 1);
    adam.step();
    CHECK(values_of(b) == std::vector<double>{0.5, 0.5});
    CHECK(adam.state_dict().count("state.1.step") == 0);
    give_gradient(b, 1);
    adam.step();
    CHECK(adam.state_dict().at("state.0.step").item<std::int64_t>() == 2);
    CHECK(adam.state_dict().at("state.1.step").item<std::int64_t>() == 1);
    adam.zero_grad();
    CHECK(!a.grad().defined());
    CHECK(!b.grad().defined());
}

TEST_CASE("optim/optimizer: a tied weight is stepped once") {
    const Tensor w = parameter(1), once = parameter(1);
    SGD tied({w, w}, {.lr = 0.1}), plain({once}, {.lr = 0.1});
    CHECK(tied.parameters().size() == 1);
    give_gradient(w, 1), give_gradient(once, 1);
    tied.step(), plain.step();
    CHECK(values_of(w) == values_of(once));
}

TEST_CASE("optim/optimizer: training from a saved state goes on to the same bits") {
    const auto make = [](const Tensor& w, int kind) -> std::unique_ptr<Optimizer> {
        if (kind == 0)
            return std::make_unique<SGD>(std::vector{w}, SGDOptions{.lr = 0.1, .momentum = 0.9, .nesterov = true});
        if (kind == 1) return std::make_unique<Adam>(std::vector{w}, AdamOptions{.lr = 0.1});
        if (kind == 2) return std::make_unique<AdamW>(std::vector{w}, AdamWOptions{.lr = 0.1});
        return std::make_unique<RMSprop>(std::vector{w},
                                         RMSpropOptions{.momentum = kind == 3 ? 0 : 0.5, .centered = kind == 4});
    };
    const auto train = [](Optimizer& optimizer, const Tensor& w, int from, int to) {
        for (int t = from; t < to; ++t) give_gradient(w, t), optimizer.step();
    };
    for (Device device : available_devices())
        for (int kind : {0, 1, 2, 3, 4}) {
            const Tensor w = parameter(33, device, DType::f32);
            const auto optimizer = make(w, kind);
            train(*optimizer, w, 0, 3);
            optimizer->set_lr(0.05);
            StateDict saved;
            for (const auto& [name, x] : optimizer->state_dict()) saved[name] = x.clone();
            const Tensor copy = w.detach().clone().requires_grad_();
            train(*optimizer, w, 3, 6);

            const auto resumed = make(copy, kind);
            resumed->load_state_dict(saved);
            CHECK(resumed->lr() == 0.05);
            train(*resumed, copy, 3, 6);
            CHECK(copy.to_vector<float>() == w.to_vector<float>());
        }
}

TEST_CASE("optim/optimizer: state has PyTorch's names and the parameter's strides") {
    const Tensor w = zeros({3, 2}).transpose(0, 1).requires_grad_();
    Adam adam({w});
    w.set_grad(ones({2, 3}));
    adam.step();
    const StateDict dict = adam.state_dict();
    std::vector<std::string> names;
    for (const auto& [name, x] : dict) names.push_back(name);
    CHECK(names == std::vector<std::string>{"param_groups.0.beta1", "param_groups.0.beta2", "param_groups.0.eps",
                                            "param_groups.0.lr", "param_groups.0.weight_decay", "state.0.exp_avg",
                                            "state.0.exp_avg_sq", "state.0.step"});
    CHECK(dict.at("state.0.exp_avg").strides() == w.strides());
    const Tensor v = parameter(2);
    SGD sgd({v}, {.momentum = 0.5});
    CHECK(sgd.state_dict().count("state.0.momentum_buffer") == 0);
    give_gradient(v, 1);
    sgd.step();
    CHECK(sgd.state_dict().count("state.0.momentum_buffer") == 1);
}

TEST_CASE("optim/optimizer: a wrong state dict is refused and changes nothing") {
    const Tensor w = parameter(3);
    Adam adam({w}, {.lr = 0.1});
    give_gradient(w, 1);
    adam.step();
    const StateDict good = adam.state_dict();
    const TensorOptions f64{.dtype = DType::f64}, i64{.dtype = DType::i64};
    check_refused(adam, without(good, "state.0.exp_avg_sq"), "state.0.exp_avg_sq is missing");
    check_refused(adam, without(good, "param_groups.0.eps"), "param_groups.0.eps is missing");
    check_refused(adam, with(good, "state.1.step", scalar(1, i64)), "state.1.step is unknown");
    check_refused(adam, with(good, "state.0.exp_avg", zeros({4}, f64)),
                  "state.0.exp_avg is (4,) f64; allowed is (3,) f64");
    check_refused(adam, with(good, "state.0.exp_avg", zeros({3})), "state.0.exp_avg is (3,) f32; allowed is (3,) f64");
    check_refused(adam, with(good, "state.0.step", scalar(0, i64)), "state.0.step is 0; steps are numbered from 1");
    check_refused(adam, with(good, "param_groups.0.beta1", scalar(1, f64)), "beta1 1; allowed is 0 to below 1");
    adam.load_state_dict(good);
    CHECK(adam.lr() == 0.1);
}

TEST_CASE("optim/optimizer: bad options and parameters are refused") {
    const Tensor w = parameter(3);
    check_error(error_of([&] { Adam({w}, {.lr = -1}); }), __LINE__, "Adam: lr -1; allowed is 0 or more");
    check_error(error_of([&] { Adam({w}, {.lr = NAN}); }), __LINE__, "Adam: lr nan; allowed is 0 or more");
    check_error(error_of([&] { Adam({w}, {.beta2 = 1}); }), __LINE__, "Adam: beta2 1; allowed is 0 to below 1");
    check_error(error_of([&] { AdamW({w}, {.weight_decay = -1}); }), __LINE__,
                "AdamW: weight_decay -1; allowed is 0 or more");
    check_error(error_of([&] { SGD({w}, {.momentum = -1}); }), __LINE__, "SGD: momentum -1; allowed is 0 or more");
    check_error(error_of([&] { SGD({w}, {.nesterov = true}); }), __LINE__,
                "SGD: nesterov with momentum 0 and dampening 0; it needs momentum above 0 and no dampening");
    check_error(error_of([&] { SGD(std::vector<Tensor>{}); }), __LINE__, "SGD: the list of parameters is empty");
    check_error(error_of([&] { SGD({w, Tensor()}); }), __LINE__, "SGD: parameter 1 is undefined");
    const Tensor integers = zeros({2}, {.dtype = DType::i64}), computed = w.reshape({3, 1});
    check_error(error_of([&] { SGD({integers}); }), __LINE__, "SGD: parameter 0 is i64; allowed are f32 and f64");
    check_error(error_of([&] { SGD({computed}); }), __LINE__,
                "SGD: parameter 0 was computed by an op; allowed are leaves");
    SGD sgd({w}, {.lr = 0.5});
    check_error(error_of([&] { sgd.set_lr(-2); }), __LINE__, "SGD: lr -2; allowed is 0 or more");
    CHECK(sgd.lr() == 0.5);
}

TEST_CASE("optim/optimizer: a step bumps the version, so that a stale graph is noticed") {
    const Tensor w = parameter(3);
    SGD sgd({w});
    give_gradient(w, 1);
    const auto before = w.version();
    sgd.step();
    CHECK(w.version() > before);
}

TEST_CASE("optim/clip: gradients are scaled to the norm, which is returned") {
    for (Device device : available_devices()) {
        const Tensor a = parameter(2, device), b = parameter(1, device), none = parameter(4, device);
        const TensorOptions options{.dtype = DType::f64, .device = device};
        a.set_grad(tensor({3.0, 0.0}, options));
        b.set_grad(tensor({-4.0}, options));
        CHECK(grad_norm({a, b, none}) == 5);
        CHECK(clip_grad_norm_({a, b, none}, 10) == 5);
        CHECK(values_of(a.grad()) == std::vector<double>{3, 0});
        CHECK(clip_grad_norm_({a, b, b, none}, 1) == 5);
        CHECK(values_of(a.grad())[0] == doctest::Approx(0.6).epsilon(1e-6));
        CHECK(values_of(b.grad())[0] == doctest::Approx(-0.8).epsilon(1e-6));
        CHECK(grad_norm({a, b}) <= 1);
        a.set_grad(tensor({double{INFINITY}, 1.0}, options));
        CHECK(std::isinf(clip_grad_norm_({a}, 1)));
        CHECK(std::isnan(values_of(a.grad())[0]));
    }
    check_error(error_of([] { clip_grad_norm_({parameter(1)}, -1); }), __LINE__,
                "clip_grad_norm_: max_norm -1; allowed is 0 or more");
    check_error(error_of([] { clip_grad_value_({parameter(1)}, NAN); }), __LINE__,
                "clip_grad_value_: clip_value nan; allowed is 0 or more");
}

TEST_CASE("optim/clip: gradients are cut at a value") {
    for (Device device : available_devices()) {
        const Tensor a = parameter(3, device), none = parameter(4, device);
        a.set_grad(tensor({3.0, -0.5, -7.0}, {.dtype = DType::f64, .device = device}));
        clip_grad_value_({a, none, a}, 2);
        CHECK(values_of(a.grad()) == std::vector<double>{2, -0.5, -2});
        CHECK(!none.grad().defined());
    }
}

TEST_CASE("optim/clip: scaling inside the step gives what clipping beforehand gives") {
    const Tensor a = parameter(33), b = parameter(33);
    Adam fused({a}, {.lr = 0.1}), before({b}, {.lr = 0.1});
    for (int t = 0; t < 3; ++t) {
        give_gradient(a, t), give_gradient(b, t);
        fused.step(std::min(1.0, 0.5 / (grad_norm({a}) + 1e-6)));
        clip_grad_norm_({b}, 0.5);
        before.step();
    }
    const auto x = values_of(a), y = values_of(b);
    for (std::size_t i = 0; i < x.size(); ++i) CHECK(x[i] == doctest::Approx(y[i]).epsilon(1e-12));
}

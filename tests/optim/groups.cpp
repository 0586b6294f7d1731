// Parameter groups, and running means of weights.
#include <doctest/doctest.h>

#include <cmath>

#include "cases/optimizer.h"
#include "op_case.h"
#include "vitrine/core/ops/creation.h"
#include "vitrine/optim/adam.h"
#include "vitrine/optim/ema.h"
#include "vitrine/optim/sgd.h"

using namespace vitrine;
using namespace vitrine::testing;
using namespace vitrine::optim;

namespace {

constexpr Site user{"train.cpp", 3};

Tensor parameter(std::int64_t n, Device device = Device::cpu) {
    return full({n}, 0.5, {.dtype = DType::f64, .device = device, .requires_grad = true});
}

void give_gradient(const Tensor& w, std::int64_t t) {
    std::vector<double> g;
    for (std::int64_t i = 0; i < w.numel(); ++i) g.push_back(gradient_reference(i, t));
    w.set_grad(from_values(std::span<const double>(g), w.shape(), {.dtype = w.dtype(), .device = w.device()}));
}

}  // namespace

TEST_CASE("optim/groups: each group is stepped with its own options") {
    const Tensor a = parameter(5), b = parameter(7);
    AdamW adam({a}, {.lr = 0.1});
    adam.add_group({b}, {.lr = 0.01, .beta1 = 0.5, .weight_decay = 0});
    CHECK(adam.groups() == 2);
    CHECK(adam.parameters().size() == 2);
    CHECK(adam.options(0).weight_decay == 0.01);
    CHECK(adam.options(1).weight_decay == 0);
    std::vector<OptimizerElement> as(5, {.w = 0.5}), bs(7, {.w = 0.5});
    for (int t = 0; t < 5; ++t) {
        give_gradient(a, t), give_gradient(b, t);
        adam.step();
        for (std::size_t i = 0; i < 5; ++i)
            adam_reference(as[i], gradient_reference(std::int64_t(i), t),
                           {.lr = 0.1, .weight_decay = 0.01, .decoupled = true});
        for (std::size_t i = 0; i < 7; ++i)
            adam_reference(bs[i], gradient_reference(std::int64_t(i), t),
                           {.lr = 0.01, .beta1 = 0.5, .decoupled = true});
    }
    for (std::size_t i = 0; i < 5; ++i) CHECK(values_of(a)[i] == doctest::Approx(as[i].w).epsilon(1e-12));
    for (std::size_t i = 0; i < 7; ++i) CHECK(values_of(b)[i] == doctest::Approx(bs[i].w).epsilon(1e-12));
    adam.zero_grad();
    CHECK(!b.grad().defined());
}

TEST_CASE("optim/groups: options by name, one group's or all") {
    SGD sgd({parameter(1)}, {.lr = 0.1});
    sgd.add_group({parameter(1)}, {.lr = 0.2, .momentum = 0.5});
    CHECK(sgd.lr(1) == 0.2);
    CHECK(sgd.option("momentum", 1) == 0.5);
    sgd.set_option("momentum", 0.9, 1);
    CHECK(sgd.options(1).momentum == 0.9);
    CHECK(sgd.options(0).momentum == 0);
    sgd.set_option("nesterov", 1, 1);
    CHECK(sgd.options(1).nesterov);
    CHECK(sgd.has_option("dampening"));
    CHECK_FALSE(sgd.has_option("beta1"));
    sgd.set_lr(0.3, 1);
    CHECK(sgd.lr() == 0.1);
    sgd.set_lr(0.4);
    CHECK(sgd.lr(0) == 0.4);
    CHECK(sgd.lr(1) == 0.4);
    CHECK(error_of([&] { sgd.set_option("beta1", 1, 0, user); }) == "SGD: no option beta1 (train.cpp:3)");
    CHECK(error_of([&] { sgd.set_option("lr", 1, 2, user); }) == "SGD: group 2 of 2 (train.cpp:3)");
    CHECK(error_of([&] { sgd.set_option("momentum", 0, 1, user); }) ==
          "SGD: nesterov with momentum 0 and dampening 0; it needs momentum above 0 and no dampening (train.cpp:3)");
    CHECK(sgd.options(1).momentum == 0.9);
}

TEST_CASE("optim/groups: a group that cannot be added changes nothing") {
    const Tensor a = parameter(2), b = parameter(3);
    Adam adam({a}, {.lr = 0.1});
    CHECK(error_of([&] {
              adam.add_group({b, a}, {}, user);
          }) == "Adam: parameter 1 is in another group already (train.cpp:3)");
    CHECK(error_of([&] { adam.add_group({b}, {.lr = -1}, user); }) ==
          "Adam: lr -1; allowed is 0 or more (train.cpp:3)");
    CHECK(error_of([&] { adam.add_group({}, {}, user); }) == "Adam: the list of parameters is empty (train.cpp:3)");
    CHECK(adam.groups() == 1);
    CHECK(adam.parameters().size() == 1);
    give_gradient(a, 1);
    adam.step();
}

TEST_CASE("optim/groups: state of all groups is saved, and refused where it does not fit") {
    const auto train = [](Optimizer& optimizer, int from, int to) {
        for (int t = from; t < to; ++t) {
            for (const Tensor& w : optimizer.parameters()) give_gradient(w, t);
            optimizer.step();
        }
    };
    const Tensor a = parameter(2), b = parameter(3);
    Adam adam({a}, {.lr = 0.1});
    adam.add_group({b}, {.lr = 0.3});
    train(adam, 0, 3);
    StateDict saved;
    for (const auto& [name, x] : adam.state_dict()) saved[name] = x.clone();
    CHECK(saved.at("param_groups.1.lr").item<double>() == 0.3);
    CHECK(saved.count("state.1.exp_avg") == 1);
    const Tensor c = a.detach().clone().requires_grad_(), d = b.detach().clone().requires_grad_();
    train(adam, 3, 5);

    Adam resumed({c});
    CHECK(error_of([&] { resumed.load_state_dict(saved, user); }) ==
          "Adam: param_groups.1.beta1 is unknown (train.cpp:3)");
    resumed.add_group({d});
    StateDict bad = saved;
    bad["param_groups.0.lr"] = scalar(0.7, {.dtype = DType::f64});
    bad["param_groups.1.lr"] = scalar(-1, {.dtype = DType::f64});
    CHECK(error_of([&] { resumed.load_state_dict(bad, user); }) == "Adam: lr -1; allowed is 0 or more (train.cpp:3)");
    CHECK(resumed.lr(0) == 1e-3);
    resumed.load_state_dict(saved);
    train(resumed, 3, 5);
    CHECK(values_of(c) == values_of(a));
    CHECK(values_of(d) == values_of(b));
}

TEST_CASE("optim/ema: means follow the recurrence, swap in and out, and go on from a saved state") {
    for (Device device : available_devices()) {
        const Tensor w = parameter(33, device), count = tensor({1}, {.device = device});
        EMA ema({w, count, w}, {.decay = 0.9}), young({w}, {.decay = 0.9, .warmup = true});
        CHECK(ema.means().size() == 2);
        std::vector<double> wanted = values_of(w), wanted_young = wanted;
        SGD sgd({w}, {.lr = 0.1});
        for (int t = 0; t < 6; ++t) {
            give_gradient(w, t);
            sgd.step();
            ema.update(), young.update();
            const double decay = std::min(0.9, (1.0 + t) / (10.0 + t));
            const auto now = values_of(w);
            for (std::size_t i = 0; i < 33; ++i) {
                wanted[i] = 0.9 * wanted[i] + 0.1 * now[i];
                wanted_young[i] = decay * wanted_young[i] + (1 - decay) * now[i];
            }
        }
        const auto means = values_of(ema.means()[0]), weights = values_of(w);
        for (std::size_t i = 0; i < 33; ++i) {
            CHECK(means[i] == doctest::Approx(wanted[i]).epsilon(1e-12));
            CHECK(values_of(young.means()[0])[i] == doctest::Approx(wanted_young[i]).epsilon(1e-12));
        }
        {
            const UseMeans use(ema);
            CHECK(values_of(w) == means);
        }
        CHECK(values_of(w) == weights);
        CHECK(values_of(ema.means()[0]) == means);

        const Tensor other = parameter(33, device), other_count = tensor({0}, {.device = device});
        ema.copy_to({other, other_count});
        CHECK(values_of(other) == means);
        CHECK(values_of(other_count) == std::vector<double>{1});
        EMA resumed({w, count}, {.decay = 0.9});
        resumed.load_state_dict(ema.state_dict());
        ema.update(), resumed.update();
        CHECK(resumed.updates() == 7);
        CHECK(values_of(resumed.means()[0]) == values_of(ema.means()[0]));
    }
}

TEST_CASE("optim/ema: bad options, tensors and states are refused") {
    const Tensor w = parameter(3);
    CHECK(error_of([&] { EMA({w}, {.decay = 1.5}, user); }) == "EMA: decay 1.5; allowed is 0 to 1 (train.cpp:3)");
    CHECK(error_of([&] { EMA({}, {}, user); }) == "EMA: the list of weights is empty (train.cpp:3)");
    EMA ema({w});
    CHECK(error_of([&] { ema.copy_to({parameter(4)}, user); }) ==
          "EMA: the mean is (3,) and the weight (4,); both must have one shape (train.cpp:3)");
    CHECK(error_of([&] { ema.copy_to({}, user); }) == "EMA: 0 tensors for 1 means (train.cpp:3)");
    StateDict dict = ema.state_dict();
    dict["mean.0"] = zeros({3});
    CHECK(error_of([&] { ema.load_state_dict(dict, user); }) ==
          "EMA: mean.0 is (3,) f32; allowed is (3,) f64 (train.cpp:3)");
    CHECK(ema.updates() == 0);
}

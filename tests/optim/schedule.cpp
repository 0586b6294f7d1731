// Schedules against recurrences in double, written from the papers and PyTorch's formulas.
#include "vitrine/optim/schedule.h"

#include <doctest/doctest.h>

#include <cmath>
#include <numbers>

#include "op_case.h"
#include "vitrine/core/ops/creation.h"
#include "vitrine/optim/adam.h"
#include "vitrine/optim/plateau.h"
#include "vitrine/optim/sgd.h"

using namespace vitrine;
using namespace vitrine::optim;
using vitrine::testing::error_of;

namespace {

constexpr double pi = std::numbers::pi;

Tensor weight() { return ones({1}, {.requires_grad = true}); }

/// The rates of `count` steps of a schedule on an optimizer whose own rate is 0.5.
std::vector<double> rates(const Curve& curve, int count) {
    SGD sgd({weight()}, {.lr = 0.5});
    Schedule schedule(sgd, curve);
    std::vector<double> lrs;
    for (int t = 0; t < count; ++t) {
        CHECK(schedule.steps() == t);
        lrs.push_back(sgd.lr());
        sgd.step();
        schedule.step();
    }
    return lrs;
}

void check_near(const std::vector<double>& got, const std::vector<double>& wanted) {
    REQUIRE(got.size() == wanted.size());
    for (std::size_t t = 0; t < got.size(); ++t)
        CHECK_MESSAGE(std::fabs(got[t] - wanted[t]) <= 1e-12 * wanted[t] + 1e-16, t, ": ", got[t], " not ", wanted[t]);
}

/// OneCycleLR as PyTorch computes it: phases with their ends, start and end values by name.
std::vector<double> one_cycle_reference(const OneCycle& o, double low, double high, double last, int count) {
    const double peak_step = o.pct_start * double(o.steps) - 1, last_step = double(o.steps) - 1;
    std::vector<double> values;
    for (int t = 0; t < count; ++t) {
        const double step = std::min(double(t), last_step);
        double start = low, end = high, part = step / peak_step;
        if (step > peak_step) start = high, end = last, part = (step - peak_step) / (last_step - peak_step);
        values.push_back(o.anneal == Anneal::linear ? (end - start) * part + start
                                                    : end + (start - end) / 2.0 * (std::cos(pi * part) + 1));
    }
    return values;
}

void check_one_cycle(const OneCycle& o, int count) {
    SGD sgd({weight()}, {.lr = 0.5, .momentum = 0.9, .nesterov = true});
    Schedule schedule(sgd, o);
    std::vector<double> lrs, momenta;
    for (int t = 0; t < count; ++t) {
        lrs.push_back(sgd.options().lr), momenta.push_back(sgd.options().momentum);
        schedule.step();
    }
    const double low = 0.5 / o.div_factor;
    check_near(lrs, one_cycle_reference(o, low, 0.5, low / o.final_div_factor, count));
    if (o.cycle_momentum)
        check_near(momenta, one_cycle_reference(o, o.max_momentum, o.base_momentum, o.max_momentum, count));
    else
        check_near(momenta, std::vector<double>(std::size_t(count), 0.9));
}

/// ReduceLROnPlateau's counters, minimising, with a relative threshold.
std::vector<double> plateau_reference(const PlateauOptions& o, const std::vector<double>& metrics) {
    double lr = 0.5, best = INFINITY;
    std::int64_t bad = 0, cooldown = 0;
    std::vector<double> lrs;
    for (double metric : metrics) {
        const bool better = o.maximize ? -metric < best - std::fabs(best == INFINITY ? 0 : best) * o.threshold
                                       : metric < best * (1 - o.threshold);
        if (better)
            best = o.maximize ? -metric : metric, bad = 0;
        else
            bad += 1;
        if (cooldown > 0) cooldown -= 1, bad = 0;
        if (bad > o.patience) {
            const double lower = std::max(lr * o.factor, o.min_lr);
            if (lr - lower > o.eps) lr = lower;
            cooldown = o.cooldown, bad = 0;
        }
        lrs.push_back(lr);
    }
    return lrs;
}

void check_plateau(const PlateauOptions& options, const std::vector<double>& metrics) {
    SGD sgd({weight()}, {.lr = 0.5});
    Plateau plateau(sgd, options);
    std::vector<double> lrs;
    for (double metric : metrics) {
        const double before = sgd.lr();
        const bool lowered = plateau.step(metric);
        lrs.push_back(sgd.lr());
        CHECK(lowered == (sgd.lr() < before));
    }
    check_near(lrs, plateau_reference(options, metrics));
    CHECK(lrs.back() < 0.5);
}

const auto user = Site{"train.cpp", 3};

}  // namespace

TEST_CASE("optim/schedule: constant, step, multi-step and exponential follow their recurrences") {
    std::vector<double> constant, steps, milestones, exponential;
    double step = 0.5, milestone = 0.5, power = 0.5;
    for (int t = 0; t < 20; ++t) {
        if (t > 0 && t % 3 == 0) step *= 0.7;
        if (t == 2 || t == 5 || t == 11) milestone *= 0.1;
        if (t > 0) power *= 0.9;
        constant.push_back(0.5), steps.push_back(step), milestones.push_back(milestone), exponential.push_back(power);
    }
    check_near(rates(Constant{}, 20), constant);
    check_near(rates(Curve(), 20), constant);
    check_near(rates(StepDecay{.step_size = 3, .gamma = 0.7}, 20), steps);
    check_near(rates(MultiStep{.milestones = {2, 5, 11}}, 20), milestones);
    check_near(rates(Exponential{.gamma = 0.9}, 20), exponential);
    check_near(rates([](double base, std::int64_t t) { return base / double(1 + t); }, 3), {0.5, 0.25, 0.5 / 3});
}

TEST_CASE("optim/schedule: cosine follows the recurrence of SGDR to its minimum and stays there") {
    std::vector<double> wanted{0.5};
    for (int t = 1; t < 13; ++t)
        wanted.push_back((1 + std::cos(pi * t / 13)) / (1 + std::cos(pi * (t - 1) / 13)) * (wanted.back() - 0.01) +
                         0.01);
    wanted.insert(wanted.end(), 4, 0.01);
    check_near(rates(Cosine{.steps = 13, .min_lr = 0.01}, 17), wanted);
    CHECK(rates(Cosine{.steps = 1}, 2) == std::vector<double>{0.5, 0});
}

TEST_CASE("optim/schedule: one-cycle moves rate and momentum as OneCycleLR") {
    check_one_cycle({.steps = 100}, 105);
    check_one_cycle(
        {.steps = 37, .pct_start = 0.4, .div_factor = 10, .final_div_factor = 100, .anneal = Anneal::linear}, 37);
    check_one_cycle({.steps = 20, .pct_start = 1, .base_momentum = 0.7, .max_momentum = 0.8}, 20);
    check_one_cycle({.steps = 20, .pct_start = 0, .cycle_momentum = false}, 20);
    // Phases of no length: the peak is reached at once, a single step is the last.
    CHECK(rates(OneCycle{.steps = 2, .pct_start = 0.5, .cycle_momentum = false}, 2)[0] == 0.5);
    CHECK(rates(OneCycle{.steps = 1, .cycle_momentum = false}, 1)[0] == doctest::Approx(0.5 / 25 / 1e4));

    Adam adam({weight()}, {.lr = 0.5});
    Schedule schedule(adam, OneCycle{.steps = 10});
    CHECK(adam.options().beta1 == 0.95);
    schedule.step(), schedule.step();
    CHECK(adam.options().beta1 == doctest::Approx(0.85));
}

TEST_CASE("optim/schedule: linear warm-up goes over into another schedule") {
    std::vector<double> wanted;
    for (int t = 0; t < 5; ++t) wanted.push_back(0.5 * (0.2 + 0.8 * t / 5));
    for (int t = 0; t < 10; ++t) wanted.push_back(0.05 + 0.45 * (1 + std::cos(pi * t / 10)) / 2);
    check_near(rates(Warmup{.steps = 5, .start_factor = 0.2, .then = Cosine{.steps = 10, .min_lr = 0.05}}, 15), wanted);
    check_near(rates(Warmup{.steps = 2, .start_factor = 0}, 4), {0, 0.25, 0.5, 0.5});
    check_near(rates(Warmup{}, 2), {0.5, 0.5});
}

TEST_CASE("optim/schedule: plateau lowers the rate as ReduceLROnPlateau") {
    const std::vector<double> metrics{3, 2, 2, 2, 1.9999, 2, 2, 2, 2, 2, 2, 2, 1, 1, NAN, 1, 1, 1, 1, 1, 1, 1};
    check_plateau({.patience = 2}, metrics);
    check_plateau({.factor = 0.5, .patience = 0, .threshold = 0.1, .cooldown = 3}, metrics);
    check_plateau({.patience = 1, .min_lr = 0.2}, metrics);
    check_plateau({.patience = 1, .eps = 0.1}, metrics);
    std::vector<double> rising;
    for (double metric : metrics) rising.push_back(10 - metric);
    check_plateau({.patience = 2, .maximize = true}, rising);

    SGD sgd({weight()}, {.lr = 0.5});
    Plateau absolute(sgd, {.patience = 0, .threshold = 0.5, .relative = false});
    CHECK_FALSE(absolute.step(2));
    CHECK(absolute.best() == 2);
    CHECK(absolute.step(1.6));
    CHECK_FALSE(absolute.step(1.4));
}

TEST_CASE("optim/schedule: each group keeps its ratio to the others") {
    SGD sgd({weight()}, {.lr = 0.5});
    sgd.add_group({weight()}, {.lr = 0.1});
    Schedule schedule(sgd, StepDecay{.step_size = 1, .gamma = 0.5});
    schedule.step();
    CHECK(sgd.lr(0) == 0.25);
    CHECK(sgd.lr(1) == 0.05);
    sgd.add_group({weight()}, {.lr = 0.1});
    CHECK(error_of([&] { schedule.step(user); }) ==
          "Schedule: the optimizer has 3 groups; it had 2 when the schedule was made (train.cpp:3)");
    CHECK(schedule.steps() == 1);
    Plateau plateau(sgd, {.patience = 0});
    plateau.step(1), plateau.step(1);
    CHECK(sgd.lr(0) == doctest::Approx(0.025));
    CHECK(sgd.lr(2) == doctest::Approx(0.01));
}

TEST_CASE("optim/schedule: a saved schedule goes on with the same bits") {
    SGD sgd({weight()}, {.lr = 0.3, .momentum = 0.9}), other({weight()}, {.lr = 0.7, .momentum = 0.9});
    const Curve curve = Warmup{.steps = 3, .then = OneCycle{.steps = 20}};
    Schedule schedule(sgd, curve);
    for (int t = 0; t < 9; ++t) schedule.step();
    const StateDict saved = schedule.state_dict();
    Schedule resumed(other, curve);
    resumed.load_state_dict(saved);
    for (int t = 9; t < 25; ++t) {
        CHECK(other.lr() == sgd.lr());
        CHECK(other.option("momentum") == sgd.option("momentum"));
        schedule.step(), resumed.step();
    }

    Plateau plateau(sgd, {.patience = 3}), second(sgd, {.patience = 3});
    plateau.step(2), plateau.step(1), plateau.step(1), plateau.step(1);
    second.load_state_dict(plateau.state_dict());
    CHECK(second.best() == 1);
    CHECK_FALSE(second.step(1));
    CHECK(second.step(1));
}

TEST_CASE("optim/schedule: wrong states are refused and change nothing") {
    SGD sgd({weight()}, {.lr = 0.5});
    Schedule schedule(sgd, Exponential{.gamma = 0.5});
    schedule.step();
    const auto refused = [&](const char* name, const Tensor& x, const std::string& text) {
        StateDict dict = schedule.state_dict();
        if (x.defined())
            dict[name] = x;
        else
            dict.erase(name);
        CHECK(error_of([&] { schedule.load_state_dict(dict, user); }) == "Schedule: " + text + " (train.cpp:3)");
        CHECK(schedule.steps() == 1);
        CHECK(sgd.lr() == 0.25);
    };
    const TensorOptions f64{.dtype = DType::f64}, i64{.dtype = DType::i64};
    refused("steps", Tensor(), "steps is missing");
    refused("steps", scalar(-1, i64), "steps -1; allowed is 0 or more");
    refused("steps", scalar(1, f64), "steps is () f64; allowed is () i64");
    refused("base_lrs.0", scalar(-1, f64), "base_lrs.0 is -1; allowed is 0 or more");
    refused("base_lrs.1", scalar(1, f64), "base_lrs.1 is unknown");
    Plateau plateau(sgd);
    StateDict dict = plateau.state_dict();
    dict["num_bad_epochs"] = scalar(-2, i64);
    CHECK(error_of([&] { plateau.load_state_dict(dict, user); }) ==
          "Plateau: num_bad_epochs -2, cooldown_counter 0; allowed is 0 or more (train.cpp:3)");
    dict = plateau.state_dict();
    dict["best"] = scalar(NAN, f64);
    CHECK(error_of([&] { plateau.load_state_dict(dict, user); }) == "Plateau: best is nan (train.cpp:3)");
}

TEST_CASE("optim/schedule: fields out of range are refused") {
    SGD sgd({weight()}, {.lr = 0.5});
    const auto refused = [&](const Curve& curve, const std::string& text) {
        CHECK(error_of([&] { Schedule(sgd, curve, user); }) == "Schedule: " + text + " (train.cpp:3)");
        CHECK(sgd.lr() == 0.5);
    };
    refused(StepDecay{.step_size = 0}, "step_size 0; allowed is 1 or more");
    refused(StepDecay{.gamma = -1}, "gamma -1; allowed is 0 or more");
    refused(MultiStep{.milestones = {3, 2}}, "milestone 2 after 3; they must rise");
    refused(MultiStep{.milestones = {-3}}, "milestone -3; allowed is 0 or more");
    refused(Exponential{.gamma = NAN}, "gamma nan; allowed is 0 or more");
    refused(Cosine{.steps = 0}, "steps 0; allowed is 1 or more");
    refused(Cosine{.min_lr = -1}, "min_lr -1; allowed is 0 or more");
    refused(OneCycle{.steps = 0}, "steps 0; allowed is 1 or more");
    refused(OneCycle{.pct_start = 1.5}, "pct_start 1.5; allowed is 0 to 1");
    refused(OneCycle{.div_factor = 0}, "div_factor 0; allowed is above 0");
    refused(OneCycle{.final_div_factor = -1}, "final_div_factor -1; allowed is above 0");
    refused(OneCycle{.max_momentum = 1}, "base_momentum 0.85, max_momentum 1; allowed is 0 to below 1");
    refused(Warmup{.steps = -1}, "warm-up of -1 steps; allowed is 0 or more");
    refused(Warmup{.start_factor = 2}, "start_factor 2; allowed is 0 to 1");
    refused(Warmup{.then = Cosine{.steps = -5}}, "steps -5; allowed is 1 or more");
    refused([](double, std::int64_t) { return -1.0; }, "the curve gives lr -1 for step 0; allowed is 0 or more");
    CHECK(error_of([&] { Plateau(sgd, {.factor = 1}, user); }) ==
          "Plateau: factor 1; allowed is 0 to below 1 (train.cpp:3)");
    CHECK(error_of([&] { Plateau(sgd, {.patience = -1}, user); }) ==
          "Plateau: patience -1; allowed is 0 or more (train.cpp:3)");
    std::string text;
    text = error_of([&] { Schedule(sgd, Cosine{.steps = 0}); });
    CHECK(text == join("Schedule: steps 0; allowed is 1 or more (schedule.cpp:", __LINE__ - 1, ")"));
}

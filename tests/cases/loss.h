// Cases of the elementwise losses, with references written from the formulas.
#pragma once

#include <algorithm>
#include <cmath>

#include "op_case.h"
#include "vitrine/core/ops/loss.h"

namespace vitrine::testing {

using LossOf = double (*)(double x, double t);

/// One loss: the op, the formula in double, and where x and t may lie.
struct LossFunction {
    const char* name;
    std::function<Tensor(const Tensor& x, const Tensor& t, Reduction)> op;
    LossOf f;
    double x_low = -2, x_high = 2, t_low = 0, t_high = 1;
};

inline double mse_of(double x, double t) { return (x - t) * (x - t); }
/// -t log s - (1 - t) log(1 - s), s = 1 / (1 + e^-x), with log s = -log(1 + e^-x) and log(1 - s) = -log(1 + e^x).
inline double bce_of(double x, double t) {
    const auto log_of_one_plus_exp = [](double v) { return v > 30 ? v + std::exp(-v) : std::log1p(std::exp(v)); };
    return t * log_of_one_plus_exp(-x) + (1 - t) * log_of_one_plus_exp(x);
}

inline double l1_of(double x, double t) { return std::fabs(x - t); }
/// delta 0.7
inline double huber_of(double x, double t) {
    const double d = std::fabs(x - t);
    return d <= 0.7 ? d * d / 2 : 0.7 * (d - 0.35);
}
/// beta 0.7
inline double smooth_l1_of(double x, double t) { return huber_of(x, t) / 0.7; }
inline double bce_of_probability(double x, double t) { return -t * std::max(std::log(x), -100.0) - (1 - t) * std::max(std::log1p(-x), -100.0); }
inline double kl_of(double x, double t) { return t == 0 ? 0 : t * (std::log(t) - x); }
inline double kl_log_of(double x, double t) { return std::exp(t) * (t - x); }

/// Every loss. l1 and huber have x above t and bends away from where finite differences step.
inline std::vector<LossFunction> loss_functions() {
    return {
        {"mse_loss", [](auto& x, auto& t, Reduction r) { return mse_loss(x, t, {.reduction = r}); }, mse_of, -90, 90},
        {"l1_loss", [](auto& x, auto& t, Reduction r) { return l1_loss(x, t, {.reduction = r}); }, l1_of, 1.5, 4},
        {"huber_loss", [](auto& x, auto& t, Reduction r) { return huber_loss(x, t, {.delta = 0.7, .reduction = r}); }, huber_of, -2, 2, 0, 1e-3},
        {"smooth_l1_loss", [](auto& x, auto& t, Reduction r) { return smooth_l1_loss(x, t, {.beta = 0.7, .reduction = r}); }, smooth_l1_of, -2, 2, 0, 1e-3},
        {"binary_cross_entropy", [](auto& x, auto& t, Reduction r) { return binary_cross_entropy(x, t, {.reduction = r}); }, bce_of_probability, 0.1, 0.9},
        {"binary_cross_entropy_with_logits", [](auto& x, auto& t, Reduction r) { return binary_cross_entropy_with_logits(x, t, {.reduction = r}); }, bce_of, -9, 9},
        {"kl_div", [](auto& x, auto& t, Reduction r) { return kl_div(x, t, {.reduction = r}); }, kl_of, -3, 0, 0.1, 1},
        {"kl_div", [](auto& x, auto& t, Reduction r) { return kl_div(x, t, {.log_target = true, .reduction = r}); }, kl_log_of, -3, 0, -3, 0},
    };
}

inline std::vector<double> loss_reference(const Array& x, const Array& t, LossOf f, Reduction reduction) {
    std::vector<double> each(x.values.size());
    for (std::size_t i = 0; i < each.size(); ++i) each[i] = f(x.values[i], t.values[i]);
    if (reduction == Reduction::none) return each;
    double sum = 0;
    for (double v : each) sum += v;
    return {reduction == Reduction::mean ? sum / static_cast<double>(each.size()) : sum};
}

/// mse_loss on every shape and layout, the others on a few: they share the driver.
inline std::vector<OpCase> loss_cases(const LossFunction& loss) {
    std::vector<OpCase> cases;
    for (Reduction reduction : {Reduction::none, Reduction::mean, Reduction::sum}) {
        const auto add = [&](const char* name, Input x, Layout target = Layout::rows) {
            x.low = loss.x_low, x.high = loss.x_high;
            cases.push_back({.name = name,
                             .inputs = {x, {x.shape, target, loss.t_low, loss.t_high}},
                             .op = [=](const std::vector<Tensor>& in) { return loss.op(in[0], in[1], reduction); },
                             .reference = [=](const std::vector<Array>& in) { return loss_reference(in[0], in[1], loss.f, reduction); },
                             .covers = loss.name});
        };
        add("a vector", {{33}});
        add("transposed target", {{5, 7}}, Layout::transposed);
        if (loss.f != mse_of) continue;
        for (std::int64_t n : {1, 7, 31, 32, 257}) add("a vector", {{n}});
        add("a scalar", {{}});
        add("images", {{2, 3, 5, 4}});
        add("over a piece", {{1031}});
        add("transposed", {{5, 7}, Layout::transposed});
        add("gaps", {{5, 7}, Layout::gaps}, Layout::gaps);
        add("broadcast", {{5, 7}, Layout::broadcast}, Layout::broadcast);
        if (reduction != Reduction::mean) add("nothing", {{0, 3}});
    }
    return cases;
}

}  // namespace vitrine::testing

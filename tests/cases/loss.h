// Cases of the elementwise losses, with references written from the formulas.
#pragma once

#include <algorithm>
#include <cmath>

#include "op_case.h"
#include "vitrine/core/ops/loss.h"

namespace vitrine::testing {

using LossOp = Tensor (*)(Operand, const Tensor&, LossOptions);
using LossOf = double (*)(double x, double t);

inline double mse_of(double x, double t) { return (x - t) * (x - t); }
/// -t log s - (1 - t) log(1 - s), s = 1 / (1 + e^-x), with log s = -log(1 + e^-x) and log(1 - s) = -log(1 + e^x).
inline double bce_of(double x, double t) {
    const auto log_of_one_plus_exp = [](double v) { return v > 30 ? v + std::exp(-v) : std::log1p(std::exp(v)); };
    return t * log_of_one_plus_exp(-x) + (1 - t) * log_of_one_plus_exp(x);
}

inline std::vector<double> loss_reference(const Array& x, const Array& t, LossOf f, Reduction reduction) {
    std::vector<double> each(x.values.size());
    for (std::size_t i = 0; i < each.size(); ++i) each[i] = f(x.values[i], t.values[i]);
    if (reduction == Reduction::none) return each;
    double sum = 0;
    for (double v : each) sum += v;
    return {reduction == Reduction::mean ? sum / static_cast<double>(each.size()) : sum};
}

inline std::vector<OpCase> loss_cases(LossOp op, LossOf f) {
    std::vector<OpCase> cases;
    for (Reduction reduction : {Reduction::none, Reduction::mean, Reduction::sum}) {
        const auto add = [&](const char* name, Input x, Layout target = Layout::rows) {
            cases.push_back(
                {.name = name,
                 .inputs = {x, {x.shape, target, 0, 1}},
                 .op = [=](const std::vector<Tensor>& in) { return op(in[0], in[1], {.reduction = reduction}); },
                 .reference =
                     [=](const std::vector<Array>& in) { return loss_reference(in[0], in[1], f, reduction); }});
        };
        for (std::int64_t n : {1, 7, 31, 32, 33, 257}) add("a vector", {{n}});
        add("a scalar", {{}});
        add("images", {{2, 3, 5, 4}});
        add("over a piece", {{1031}});
        add("far from zero", {{40}, Layout::rows, -90, 90});
        add("transposed", {{5, 7}, Layout::transposed});
        add("transposed target", {{5, 7}}, Layout::transposed);
        add("gaps", {{5, 7}, Layout::gaps}, Layout::gaps);
        add("broadcast", {{5, 7}, Layout::broadcast}, Layout::broadcast);
        if (reduction != Reduction::mean) add("nothing", {{0, 3}});
    }
    return cases;
}

}  // namespace vitrine::testing

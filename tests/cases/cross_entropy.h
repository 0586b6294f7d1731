// Cases of cross_entropy, with a reference written from the formula.
#pragma once

#include <cmath>

#include "op_case.h"
#include "vitrine/core/ops/cross_entropy.h"

namespace vitrine::testing {

/// -sum_c a_c log softmax(x)_c for every row, 0 for an ignored one, where a is (1 - e) w_t at the class t and e w / C more
/// everywhere, or w q of target probabilities q smoothed likewise; their mean, by the sum of w_t or the number of rows,
/// or sum. Classes: axis 1, or 0 of a vector.
inline std::vector<double> cross_entropy_reference(const std::vector<Array>& in, CrossEntropyOptions options, bool soft) {
    const Array &x = in[0], &target = in[1];
    const int axis = x.shape.dims() == 1 ? 0 : 1;
    const std::int64_t classes = x.shape[axis];
    std::int64_t inner = 1;
    for (int i = axis + 1; i < x.shape.dims(); ++i) inner *= x.shape[i];
    const auto weight = [&](std::int64_t c) { return in.size() > 2 ? in[2].values[static_cast<std::size_t>(c)] : 1.0; };
    const double e = options.label_smoothing;

    std::vector<double> each(x.values.size() / static_cast<std::size_t>(classes));
    double total = 0, counting = 0;
    for (std::size_t i = 0; i < each.size(); ++i) {
        const auto row = static_cast<std::int64_t>(i), t = soft ? -1 : static_cast<std::int64_t>(target.values[i]);
        if (!soft && t == options.ignore_index) continue;
        const auto place = [&](std::int64_t c) { return static_cast<std::size_t>((row / inner * classes + c) * inner + row % inner); };
        for (std::int64_t c = 0; c < classes; ++c) {
            double sum = 0;  // over exp(x_k - x_c): its logarithm is -log softmax(x)_c
            for (std::int64_t k = 0; k < classes; ++k) sum += std::exp(x.values[place(k)] - x.values[place(c)]);
            const double q = soft ? target.values[place(c)] : c == t ? 1.0 : 0.0;
            const double a = weight(c) * ((1 - e) * q + e / static_cast<double>(classes));
            if (a != 0) each[i] += a * std::log(sum);
        }
        total += each[i], counting += soft ? 1 : weight(t);
    }
    if (options.reduction == Reduction::none) return each;
    return {options.reduction == Reduction::mean ? total / counting : total};
}

/// -w_t x_t for every row (N, C, ...), 0 for an ignored one; their mean by the sum of w_t, or sum.
inline std::vector<double> nll_reference(const std::vector<Array>& in, CrossEntropyOptions options) {
    const std::int64_t classes = in[0].shape[1], inner = in[0].shape.numel() / (in[0].shape[0] * classes);
    std::vector<double> each(in[1].values.size());
    double total = 0, counting = 0;
    for (std::size_t i = 0; i < each.size(); ++i) {
        const auto row = static_cast<std::int64_t>(i), t = static_cast<std::int64_t>(in[1].values[i]);
        if (t == options.ignore_index) continue;
        const double w = in.size() > 2 ? in[2].values[static_cast<std::size_t>(t)] : 1;
        each[i] = -w * in[0].values[static_cast<std::size_t>((row / inner * classes + t) * inner + row % inner)];
        total += each[i], counting += w;
    }
    if (options.reduction == Reduction::none) return each;
    return {options.reduction == Reduction::mean ? total / counting : total};
}

inline std::vector<OpCase> cross_entropy_cases() {
    std::vector<OpCase> cases;
    for (Reduction reduction : {Reduction::none, Reduction::mean, Reduction::sum}) {
        const auto add = [&](const char* name, Input x, std::int64_t ignored = -100,
                             Layout target_layout = Layout::rows) {
            const int axis = x.shape.dims() == 1 ? 0 : 1;
            Shape target = x.shape;
            target.erase(axis);
            const CrossEntropyOptions options{.reduction = reduction, .ignore_index = ignored};
            cases.push_back(
                {.name = name,
                 .inputs = {x, {target, target_layout, 0, double(x.shape[axis]), false, true}},
                 .op = [=](const std::vector<Tensor>& in) { return cross_entropy(in[0], in[1], options); },
                 .reference =
                     [=](const std::vector<Array>& in) { return cross_entropy_reference(in, options, false); },
                 .covers = "cross_entropy"});
        };
        for (std::int64_t classes : {1, 2, 10, 31, 32, 33, 65, 129}) add("rows", {{5, classes}});
        add("one row", {{1, 7}});
        add("a vector", {{13}});
        add("images", {{2, 3, 4, 5}});
        add("a sequence", {{3, 5, 7}}, 2);
        add("one class left out", {{19, 4}}, 1);
        add("large values", {{4, 9}, Layout::rows, -300, 300});
        add("many classes", {{2, 1031}});
        add("transposed", {{5, 7}, Layout::transposed});
        add("gaps", {{5, 7}, Layout::gaps}, -100, Layout::gaps);
        add("broadcast", {{5, 7}, Layout::broadcast}, -100, Layout::broadcast);
        if (reduction != Reduction::mean) add("no rows", {{0, 3}});
        const auto add_weighed = [&](const char* name, Input x, double smoothing, bool weighted, bool soft) {
            Shape target = x.shape;
            if (!soft) target.erase(1);
            const double classes = static_cast<double>(x.shape[1]);
            std::vector<Input> inputs{x, soft ? Input{target, Layout::rows, 0, 1} : Input{target, Layout::rows, 0, classes, false, true}};
            if (weighted) inputs.push_back({{x.shape[1]}, Layout::rows, 0.1, 2, false});
            const CrossEntropyOptions options{.reduction = reduction, .ignore_index = 1, .label_smoothing = smoothing};
            cases.push_back({.name = name,
                             .inputs = inputs,
                             .op = [=](const std::vector<Tensor>& in) {
                                 CrossEntropyOptions all = options;
                                 if (weighted) all.weight = in[2];
                                 return cross_entropy(in[0], in[1], all);
                             },
                             .reference = [=](const std::vector<Array>& in) { return cross_entropy_reference(in, options, soft); },
                             .covers = "cross_entropy"});
        };
        const auto add_nll = [&](const char* name, Input x, bool weighted) {
            Shape target = x.shape;
            target.erase(1);
            std::vector<Input> inputs{x, {target, Layout::rows, 0, static_cast<double>(x.shape[1]), false, true}};
            if (weighted) inputs.push_back({{x.shape[1]}, Layout::rows, 0.1, 2, false});
            const CrossEntropyOptions options{.reduction = reduction, .ignore_index = 1};
            cases.push_back({.name = name,
                             .inputs = inputs,
                             .op = [=](const std::vector<Tensor>& in) {
                                 CrossEntropyOptions all = options;
                                 if (weighted) all.weight = in[2];
                                 return nll_loss(in[0], in[1], all);
                             },
                             .reference = [=](const std::vector<Array>& in) { return nll_reference(in, options); },
                             .covers = "nll_loss"});
        };
        add_nll("nll", {{33, 5}}, false);
        add_nll("nll, weighted", {{3, 7, 5}, Layout::gaps}, true);
        add_weighed("smoothed", {{7, 33}}, 0.1, false, false);
        add_weighed("weighted", {{5, 4, 3}}, 0, true, false);
        add_weighed("smoothed and weighted", {{9, 130}}, 0.3, true, false);
        add_weighed("soft", {{5, 7}}, 0, false, true);
        add_weighed("soft, smoothed and weighted", {{2, 5, 3}}, 0.2, true, true);
    }
    return cases;
}

}  // namespace vitrine::testing

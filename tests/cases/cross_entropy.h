// Cases of cross_entropy, with a reference written from the formula.
#pragma once

#include <cmath>

#include "op_case.h"
#include "vitrine/core/ops/cross_entropy.h"

namespace vitrine::testing {

/// -log softmax(x)_t for every row, 0 for an ignored one; their mean over the others, or sum. Classes: axis 1, or 0 of
/// a vector.
inline std::vector<double> cross_entropy_reference(const Array& x, const Array& target, CrossEntropyOptions options) {
    const int axis = x.shape.dims() == 1 ? 0 : 1;
    const std::int64_t classes = x.shape[axis];
    std::int64_t inner = 1;
    for (int i = axis + 1; i < x.shape.dims(); ++i) inner *= x.shape[i];

    std::vector<double> each(target.values.size());
    double total = 0, counting = 0;
    for (std::size_t i = 0; i < each.size(); ++i) {
        const auto row = static_cast<std::int64_t>(i), t = static_cast<std::int64_t>(target.values[i]);
        if (t == options.ignore_index) continue;
        const auto logit = [&](std::int64_t c) {
            return x.values[static_cast<std::size_t>((row / inner * classes + c) * inner + row % inner)];
        };
        double sum = 0;
        for (std::int64_t c = 0; c < classes; ++c) sum += std::exp(logit(c) - logit(t));
        each[i] = std::log(sum);
        total += each[i], counting += 1;
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
                     [=](const std::vector<Array>& in) { return cross_entropy_reference(in[0], in[1], options); },
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
    }
    return cases;
}

}  // namespace vitrine::testing

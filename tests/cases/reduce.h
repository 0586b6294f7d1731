// Cases of the reductions, with references written from the formulas.
#pragma once

#include <algorithm>
#include <cmath>
#include <functional>
#include <map>

#include "op_case.h"
#include "vitrine/core/ops/reduce.h"

namespace vitrine::testing {

using Reduce = std::function<double(const std::vector<double>&)>;
using ReduceOp = Tensor (*)(Operand, Axes, bool);

inline double sum_of(const std::vector<double>& x) {
    double sum = 0;
    for (double v : x) sum += v;
    return sum;
}
inline double mean_of(const std::vector<double>& x) { return sum_of(x) / static_cast<double>(x.size()); }
inline double max_of(const std::vector<double>& x) { return *std::max_element(x.begin(), x.end()); }
inline double min_of(const std::vector<double>& x) { return *std::min_element(x.begin(), x.end()); }
inline double argmax_of(const std::vector<double>& x) {
    return static_cast<double>(std::max_element(x.begin(), x.end()) - x.begin());
}
inline double argmin_of(const std::vector<double>& x) {
    return static_cast<double>(std::min_element(x.begin(), x.end()) - x.begin());
}
/// Divided by the number of elements.
inline double var_of(const std::vector<double>& x) {
    const double mean = mean_of(x);
    double sum = 0;
    for (double v : x) sum += (v - mean) * (v - mean);
    return sum / static_cast<double>(x.size());
}
inline double logsumexp_of(const std::vector<double>& x) {
    if (x.empty()) return -INFINITY;
    const double m = max_of(x);
    double sum = 0;
    for (double v : x) sum += std::exp(v - m);
    return m + std::log(sum);
}

/// What `reduce` makes of the elements that share their indices on the axes that stay, those in row-major order.
inline std::vector<double> reduce_reference(const Array& x, const Shape& axes, const Reduce& reduce) {
    std::vector<bool> gone(static_cast<std::size_t>(x.shape.dims()), axes.empty());
    for (std::int64_t a : axes) gone[static_cast<std::size_t>(a < 0 ? a + x.shape.dims() : a)] = true;
    std::int64_t results = 1;
    for (int d = 0; d < x.shape.dims(); ++d)
        if (!gone[static_cast<std::size_t>(d)]) results *= x.shape[d];

    std::vector<std::vector<double>> parts(static_cast<std::size_t>(results));
    for (std::size_t i = 0; i < x.values.size(); ++i) {
        std::int64_t rest = static_cast<std::int64_t>(i), at = 0, step = 1;
        for (int d = x.shape.dims() - 1; d >= 0; --d) {
            const std::int64_t index = rest % x.shape[d];
            rest /= x.shape[d];
            if (gone[static_cast<std::size_t>(d)]) continue;
            at += index * step;
            step *= x.shape[d];
        }
        parts[static_cast<std::size_t>(at)].push_back(x.values[i]);
    }
    std::vector<double> y;
    for (const auto& part : parts) y.push_back(reduce(part));
    return y;
}

inline OpCase reduce_case(const char* name, ReduceOp op, const Reduce& reduce, Input x, Shape axes,
                          bool keepdim = false) {
    return {.name = name,
            .inputs = {x},
            .op = [=](const std::vector<Tensor>& in) { return op(in[0], axes, keepdim); },
            .reference = [=](const std::vector<Array>& in) { return reduce_reference(in[0], axes, reduce); }};
}

/// Shapes and layouts for any reduction; `of_nothing` adds those that reduce no elements.
inline std::vector<OpCase> reduce_cases(ReduceOp op, const Reduce& reduce, bool of_nothing) {
    std::vector<OpCase> cases;
    const auto add = [&](const char* name, Input x, Shape axes, bool keepdim = false) {
        cases.push_back(reduce_case(name, op, reduce, x, axes, keepdim));
    };
    for (std::int64_t n : {1, 2, 7, 31, 32, 33, 129}) {
        add("rows", {{3, n}}, {1});
        add("columns", {{n, 5}}, {0});
        add("wide columns", {{3, n}}, {0});
    }
    add("scalar", {{}}, {});
    add("everything", {{13}}, {});
    add("everything of three", {{3, 5, 7}}, {});
    add("keepdim", {{3, 5}}, {1}, true);
    add("keepdim of everything", {{3, 5}}, {}, true);
    add("negative axis", {{3, 5, 2}}, {-2});
    add("middle axis", {{2, 5, 67}}, {1});
    add("outer and inner", {{2, 5, 7}}, {0, 2});
    add("every second of four", {{2, 3, 4, 5}}, {1, 3});
    add("images: all but channels", {{2, 3, 5, 4}}, {0, 2, 3});
    add("over a tile", {{3, 1030}}, {0});
    add("over a run", {{2, 1031}}, {1});
    add("no rows", {{0, 5}}, {1});
    add("transposed", {{5, 7}, Layout::transposed}, {1});
    add("transposed first", {{5, 7}, Layout::transposed}, {0});
    add("transposed last two", {{3, 5, 7}, Layout::transposed}, {0}, true);
    add("gaps", {{5, 7}, Layout::gaps}, {1});
    add("gaps first", {{5, 7}, Layout::gaps}, {0});
    add("broadcast", {{5, 7}, Layout::broadcast}, {1});
    add("large values", {{4, 9}, Layout::rows, -300, 300}, {1});
    if (of_nothing) add("nothing", {{0, 5}}, {0}), add("no elements at all", {{0}}, {});
    return cases;
}

/// Enough elements for several pieces and, of float, for rounding errors to add up.
inline std::vector<OpCase> large_reduce_cases(ReduceOp op, const Reduce& reduce) {
    return {reduce_case("all of 100003", op, reduce, {{100003}}, {}),
            reduce_case("three long rows", op, reduce, {{3, 70001}}, {1}),
            reduce_case("long columns", op, reduce, {{40009, 3}}, {0})};
}

}  // namespace vitrine::testing

// Cases of flip and roll, with references written from the formulas.
#pragma once

#include <algorithm>

#include "op_case.h"
#include "vitrine/core/ops/rearrange.h"

namespace vitrine::testing {

/// y_j = x_{s(j)}, s for each axis, size and index.
template <class Source>
std::vector<double> rearrange_reference(const Array& x, Source s) {
    std::vector<double> y;
    const Strides steps = contiguous_strides(x.shape);
    for (std::int64_t i = 0; i < x.shape.numel(); ++i) {
        std::int64_t rest = i, place = 0;
        for (int d = 0; d < x.shape.dims(); ++d) {
            place += s(d, x.shape[d], rest / steps[d]) * steps[d];
            rest %= steps[d];
        }
        y.push_back(x.values[static_cast<std::size_t>(place)]);
    }
    return y;
}

inline std::vector<OpCase> rearrange_cases() {
    std::vector<OpCase> cases;
    using Numbers = std::vector<std::int64_t>;
    const auto add = [&](const char* name, Input x, Numbers axes, Numbers shifts) {
        cases.push_back({.name = name,
                         .inputs = {x},
                         .op = [=](const auto& in) { return flip(in[0], axes); },
                         .reference =
                             [=](const auto& in) {
                                 return rearrange_reference(in[0], [&](int d, std::int64_t n, std::int64_t j) {
                                     return std::ranges::count(axes, d) > 0 ? n - 1 - j : j;
                                 });
                             },
                         .covers = "flip"});
        cases.push_back({.name = name,
                         .inputs = {x},
                         .op = [=](const auto& in) { return roll(in[0], shifts, axes); },
                         .reference =
                             [=](const auto& in) {
                                 return rearrange_reference(in[0], [&](int d, std::int64_t n, std::int64_t j) {
                                     for (std::size_t i = 0; i < axes.size(); ++i)
                                         if (axes[i] == d) j -= shifts[i];
                                     return (j % n + n) % n;
                                 });
                             },
                         .covers = "roll"});
    };
    for (std::int64_t n : {0, 1, 7, 31, 32, 33, 1031}) add("vector", {{n}}, {0}, {3});
    add("scalar", {{}}, {}, {});
    add("rows", {{5, 7}}, {0}, {-2});
    add("columns", {{5, 7}}, {1}, {9});
    add("both", {{5, 7}}, {0, 1}, {1, -8});
    add("images", {{2, 3, 4, 5}}, {3}, {2});
    add("middle", {{3, 4, 5}}, {1}, {1});
    add("none", {{3, 4}}, {}, {});
    add("transposed", {{5, 7}, Layout::transposed}, {1}, {2});
    add("gaps", {{5, 7}, Layout::gaps}, {0, 1}, {2, 3});
    add("broadcast", {{5, 7}, Layout::broadcast}, {1}, {-1});
    return cases;
}

}  // namespace vitrine::testing

// Cases of cumsum.
#pragma once

#include "op_case.h"
#include "vitrine/core/ops/scan.h"

namespace vitrine::testing {

/// y_j = x_0 + ... + x_j along the axis.
inline std::vector<double> cumsum_reference(const Array& x, int axis) {
    std::int64_t inner = 1;
    for (int d = axis + 1; d < x.shape.dims(); ++d) inner *= x.shape[d];
    std::vector<double> y = x.values;
    for (std::size_t i = 0; i < y.size(); ++i)
        if (static_cast<std::int64_t>(i) / inner % x.shape[axis] > 0) y[i] += y[i - static_cast<std::size_t>(inner)];
    return y;
}

inline std::vector<OpCase> scan_cases() {
    std::vector<OpCase> cases;
    const auto add = [&](const char* name, Input x, int axis) {
        cases.push_back({.name = name,
                         .inputs = {x},
                         .op = [=](const std::vector<Tensor>& in) { return cumsum(in[0], axis); },
                         .reference = [=](const std::vector<Array>& in) { return cumsum_reference(in[0], axis < 0 ? axis + in[0].shape.dims() : axis); }});
    };
    for (std::int64_t n : {0, 1, 7, 31, 32, 33, 257, 600}) add("a row", {{n}}, 0);
    add("rows", {{3, 65}}, 1);
    add("columns", {{33, 67}}, 0);
    add("a middle axis", {{2, 5, 3}}, -2);
    add("no rows", {{0, 5}}, 1);
    add("no columns", {{5, 0}}, 0);
    add("transposed", {{5, 7}, Layout::transposed}, 1);
    add("gaps", {{5, 7}, Layout::gaps}, 1);
    add("broadcast", {{5, 7}, Layout::broadcast}, 0);
    return cases;
}

}  // namespace vitrine::testing

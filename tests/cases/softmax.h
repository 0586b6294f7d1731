// Cases of softmax and log_softmax, with references written from the formulas.
#pragma once

#include <cmath>

#include "op_case.h"
#include "vitrine/core/ops/softmax.h"

namespace vitrine::testing {

/// y_j = exp(x_j) / sum_k exp(x_k), or its logarithm, along an axis.
inline std::vector<double> softmax_reference(const Array& x, int axis, bool log) {
    std::int64_t inner = 1, cols = x.shape[axis];
    for (int i = axis + 1; i < x.shape.dims(); ++i) inner *= x.shape[i];
    std::vector<double> y(x.values.size());
    for (std::size_t at = 0; at < y.size(); ++at) {
        const auto i = static_cast<std::int64_t>(at);
        const std::int64_t row = i / (cols * inner) * cols * inner + i % inner;
        double sum = 0;
        for (std::int64_t k = 0; k < cols; ++k) sum += std::exp(x.values[static_cast<std::size_t>(row + k * inner)] - x.values[at]);
        y[at] = log ? -std::log(sum) : 1 / sum;
    }
    return y;
}

inline OpCase softmax_case(const char* name, Input x, int axis, bool log) {
    return {.name = name,
            .inputs = {x},
            .op = [=](const std::vector<Tensor>& in) { return log ? log_softmax(in[0], axis) : softmax(in[0], axis); },
            .reference = [=](const std::vector<Array>& in) { return softmax_reference(in[0], axis < 0 ? axis + in[0].shape.dims() : axis, log); }};
}

inline std::vector<OpCase> softmax_cases() {
    std::vector<OpCase> cases;
    for (bool log : {false, true}) {
        for (std::int64_t cols : {1, 2, 7, 31, 32, 33, 129}) cases.push_back(softmax_case("rows", {{3, cols}}, -1, log));
        cases.push_back(softmax_case("no rows", {{0, 5}}, 1, log));
        cases.push_back(softmax_case("no columns", {{5, 0}}, 1, log));
        cases.push_back(softmax_case("one row", {{13}}, 0, log));
        cases.push_back(softmax_case("first axis", {{33, 3}}, 0, log));
        cases.push_back(softmax_case("middle axis", {{2, 5, 67}}, 1, log));
        cases.push_back(softmax_case("large values", {{4, 9}, Layout::rows, -300, 300}, 1, log));
        cases.push_back(softmax_case("transposed", {{5, 7}, Layout::transposed}, 1, log));
        cases.push_back(softmax_case("gaps", {{5, 7}, Layout::gaps}, 1, log));
        cases.push_back(softmax_case("broadcast", {{5, 7}, Layout::broadcast}, 0, log));
    }
    return cases;
}

}  // namespace vitrine::testing

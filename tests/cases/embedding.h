// Cases of embedding, with a reference written from the formula.
#pragma once

#include "op_case.h"
#include "vitrine/core/ops/embedding.h"

namespace vitrine::testing {

/// y_i = w_t, t = ids_i.
inline std::vector<double> embedding_reference(const Array& weight, const Array& ids) {
    const auto cols = static_cast<std::size_t>(weight.shape[1]);
    std::vector<double> y;
    for (double id : ids.values)
        for (std::size_t c = 0; c < cols; ++c) y.push_back(weight.values[static_cast<std::size_t>(id) * cols + c]);
    return y;
}

inline std::vector<OpCase> embedding_cases() {
    std::vector<OpCase> cases;
    const auto add = [&](const char* name, Input weight, Shape ids, Layout ids_layout = Layout::rows) {
        cases.push_back({.name = name,
                         .inputs = {weight, {ids, ids_layout, 0, double(weight.shape[0]), false, true}},
                         .op = [](const std::vector<Tensor>& in) { return embedding(in[0], in[1]); },
                         .reference = [](const std::vector<Array>& in) { return embedding_reference(in[0], in[1]); }});
    };
    for (std::int64_t cols : {1, 7, 31, 32, 33, 129}) add("columns", {{5, cols}}, {3, 4});
    for (std::int64_t count : {1, 2, 31, 33}) add("ids", {{4, 3}}, {count});
    add("one row", {{1, 5}}, {7});
    add("one id", {{13, 5}}, {});
    add("no ids", {{5, 3}}, {0});
    add("no columns", {{5, 0}}, {3});
    add("no rows, no ids", {{0, 3}}, {2, 0});
    add("a batch of sequences", {{11, 5}}, {2, 3, 4});
    add("transposed", {{5, 7}, Layout::transposed}, {3, 5}, Layout::transposed);
    add("gaps", {{5, 7}, Layout::gaps}, {9}, Layout::gaps);
    add("broadcast", {{5, 7}, Layout::broadcast}, {3, 2}, Layout::broadcast);
    return cases;
}

}  // namespace vitrine::testing

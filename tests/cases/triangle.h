// Cases of tril and triu, with a reference written from the formula.
#pragma once

#include "op_case.h"
#include "vitrine/core/ops/triangle.h"

namespace vitrine::testing {

inline std::vector<OpCase> triangle_cases() {
    std::vector<OpCase> cases;
    const auto add_one = [&](const char* name, Input x, std::int64_t diagonal, bool upper) {
        cases.push_back({.name = name,
                         .inputs = {x},
                         .op = [=](const auto& in) { return upper ? triu(in[0], diagonal) : tril(in[0], diagonal); },
                         .reference =
                             [=](const auto& in) {
                                 std::vector<double> y = in[0].values;
                                 const Shape& shape = in[0].shape;
                                 const std::int64_t rows = shape[shape.dims() - 2], cols = shape.back();
                                 for (std::size_t e = 0; e < y.size(); ++e) {
                                     const auto at = static_cast<std::int64_t>(e);
                                     const std::int64_t i = at / cols % rows, j = at % cols;
                                     if (upper ? j < i + diagonal : j > i + diagonal) y[e] = 0;
                                 }
                                 return y;
                             },
                         .covers = upper ? "triu" : "tril"});
    };
    const auto add = [&](const char* name, Input x, std::int64_t diagonal = 0) {
        add_one(name, x, diagonal, false), add_one(name, x, diagonal, true);
    };
    for (std::int64_t n : {0, 1, 7, 31, 32, 33}) add("square", {{n, n}});
    for (std::int64_t d : {-100, -3, -1, 1, 2, 100}) add("diagonals", {{4, 5}}, d);
    add("wide", {{3, 40}}, 7);
    add("tall", {{40, 3}}, -7);
    add("a batch", {{2, 3, 4, 5}}, 1);
    add("no rows", {{2, 0, 3}});
    add("transposed", {{5, 7}, Layout::transposed});
    add("gaps", {{5, 7}, Layout::gaps});
    add("broadcast", {{3, 5, 7}, Layout::broadcast});
    return cases;
}

}  // namespace vitrine::testing

// Cases of sort and topk.
#pragma once

#include <algorithm>
#include <numeric>

#include "op_case.h"
#include "vitrine/core/ops/sort.h"

namespace vitrine::testing {

/// The first `kept` elements, sorted, of each row along the axis; or their places.
inline std::vector<double> sort_reference(const Array& x, int axis, std::int64_t kept, bool descending, bool places) {
    std::int64_t inner = 1, outer = 1;
    const std::int64_t cols = x.shape[axis];
    for (int d = axis + 1; d < x.shape.dims(); ++d) inner *= x.shape[d];
    for (int d = 0; d < axis; ++d) outer *= x.shape[d];
    std::vector<double> y(static_cast<std::size_t>(outer * kept * inner));
    for (std::int64_t r = 0; r < outer * inner; ++r) {
        const auto value = [&](std::int64_t k) { return x.values[static_cast<std::size_t>((r / inner * cols + k) * inner + r % inner)]; };
        std::vector<std::int64_t> order(static_cast<std::size_t>(cols));
        std::iota(order.begin(), order.end(), 0);
        std::stable_sort(order.begin(), order.end(), [&](auto a, auto b) { return descending ? value(a) > value(b) : value(a) < value(b); });
        for (std::int64_t j = 0; j < kept; ++j) {
            const std::int64_t k = order[static_cast<std::size_t>(j)];
            y[static_cast<std::size_t>((r / inner * kept + j) * inner + r % inner)] = places ? static_cast<double>(k) : value(k);
        }
    }
    return y;
}

/// kept < 0: sort. Values repeat where the input is drawn from integers.
inline OpCase sort_case(const char* name, Input x, int axis, std::int64_t kept, bool descending, bool places) {
    return {.name = name,
            .inputs = {x},
            .op = [=](const std::vector<Tensor>& in) {
                const Sorted y = kept < 0 ? sort(in[0], {.axis = axis, .descending = descending}) : topk(in[0], kept, {.axis = axis, .largest = descending});
                return places ? y.indices : y.values;
            },
            .reference = [=](const std::vector<Array>& in) {
                const int a = axis < 0 ? axis + in[0].shape.dims() : axis;
                return sort_reference(in[0], a, kept < 0 ? in[0].shape[a] : kept, descending, places);
            },
            .differentiable = !places,
            .covers = places ? "argsort" : kept < 0 ? "sort" : "topk"};
}

inline std::vector<OpCase> sort_cases() {
    std::vector<OpCase> cases;
    const auto add = [&](const char* name, Input x, int axis, std::int64_t kept = -1, bool descending = false) {
        cases.push_back(sort_case(name, x, axis, kept, descending, false));
        cases.push_back(sort_case(name, x, axis, kept, descending, true));
    };
    for (std::int64_t n : {0, 1, 2, 7, 31, 32, 33}) add("a row", {{n}}, 0);
    add("more than shared memory holds", {{1025}}, 0);
    for (OpCase& c : cases)
        if (c.inputs[0].shape.numel() > 1000) c.differentiable = false;  // a step of finite differences would exchange two of so many
    add("rows", {{3, 65}}, -1, -1, true);
    add("columns", {{33, 5}}, 0);
    add("a middle axis", {{2, 9, 3}}, 1, -1, true);
    add("no rows", {{0, 5}}, 1);
    add("transposed", {{5, 7}, Layout::transposed}, 1);
    add("gaps", {{5, 7}, Layout::gaps}, 1);
    add("the largest", {{4, 33}}, 1, 5, true);
    add("the smallest", {{17, 3}}, 0, 4, false);
    add("all of them", {{2, 6}}, 1, 6, true);
    add("none of them", {{2, 6}}, 1, 0, true);
    return cases;
}

}  // namespace vitrine::testing

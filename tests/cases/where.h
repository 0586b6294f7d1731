// Cases of where, masked_fill and masked_select; a mask is where its first input is positive.
#pragma once

#include "op_case.h"
#include "vitrine/core/ops/binary.h"
#include "vitrine/core/ops/where.h"

namespace vitrine::testing {

/// Where element `at` of `shape`, in row-major order, stands in an array that broadcasts to it.
inline std::size_t broadcast_place(const Array& x, const Shape& shape, std::size_t at) {
    std::int64_t rest = static_cast<std::int64_t>(at), place = 0, step = 1;
    for (int i = 1; i <= shape.dims(); ++i) {
        const std::int64_t size = shape[shape.dims() - i], index = rest % size;
        rest /= size;
        if (i > x.shape.dims()) continue;
        const std::int64_t own = x.shape[x.shape.dims() - i];
        place += own == 1 ? 0 : index * step;
        step *= own;
    }
    return static_cast<std::size_t>(place);
}

inline std::vector<OpCase> where_cases() {
    std::vector<OpCase> cases;
    const auto mask = [](Shape shape, Layout layout) { return Input{shape, layout, -1, 1, false}; };
    const auto add_where = [&](const char* name, Shape y, Input c, Input x, Input w) {
        c.low = -1, c.high = 1, c.requires_grad = false;
        cases.push_back({.name = name,
                         .inputs = {c, x, w},
                         .op = [](const std::vector<Tensor>& in) { return where(gt(in[0], 0), in[1], in[2]); },
                         .reference =
                             [=](const std::vector<Array>& in) {
                                 std::vector<double> values(static_cast<std::size_t>(y.numel()));
                                 for (std::size_t i = 0; i < values.size(); ++i) {
                                     const bool first = in[0].values[broadcast_place(in[0], y, i)] > 0;
                                     const Array& from = in[first ? 1 : 2];
                                     values[i] = from.values[broadcast_place(from, y, i)];
                                 }
                                 return values;
                             },
                         .covers = "where"});
    };
    for (std::int64_t n : {0, 1, 7, 31, 32, 33, 257, 1025}) add_where("where vector", {n}, {{n}}, {{n}}, {{n}});
    add_where("where scalar", {}, {{}}, {{}}, {{}});
    add_where("where transposed", {5, 7}, {{5, 7}}, {{5, 7}, Layout::transposed}, {{5, 7}, Layout::gaps});
    add_where("where gaps", {5, 7}, {{5, 7}, Layout::gaps}, {{5, 7}, Layout::gaps}, {{5, 7}, Layout::broadcast});
    add_where("where broadcast", {2, 3, 5}, {{3, 1}}, {{2, 1, 5}}, {{5}});
    add_where("where rows of a mask", {3, 5}, {{5}}, {{3, 5}}, {{}});

    const auto add_masked = [&](const char* name, Input x, Shape m, Layout layout = Layout::rows) {
        cases.push_back({.name = name,
                         .inputs = {x, mask(m, layout)},
                         .op = [](const auto& in) { return masked_fill(in[0], gt(in[1], 0), 1.5); },
                         .reference =
                             [](const std::vector<Array>& in) {
                                 std::vector<double> y = in[0].values;
                                 for (std::size_t i = 0; i < y.size(); ++i)
                                     if (in[1].values[broadcast_place(in[1], in[0].shape, i)] > 0) y[i] = 1.5;
                                 return y;
                             },
                         .covers = "masked_fill"});
        cases.push_back({.name = name,
                         .inputs = {x, mask(m, layout)},
                         .op = [](const auto& in) { return masked_select(in[0], gt(in[1], 0)); },
                         .reference =
                             [](const std::vector<Array>& in) {
                                 std::vector<double> y;
                                 for (std::size_t i = 0; i < in[0].values.size(); ++i)
                                     if (in[1].values[broadcast_place(in[1], in[0].shape, i)] > 0)
                                         y.push_back(in[0].values[i]);
                                 return y;
                             },
                         .covers = "masked_select"});
    };
    for (std::int64_t n : {0, 1, 7, 31, 32, 33, 257, 1025}) add_masked("masked vector", {{n}}, {n});
    add_masked("masked scalar", {{}}, {});
    add_masked("masked rows", {{3, 5}}, {3, 1});
    add_masked("masked columns", {{3, 5}}, {5});
    add_masked("masked transposed", {{5, 7}, Layout::transposed}, {5, 7}, Layout::gaps);
    add_masked("masked broadcast", {{5, 7}, Layout::broadcast}, {5, 7}, Layout::transposed);
    return cases;
}

}  // namespace vitrine::testing

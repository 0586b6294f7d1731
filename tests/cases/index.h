// Cases of gather, take_along_dim, index_select, scatter_add and index_add, with references written from the formulas.
#pragma once

#include "op_case.h"
#include "vitrine/core/ops/index.h"

namespace vitrine::testing {

/// The place in row-major order of the coordinates of element `at` of `shape`, where the axis' one is replaced.
inline std::size_t place_along(const Shape& shape, std::size_t at, int axis, double along, const Shape& of) {
    Shape index;
    auto rest = static_cast<std::int64_t>(at);
    for (const std::int64_t step : contiguous_strides(shape)) index.push_back(rest / step), rest %= step;
    if (axis >= 0) index[axis] = static_cast<std::int64_t>(along);
    std::int64_t place = 0;
    for (int d = 0; d < of.dims(); ++d) place = place * of[d] + index[d];
    return static_cast<std::size_t>(place);
}

inline std::vector<double> gather_reference(const Array& x, const Array& t, int axis) {
    std::vector<double> y;
    for (std::size_t i = 0; i < t.values.size(); ++i)
        y.push_back(x.values[place_along(t.shape, i, axis, t.values[i], x.shape)]);
    return y;
}

inline std::vector<double> scatter_reference(const Array& x, const Array& t, const Array& src, int axis) {
    std::vector<double> y = x.values;
    for (std::size_t i = 0; i < t.values.size(); ++i)
        y[place_along(t.shape, i, axis, t.values[i], x.shape)] += src.values[place_along(t.shape, i, -1, 0, src.shape)];
    return y;
}

/// A vector of indices repeated for all other coordinates.
inline Array spread_reference(const Array& t, Shape shape, int axis) {
    shape[axis] = t.shape[0];
    Array all{shape, {}};
    for (std::int64_t i = 0; i < shape.numel(); ++i) {
        std::int64_t inner = 1;
        for (int d = axis + 1; d < shape.dims(); ++d) inner *= shape[d];
        all.values.push_back(t.values[static_cast<std::size_t>(i / inner % shape[axis])]);
    }
    return all;
}

inline std::vector<OpCase> index_cases() {
    std::vector<OpCase> cases;
    const auto indices = [](Shape shape, const Input& x, int axis, Layout layout = Layout::rows) {
        return Input{shape, layout, 0, static_cast<double>(x.shape[axis]), false, true};
    };
    const auto add_along = [&](const char* name, Input x, int axis, Shape t, Input src) {
        cases.push_back({.name = name,
                         .inputs = {x, indices(t, x, axis)},
                         .op = [=](const auto& in) { return gather(in[0], axis, in[1]); },
                         .reference = [=](const auto& in) { return gather_reference(in[0], in[1], axis); },
                         .covers = "gather"});
        cases.push_back({.name = name,
                         .inputs = {x, indices(t, x, axis, Layout::gaps), src},
                         .op = [=](const auto& in) { return scatter_add(in[0], axis, in[1], in[2]); },
                         .reference = [=](const auto& in) { return scatter_reference(in[0], in[1], in[2], axis); },
                         .covers = "scatter_add"});
    };
    for (std::int64_t n : {1, 7, 31, 32, 33, 257}) add_along("along vector", {{n}}, 0, {5}, {{5}});
    for (std::int64_t n : {0, 1, 31, 33, 257}) add_along("along many", {{7}}, 0, {n}, {{n}});
    add_along("along rows", {{3, 5}}, 1, {3, 4}, {{3, 4}});
    add_along("along columns", {{5, 3}}, 0, {4, 3}, {{4, 3}});
    add_along("along middle", {{2, 5, 3}}, 1, {2, 7, 3}, {{2, 7, 3}});
    add_along("along part", {{4, 5, 3}}, 1, {2, 3, 2}, {{3, 4, 2}});
    add_along("along none", {{4, 5}}, 1, {0, 3}, {{4, 3}});
    add_along("along transposed", {{5, 7}, Layout::transposed}, 1, {5, 4}, {{5, 4}, Layout::transposed});
    add_along("along gaps", {{5, 7}, Layout::gaps}, 0, {6, 7}, {{6, 7}, Layout::broadcast});
    add_along("along many lines", {{1100, 2}}, 1, {1100, 3}, {{1100, 3}});

    const auto add_vector = [&](const char* name, Input x, int axis, std::int64_t count, Layout src = Layout::rows) {
        Shape y = x.shape;
        y[axis] = count;
        cases.push_back({.name = name,
                         .inputs = {x, indices({count}, x, axis)},
                         .op = [=](const auto& in) { return index_select(in[0], axis, in[1]); },
                         .reference =
                             [=](const auto& in) {
                                 return gather_reference(in[0], spread_reference(in[1], in[0].shape, axis), axis);
                             },
                         .covers = "index_select"});
        cases.push_back({.name = name,
                         .inputs = {x, indices({count}, x, axis), {y, src}},
                         .op = [=](const auto& in) { return index_add(in[0], axis, in[1], in[2]); },
                         .reference =
                             [=](const auto& in) {
                                 const Array t = spread_reference(in[1], in[0].shape, axis);
                                 return scatter_reference(in[0], t, in[2], axis);
                             },
                         .covers = "index_add"});
    };
    for (std::int64_t cols : {0, 1, 31, 33, 129}) add_vector("rows", {{5, cols}}, 0, 7);
    add_vector("columns", {{5, 7}}, 1, 4);
    add_vector("middle", {{3, 5, 7}}, 1, 2);
    add_vector("no rows", {{3, 5}}, 0, 0);
    add_vector("columns transposed", {{5, 7}, Layout::transposed}, 1, 9, Layout::transposed);
    add_vector("rows with gaps", {{5, 7}, Layout::gaps}, 0, 9, Layout::gaps);

    cases.push_back({.name = "take along",
                     .inputs = {{{1, 5, 3}}, {{4, 6, 1}, Layout::rows, 0, 5, false, true}},
                     .op = [](const auto& in) { return take_along_dim(in[0], in[1], 1); },
                     .reference =
                         [](const auto& in) {
                             std::vector<double> y;
                             for (std::int64_t i = 0; i < 4 * 6 * 3; ++i) {
                                 const auto t = static_cast<std::int64_t>(in[1].values[static_cast<std::size_t>(i / 3)]);
                                 y.push_back(in[0].values[static_cast<std::size_t>(t * 3 + i % 3)]);
                             }
                             return y;
                         },
                     .covers = "take_along_dim"});
    return cases;
}

}  // namespace vitrine::testing

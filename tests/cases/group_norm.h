// Cases of group_norm and layer_norm, with a reference written from the formula.
#pragma once

#include <cmath>

#include "op_case.h"
#include "vitrine/core/ops/group_norm.h"
#include "vitrine/core/ops/layer_norm.h"

namespace vitrine::testing {

/// (x - mean) / sqrt(var + eps) over runs of `size` neighbours in x's row-major order, then times w and plus b, of
/// which element i takes number weight_of(i).
template <class F>
std::vector<double> normalise_runs(const Array& x, std::int64_t size, const std::vector<double>& w,
                                   const std::vector<double>& b, double eps, F weight_of) {
    std::vector<double> y(x.values.size());
    const auto run = static_cast<std::size_t>(size);
    for (std::size_t begin = 0; begin < y.size(); begin += run) {
        double mean = 0, var = 0;
        for (std::size_t i = begin; i < begin + run; ++i) mean += x.values[i] / double(size);
        for (std::size_t i = begin; i < begin + run; ++i)
            var += (x.values[i] - mean) * (x.values[i] - mean) / double(size);
        for (std::size_t i = begin; i < begin + run; ++i) {
            const auto c = static_cast<std::size_t>(weight_of(static_cast<std::int64_t>(i)));
            y[i] = (x.values[i] - mean) / std::sqrt(var + eps) * (w.empty() ? 1 : w[c]) + (b.empty() ? 0 : b[c]);
        }
    }
    return y;
}

inline OpCase group_norm_case(const char* name, Input x, std::int64_t groups, bool affine = true,
                              double f32_tolerance = 1e-5) {
    const std::int64_t channels = x.shape[1];
    std::int64_t pixels = 1;
    for (int d = 2; d < x.shape.dims(); ++d) pixels *= x.shape[d];
    OpCase c{.name = name,
             .inputs = {x},
             .op = nullptr,
             .reference = nullptr,
             .f32_tolerance = f32_tolerance,
             .f64_tolerance = 1e-11};
    if (affine) c.inputs.push_back({{channels}}), c.inputs.push_back({{channels}});
    c.op = [=](const std::vector<Tensor>& in) {
        return group_norm(in[0], groups, affine ? in[1] : Tensor(), affine ? in[2] : Tensor(), 1e-3);
    };
    c.reference = [=](const std::vector<Array>& in) {
        const std::vector<double> none;
        return normalise_runs(in[0], channels / groups * pixels, affine ? in[1].values : none,
                              affine ? in[2].values : none, 1e-3,
                              [=](std::int64_t i) { return i / pixels % channels; });
    };
    c.covers = "group_norm";
    return c;
}

inline OpCase layer_norm_case(const char* name, Input x, int dims, bool affine = true, double f32_tolerance = 1e-5) {
    Shape shape;
    for (int d = x.shape.dims() - dims; d < x.shape.dims(); ++d) shape.push_back(x.shape[d]);
    const std::int64_t width = shape.numel();
    OpCase c{.name = name,
             .inputs = {x},
             .op = nullptr,
             .reference = nullptr,
             .f32_tolerance = f32_tolerance,
             .f64_tolerance = 1e-11};
    if (affine) c.inputs.push_back({shape}), c.inputs.push_back({shape});
    c.op = [=](const std::vector<Tensor>& in) {
        return layer_norm(in[0], shape, affine ? in[1] : Tensor(), affine ? in[2] : Tensor(), 1e-3);
    };
    c.reference = [=](const std::vector<Array>& in) {
        const std::vector<double> none;
        return normalise_runs(in[0], width, affine ? in[1].values : none, affine ? in[2].values : none, 1e-3,
                              [=](std::int64_t i) { return i % width; });
    };
    c.covers = "layer_norm";
    return c;
}

inline std::vector<OpCase> group_norm_cases() {
    return {group_norm_case("images", {{2, 6, 3, 2}}, 3),
            group_norm_case("one group", {{2, 3, 2, 2}}, 1),
            group_norm_case("a group a channel", {{2, 3, 2, 3}}, 3),
            group_norm_case("rows", {{3, 6}}, 2),
            group_norm_case("sequences", {{2, 4, 5}}, 2),
            group_norm_case("one pixel", {{2, 4, 1, 1}}, 2),
            group_norm_case("no images", {{0, 4, 2, 2}}, 2),
            group_norm_case("no pixels", {{2, 4, 0, 2}}, 2),
            group_norm_case("no weights", {{2, 4, 3, 1}}, 2, false),
            group_norm_case("groups across lanes", {{1, 51, 3}}, 3),
            group_norm_case("transposed", {{2, 4, 2, 3}, Layout::transposed}, 2),
            group_norm_case("gaps", {{2, 4, 2, 3}, Layout::gaps}, 2)};
}

inline std::vector<OpCase> layer_norm_cases() {
    std::vector<OpCase> cases;
    for (std::int64_t width : {2, 7, 31, 32, 33}) cases.push_back(layer_norm_case("rows", {{3, width}}, 1));
    cases.push_back(layer_norm_case("one value in a row", {{3, 1}}, 1));
    cases.push_back(layer_norm_case("two dimensions", {{2, 2, 3, 2}}, 2));
    cases.push_back(layer_norm_case("one row", {{13}}, 1));
    cases.push_back(layer_norm_case("no rows", {{0, 5}}, 1));
    cases.push_back(layer_norm_case("no columns", {{5, 0}}, 1));
    cases.push_back(layer_norm_case("no weights", {{4, 5}}, 1, false));
    cases.push_back(layer_norm_case("transposed", {{2, 3, 4}, Layout::transposed}, 1));
    cases.push_back(layer_norm_case("gaps", {{5, 7}, Layout::gaps}, 1));
    cases.push_back(layer_norm_case("broadcast", {{4, 5}, Layout::broadcast}, 1));
    return cases;
}

/// Too many elements for finite differences: values alone.
inline std::vector<OpCase> large_group_norm_cases() {
    return {group_norm_case("a strip and more", {{2, 132, 70}}, 4),
            group_norm_case("large mean in images", {{2, 4, 150}, Layout::rows, 999, 1001}, 2, true, 1e-4)};
}
inline std::vector<OpCase> large_layer_norm_cases() {
    return {layer_norm_case("more than a block", {{67, 129}}, 1), layer_norm_case("chunks", {{2, 2500}}, 1),
            layer_norm_case("large mean", {{3, 300}, Layout::rows, 999, 1001}, 1, true, 1e-4)};
}

}  // namespace vitrine::testing

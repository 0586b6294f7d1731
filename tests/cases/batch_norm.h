// Cases of batch_norm, with a reference written from the formula.
#pragma once

#include <cmath>

#include "op_case.h"
#include "vitrine/core/ops/batch_norm.h"
#include "vitrine/core/ops/creation.h"

namespace vitrine::testing {

/// (x - mean_c) / sqrt(var_c + eps) w_c + b_c; mean and var of x when training, else given in `running` (C means, C
/// vars).
inline std::vector<double> batch_norm_reference(const Array& x, const std::vector<double>& w,
                                                const std::vector<double>& b, const std::vector<double>& running,
                                                bool training, double eps) {
    const std::int64_t channels = x.shape[1];
    std::int64_t inner = 1;
    for (int i = 2; i < x.shape.dims(); ++i) inner *= x.shape[i];
    const auto channel = [&](std::size_t i) {
        return static_cast<std::size_t>(static_cast<std::int64_t>(i) / inner % channels);
    };

    std::vector<double> y(x.values.size());
    for (std::size_t c = 0; c < static_cast<std::size_t>(channels); ++c) {
        double mean = 0, var = 0, count = 0;
        for (std::size_t i = 0; i < y.size(); ++i)
            if (channel(i) == c) mean += x.values[i], count += 1;
        mean /= count;
        for (std::size_t i = 0; i < y.size(); ++i)
            if (channel(i) == c) var += (x.values[i] - mean) * (x.values[i] - mean);
        var /= count;
        if (!training) mean = running[c], var = running[static_cast<std::size_t>(channels) + c];
        for (std::size_t i = 0; i < y.size(); ++i)
            if (channel(i) == c)
                y[i] = (x.values[i] - mean) / std::sqrt(var + eps) * (w.empty() ? 1 : w[c]) + (b.empty() ? 0 : b[c]);
    }
    return y;
}

/// With weight and bias, with neither; in inference with running statistics 0.3 and 1.7.
inline OpCase batch_norm_case(const char* name, Input x, bool training, bool affine = true,
                              double f32_tolerance = 1e-5) {
    const std::int64_t channels = x.shape[1];
    const BatchNormOptions options{.training = training, .eps = 1e-3};
    OpCase c{.name = name,
             .inputs = {x},
             .op = nullptr,
             .reference = nullptr,
             .f32_tolerance = f32_tolerance,
             .covers = "batch_norm"};
    if (affine) c.inputs.push_back({{channels}}), c.inputs.push_back({{channels}});
    c.op = [=](const std::vector<Tensor>& in) {
        const TensorOptions like{.dtype = in[0].dtype(), .device = in[0].device()};
        const Tensor mean = full({channels}, 0.5, like), var = full({channels}, 1.75, like);
        return batch_norm(in[0], affine ? in[1] : Tensor(), affine ? in[2] : Tensor(), mean, var, options);
    };
    c.reference = [=](const std::vector<Array>& in) {
        const auto n = static_cast<std::size_t>(channels);
        std::vector<double> running(2 * n, 0.5);
        std::fill_n(running.begin() + static_cast<std::ptrdiff_t>(n), n, 1.75);
        return batch_norm_reference(in[0], affine ? in[1].values : std::vector<double>(),
                                    affine ? in[2].values : std::vector<double>(), running, training, options.eps);
    };
    return c;
}

inline std::vector<OpCase> batch_norm_cases() {
    std::vector<OpCase> cases;
    for (bool training : {true, false}) {
        cases.push_back(batch_norm_case("rows", {{7, 5}}, training));
        cases.push_back(batch_norm_case("two rows", {{2, 3}}, training));
        cases.push_back(batch_norm_case("one channel", {{13, 1}}, training));
        cases.push_back(batch_norm_case("no images", {{0, 3}}, training));
        cases.push_back(batch_norm_case("no channels", {{4, 0}}, training));
        cases.push_back(batch_norm_case("sequences", {{3, 2, 5}}, training));
        cases.push_back(batch_norm_case("images", {{2, 3, 3, 5}}, training));
        cases.push_back(batch_norm_case("one image", {{1, 2, 4, 3}}, training));
        cases.push_back(batch_norm_case("no weights", {{3, 2, 2, 3}}, training, false));
        cases.push_back(batch_norm_case("transposed", {{2, 3, 3, 2}, Layout::transposed}, training));
        cases.push_back(batch_norm_case("gaps", {{5, 7}, Layout::gaps}, training));
    }
    for (std::int64_t channels : {15, 16, 17, 31, 32, 33})
        cases.push_back(batch_norm_case("columns", {{3, channels}}, true));
    for (OpCase& c : cases) c.f64_tolerance = 1e-11;
    return cases;
}

/// batch_norm_case behind a relu: max(0, it), or max(0, it + r) for the last of the inputs, r.
inline OpCase batch_norm_relu_case(OpCase plain, bool training, bool add) {
    OpCase c = plain;
    const bool affine = plain.inputs.size() == 3;
    c.covers = add ? "batch_norm_add_relu" : "batch_norm_relu";
    if (add) c.inputs.push_back({plain.inputs[0].shape});
    c.op = [=](const std::vector<Tensor>& in) {
        const TensorOptions like{.dtype = in[0].dtype(), .device = in[0].device()};
        const Tensor mean = full({in[0].size(1)}, 0.5, like), var = full({in[0].size(1)}, 1.75, like);
        const Tensor w = affine ? in[1] : Tensor(), b = affine ? in[2] : Tensor();
        const BatchNormOptions options{.training = training, .eps = 1e-3};
        return add ? batch_norm_add_relu(in[0], in.back(), w, b, mean, var, options)
                   : batch_norm_relu(in[0], w, b, mean, var, options);
    };
    c.reference = [=](const std::vector<Array>& in) {
        std::vector<double> y = plain.reference(in);
        for (std::size_t i = 0; i < y.size(); ++i) y[i] = std::fmax(0, y[i] + (add ? in.back().values[i] : 0));
        return y;
    };
    return c;
}

inline std::vector<OpCase> with_relu(const std::vector<std::pair<OpCase, bool>>& plain) {
    std::vector<OpCase> cases;
    for (const auto& [c, training] : plain)
        for (bool add : {false, true}) cases.push_back(batch_norm_relu_case(c, training, add));
    for (OpCase& c : cases) c.f64_tolerance = 1e-11;
    return cases;
}

inline std::vector<OpCase> batch_norm_relu_cases() {
    std::vector<std::pair<OpCase, bool>> plain;
    for (bool training : {true, false}) {
        plain.emplace_back(batch_norm_case("rows relu", {{5, 3}}, training), training);
        plain.emplace_back(batch_norm_case("no images relu", {{0, 3}}, training), training);
        plain.emplace_back(batch_norm_case("images relu", {{2, 3, 3, 2}}, training), training);
        plain.emplace_back(batch_norm_case("no weights relu", {{3, 2, 2}}, training, false), training);
        plain.emplace_back(batch_norm_case("transposed relu", {{2, 3, 2}, Layout::transposed}, training), training);
    }
    return with_relu(plain);
}

inline std::vector<OpCase> large_batch_norm_relu_cases() {
    std::vector<std::pair<OpCase, bool>> plain;
    for (std::int64_t channels : {1, 31, 32, 33})
        plain.emplace_back(batch_norm_case("columns relu", {{3, channels}}, true), true);
    plain.emplace_back(batch_norm_case("pieces relu", {{1031, 18}}, true), true);
    plain.emplace_back(batch_norm_case("channels beyond a strip relu", {{3, 131, 2}}, true), true);
    return with_relu(plain);
}

/// Too many elements for finite differences: values alone.
inline std::vector<OpCase> large_batch_norm_cases() {
    std::vector<OpCase> cases;
    for (std::int64_t rows : {63, 64, 65, 1031}) cases.push_back(batch_norm_case("pieces", {{rows, 18}}, true));
    cases.push_back(batch_norm_case("channels beyond a strip", {{3, 131, 2}}, true));
    // The mean is rounded to half an ulp of 1000, 3e-5 of the deviation; sums of squares would leave no digit.
    cases.push_back(batch_norm_case("large mean", {{500, 3}, Layout::rows, 999, 1001}, true, true, 1e-4));
    return cases;
}

}  // namespace vitrine::testing

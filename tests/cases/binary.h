// Cases of the binary family, with references written from the formulas.
#pragma once

#include <algorithm>
#include <cmath>

#include "op_case.h"
#include "vitrine/core/ops/binary.h"

namespace vitrine::testing {

/// y at every index of the broadcast shape, by going through x and w with their own indices.
inline std::vector<double> broadcast_reference(const Array& x, const Array& w,
                                               const std::function<double(double, double)>& f) {
    const int dims = std::max(x.shape.dims(), w.shape.dims());
    const auto size = [dims](const Array& a, int d) {
        return d < dims - a.shape.dims() ? 1 : a.shape[d - dims + a.shape.dims()];
    };
    std::int64_t count = 1;
    for (int d = 0; d < dims; ++d) count *= size(x, d) == 1 ? size(w, d) : size(x, d);
    std::vector<double> y(static_cast<std::size_t>(count));
    for (std::int64_t i = 0; i < count; ++i) {
        std::int64_t rest = i, xi = 0, wi = 0, x_stride = 1, w_stride = 1;
        for (int d = dims - 1; d >= 0; --d) {
            const std::int64_t xs = size(x, d), ws = size(w, d), ys = xs == 1 ? ws : xs, at = rest % ys;
            rest /= ys;
            xi += xs == 1 ? 0 : at * x_stride;
            wi += ws == 1 ? 0 : at * w_stride;
            x_stride *= xs, w_stride *= ws;
        }
        y[static_cast<std::size_t>(i)] =
            f(x.values[static_cast<std::size_t>(xi)], w.values[static_cast<std::size_t>(wi)]);
    }
    return y;
}

/// One function of the family and its formula; divisors lie above 0.3.
struct BinaryFunction {
    const char* name;
    std::function<Tensor(Operand, Operand)> op;
    std::function<double(double, double)> formula;
    bool differentiable = true;
};

inline std::vector<BinaryFunction> binary_functions() {
    return {
        {"add", add, [](double x, double w) { return x + w; }},
        {"sub", sub, [](double x, double w) { return x - w; }},
        {"mul", mul, [](double x, double w) { return x * w; }},
        {"div", div, [](double x, double w) { return x / w; }},
        {"maximum", maximum, [](double x, double w) { return x > w ? x : w; }},
        {"minimum", minimum, [](double x, double w) { return x < w ? x : w; }},
        {"eq", eq, [](double x, double w) { return x == w; }, false},
        {"ne", ne, [](double x, double w) { return x != w; }, false},
        {"lt", lt, [](double x, double w) { return x < w; }, false},
        {"le", le, [](double x, double w) { return x <= w; }, false},
        {"gt", gt, [](double x, double w) { return x > w; }, false},
        {"ge", ge, [](double x, double w) { return x >= w; }, false},
    };
}

inline OpCase binary_case(const BinaryFunction& f, Input x, Input w) {
    x.low = w.low = 0.3, x.high = w.high = 3;
    return {.name = f.name,
            .inputs = {x, w},
            .op = [f](const std::vector<Tensor>& in) { return f.op(in[0], in[1]); },
            .reference = [f](const std::vector<Array>& in) { return broadcast_reference(in[0], in[1], f.formula); },
            .differentiable = f.differentiable,
            .covers = f.name};
}

/// f(x, number) and f(number, x).
inline OpCase number_case(const BinaryFunction& f, Shape shape, Layout layout, bool left) {
    return {.name = f.name,
            .inputs = {{shape, layout, 0.3, 3}},
            .op = [=](const std::vector<Tensor>& in) { return left ? f.op(1.5, in[0]) : f.op(in[0], 1.5); },
            .reference =
                [=](const std::vector<Array>& in) {
                    std::vector<double> y;
                    for (double x : in[0].values) y.push_back(left ? f.formula(1.5, x) : f.formula(x, 1.5));
                    return y;
                },
            .differentiable = f.differentiable,
            .covers = f.name};
}

/// Every function on a few shapes; mul on all, for the driver that they share.
inline std::vector<OpCase> binary_cases() {
    std::vector<OpCase> cases;
    for (const BinaryFunction& f : binary_functions()) {
        cases.push_back(binary_case(f, {{33}}, {{33}}));
        cases.push_back(binary_case(f, {{3, 5}}, {{5}}));
        cases.push_back(binary_case(f, {{3, 1}}, {{2, 1, 4}}));
        for (bool left : {false, true}) cases.push_back(number_case(f, {3, 7}, Layout::rows, left));
        for (bool left : {false, true}) cases.push_back(number_case(f, {3, 7}, Layout::gaps, left));
        if (f.name != std::string("mul") && f.name != std::string("maximum")) continue;
        for (std::int64_t size : {0, 1, 7, 31, 32, 1025}) cases.push_back(binary_case(f, {{size}}, {{size}}));
        cases.push_back(binary_case(f, {{}}, {{}}));
        cases.push_back(binary_case(f, {{}}, {{3, 2}}));
        cases.push_back(binary_case(f, {{0, 3}}, {{3}}));
        cases.push_back(binary_case(f, {{1, 3}}, {{0, 1}}));
        cases.push_back(binary_case(f, {{4, 1}}, {{1, 33}}));
        cases.push_back(binary_case(f, {{2, 3, 5}, Layout::transposed}, {{2, 3, 5}, Layout::transposed}));
        cases.push_back(binary_case(f, {{3, 5}, Layout::transposed}, {{3, 5}, Layout::gaps}));
        cases.push_back(binary_case(f, {{3, 5}, Layout::broadcast}, {{3, 5}}));
    }
    return cases;
}

}  // namespace vitrine::testing

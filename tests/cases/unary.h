// Cases of the unary family, with references written from the formulas.
#pragma once

#include <cmath>

#include "op_case.h"
#include "vitrine/core/ops/unary.h"

namespace vitrine::testing {

/// One function of the family: the op, its formula in double, and where it is tested.
struct UnaryFunction {
    const char* name;
    std::function<Tensor(const Tensor&)> op;
    std::function<double(double)> formula;
    double low = -3, high = 3;
    bool twice = true;
};

inline std::vector<UnaryFunction> unary_functions() {
    const auto sigmoid_of = [](double x) { return 1 / (1 + std::exp(-x)); };
    const auto softplus_of = [](double x) { return 3 * x > 4 ? x : std::log(1 + std::exp(3 * x)) / 3; };
    const auto gelu_of = [](double x) { return x * (1 + std::erf(x / std::sqrt(2.0))) / 2; };
    const auto gelu_tanh_of = [](double x) {
        return x / 2 * (1 + std::tanh(std::sqrt(2 / std::acos(-1.0)) * (x + 0.044715 * x * x * x)));
    };
    return {
        {"exp", [](const Tensor& x) { return exp(x); }, [](double x) { return std::exp(x); }},
        {"log", [](const Tensor& x) { return log(x); }, [](double x) { return std::log(x); }, 0.1, 5},
        {"sqrt", [](const Tensor& x) { return sqrt(x); }, [](double x) { return std::sqrt(x); }, 0.1, 5},
        {"rsqrt", [](const Tensor& x) { return rsqrt(x); }, [](double x) { return 1 / std::sqrt(x); }, 0.2, 5},
        {"square", [](const Tensor& x) { return square(x); }, [](double x) { return x * x; }},
        {"abs", [](const Tensor& x) { return abs(x); }, [](double x) { return x < 0 ? -x : x; }},
        {"neg", [](const Tensor& x) { return -x; }, [](double x) { return -x; }},
        {"reciprocal", [](const Tensor& x) { return reciprocal(x); }, [](double x) { return 1 / x; }, 0.3, 5},
        {"sin", [](const Tensor& x) { return sin(x); }, [](double x) { return std::sin(x); }, -9, 9},
        {"cos", [](const Tensor& x) { return cos(x); }, [](double x) { return std::cos(x); }, -9, 9},
        {"erf", [](const Tensor& x) { return erf(x); }, [](double x) { return std::erf(x); }},
        {"pow 3", [](const Tensor& x) { return pow(x, 3); }, [](double x) { return x * x * x; }},
        {"pow 2", [](const Tensor& x) { return pow(x, 2); }, [](double x) { return x * x; }},
        {"pow 1", [](const Tensor& x) { return pow(x, 1); }, [](double x) { return x; }},
        {"pow 0", [](const Tensor& x) { return pow(x, 0); }, [](double) { return 1.0; }},
        {"pow 0.5", [](const Tensor& x) { return pow(x, 0.5); }, [](double x) { return std::sqrt(x); }, 0.1, 5},
        {"pow -0.5", [](const Tensor& x) { return pow(x, -0.5); }, [](double x) { return 1 / std::sqrt(x); }, 0.2, 5},
        {"pow -1", [](const Tensor& x) { return pow(x, -1); }, [](double x) { return 1 / x; }, 0.3, 5},
        {"pow -1.7", [](const Tensor& x) { return pow(x, -1.7); },
         [](double x) { return std::exp(-1.7 * std::log(x)); }, 0.3, 5},
        {"clamp", [](const Tensor& x) { return clamp(x, -1, 0.5); },
         [](double x) { return x < -1    ? -1
                               : x > 0.5 ? 0.5
                                         : x; }},
        {"sigmoid", [](const Tensor& x) { return sigmoid(x); }, sigmoid_of, -6, 6},
        {"tanh", [](const Tensor& x) { return tanh(x); }, [](double x) { return std::tanh(x); }},
        {"relu", [](const Tensor& x) { return relu(x); }, [](double x) { return x > 0 ? x : 0; }},
        {"leaky_relu", [](const Tensor& x) { return leaky_relu(x, 0.2); },
         [](double x) { return x > 0 ? x : 0.2 * x; }},
        {"silu", [](const Tensor& x) { return silu(x); }, [=](double x) { return x * sigmoid_of(x); }, -6, 6},
        {"softplus", [](const Tensor& x) { return softplus(x, 3, 4); }, softplus_of},
        {"gelu", [](const Tensor& x) { return gelu(x); }, gelu_of},
        {"gelu tanh", [](const Tensor& x) { return gelu(x, GeluApproximation::tanh); }, gelu_tanh_of},
    };
}

inline OpCase unary_case(const UnaryFunction& f, Shape shape, Layout layout) {
    return {.name = f.name,
            .inputs = {{shape, layout, f.low, f.high}},
            .op = [f](const std::vector<Tensor>& in) { return f.op(in[0]); },
            .reference =
                [f](const std::vector<Array>& in) {
                    std::vector<double> y;
                    for (double x : in[0].values) y.push_back(f.formula(x));
                    return y;
                },
            .twice = f.twice};
}

/// Every function on a few layouts; tanh on all shapes, for the driver that they share.
inline std::vector<OpCase> unary_cases() {
    std::vector<OpCase> cases;
    for (const UnaryFunction& f : unary_functions()) {
        cases.push_back(unary_case(f, {33}, Layout::rows));
        cases.push_back(unary_case(f, {3, 7}, Layout::transposed));
        cases.push_back(unary_case(f, {2, 5}, Layout::gaps));
        if (f.name != std::string("tanh")) continue;
        for (std::int64_t size : {0, 1, 31, 32, 127, 1025}) cases.push_back(unary_case(f, {size}, Layout::rows));
        cases.push_back(unary_case(f, {}, Layout::rows));
        cases.push_back(unary_case(f, {2, 0, 3}, Layout::rows));
        cases.push_back(unary_case(f, {2, 3, 5, 7}, Layout::transposed));
        cases.push_back(unary_case(f, {4, 33}, Layout::broadcast));
    }
    return cases;
}

}  // namespace vitrine::testing

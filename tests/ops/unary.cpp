#include "cases/unary.h"

#include <doctest/doctest.h>

#include "vitrine/core/backward.h"
#include "vitrine/core/grad_mode.h"
#include "vitrine/core/node.h"
#include "vitrine/core/ops/binary.h"
#include "vitrine/core/ops/creation.h"
#include "vitrine/core/ops/reduce.h"
#include "vitrine/kernels/base/math.h"

using namespace vitrine;
using namespace vitrine::testing;

TEST_CASE("ops/unary: values, gradients and second derivatives on every device") { check_op(unary_cases()); }

namespace {

// Distance of two floats in units of the last place of the wanted one.
double ulps(float got, double wanted) {
    const auto w = static_cast<float>(wanted);
    if (std::isnan(w)) return std::isnan(got) ? 0 : INFINITY;
    if (std::isinf(w) || w == 0)
        return got == w ? 0 : std::fabs(double(got)) < 2e-45 || std::fabs(double(got)) > 3.4e38 ? 1 : INFINITY;
    const double unit = std::nextafter(std::fabs(w), INFINITY) - std::fabs(w);
    return std::isinf(unit) ? 0 : std::fabs(got - wanted) / unit;
}

// Floats of every exponent and sign, among them zeros, denormals, infinities and NaN.
std::vector<float> all_kinds_of_floats() {
    std::vector<float> values;
    for (std::uint64_t bits = 0; bits < 1ull << 32; bits += 1'048'573 / 4)
        values.push_back(std::bit_cast<float>(static_cast<std::uint32_t>(bits)));
    for (float x : {0.0f, -0.0f, 1.0f, -1.0f, 88.7f, 88.8f, -87.4f, -103.9f, INFINITY, -INFINITY, NAN, 0.625f, 0.92f,
                    131072.0f, 1e30f, 3.14159265f})
        values.push_back(x);
    return values;
}

}  // namespace

TEST_CASE("ops/unary: f32 results over the whole range are within a few ulp of double") {
    struct Function {
        const char* name;
        std::function<Tensor(const Tensor&)> op;
        std::function<double(double)> formula;
        double ulp;
    };
    const std::vector<Function> functions{
        {"exp", [](const Tensor& x) { return exp(x); }, [](double x) { return std::exp(x); }, 1.1},
        {"log", [](const Tensor& x) { return log(x); }, [](double x) { return std::log(x); }, 1},
        {"tanh", [](const Tensor& x) { return tanh(x); }, [](double x) { return std::tanh(x); }, 2},
        {"sin", [](const Tensor& x) { return sin(x); }, [](double x) { return std::sin(x); }, 2},
        {"cos", [](const Tensor& x) { return cos(x); }, [](double x) { return std::cos(x); }, 2},
        {"sigmoid", [](const Tensor& x) { return sigmoid(x); },
         [](double x) { return x < 0 ? std::exp(x) / (1 + std::exp(x)) : 1 / (1 + std::exp(-x)); }, 2.5},
        {"softplus", [](const Tensor& x) { return softplus(x, 1, INFINITY); },
         [](double x) { return x > 0 ? x + std::log1p(std::exp(-x)) : std::log1p(std::exp(x)); }, 2.5},
    };
    const std::vector<float> values = all_kinds_of_floats();
    for (Device device : {Device::cpu, Device::simt}) {  // the same polynomials
        if (!is_available(device)) continue;
        const Tensor x = from_vector(std::vector<float>(values), {static_cast<std::int64_t>(values.size())}).to(device);
        for (const Function& f : functions) {
            const auto y = f.op(x).to_vector<float>();
            double worst = 0;
            float where = 0;
            for (std::size_t i = 0; i < y.size(); ++i) {
                const double d = ulps(y[i], f.formula(values[i]));
                if (!(d <= worst)) worst = d, where = values[i];
            }
            CHECK_MESSAGE(worst <= f.ulp, f.name, " on ", device, " is off by ", worst, " ulp at ", where);
        }
    }
}

TEST_CASE("ops/unary: erf, on which gelu stands, and log1p within two ulp") {
    for (float x : all_kinds_of_floats()) {
        CHECK(ulps(kernels::math::erf(x), std::erf(double(x))) <= 2);
        CHECK(ulps(kernels::math::log1p(x), std::log1p(double(x))) <= 2);
    }
}

TEST_CASE("ops/unary: special values and derivatives where they jump") {
    for (Device device : available_devices()) {
        const Tensor x =
            tensor({double(NAN), -1.0, -0.0, 0.0, 1.0}, {.dtype = DType::f32, .device = device, .requires_grad = true});
        const auto slope = [&](const Tensor& y) {
            return values_of(grad({y}, {x}, {.grad_outputs = {ones_like(y)}})[0]);
        };
        const auto same = [](const std::vector<double>& got, const std::vector<double>& wanted) {
            for (std::size_t i = 1; i < wanted.size(); ++i) CHECK(got[i] == wanted[i]);
        };
        same(slope(abs(x)), {0, -1, 0, 0, 1});
        same(slope(relu(x)), {0, 0, 0, 0, 1});
        same(slope(leaky_relu(x, 0.5)), {0, 0.5, 0.5, 0.5, 1});
        same(slope(clamp(x, -1, 0)), {0, 1, 1, 1, 0});
        for (const Tensor& y : {relu(x), clamp(x, -1, 1), abs(x), leaky_relu(x), sigmoid(x), gelu(x), softplus(x)})
            CHECK(std::isnan(values_of(y)[0]));
        const auto roots = values_of(sqrt(x));
        CHECK(std::isnan(roots[1]));
        CHECK(roots[3] == 0);
        CHECK(std::isinf(values_of(log(x))[3]));
    }
}

TEST_CASE("ops/unary: a permuted tensor keeps its layout, a slice becomes rows") {
    const Tensor x = ones({2, 3, 5}).transpose(0, 2);
    CHECK(exp(x).strides() == x.strides());
    CHECK(exp(ones({4, 6}).slice(1, 0, 6, 2)).strides() == Strides{3, 1});
}

TEST_CASE("ops/unary: neg of integers wraps around, of bools is an error") {
    int line = 0;
    std::string error;
    const auto at = [&](const std::string& text) { return join(text, " (unary.cpp:", line, ")"); };
    for (Device device : available_devices()) {
        const Tensor x = tensor({1, -5, 0}, {.dtype = DType::i32, .device = device});
        CHECK((-x).dtype() == DType::i32);
        CHECK(values_of(-x) == std::vector<double>{-1, 5, 0});
        CHECK(values_of(-full({1}, -2147483648.0, {.dtype = DType::i32, .device = device})) ==
              std::vector<double>{-2147483648.0});
    }
    error = error_of([&] { line = __LINE__, neg(tensor({true})); });
    CHECK(error == at("neg: x is bool; use x == false, or cast it with to()"));
}

TEST_CASE("ops/unary: errors name the op, what was given, what is allowed and the line") {
    int line = 0;
    std::string error;
    const auto at = [&](const std::string& text) { return join(text, " (unary.cpp:", line, ")"); };
    const Tensor x = zeros({2}, {.dtype = DType::i64});
    error = error_of([&] { line = __LINE__, exp(x); });
    CHECK(error == at("exp: x is i64; allowed are f32 and f64"));
    error = error_of([&] { line = __LINE__, gelu(x); });
    CHECK(error == at("gelu: x is i64; allowed are f32 and f64"));
    error = error_of([&] { line = __LINE__, tanh(Tensor()); });
    CHECK(error == at("tanh: x is undefined"));
    error = error_of([&] { line = __LINE__, vitrine::exp(1.0); });
    CHECK(error == at("exp: x is a number; allowed is a tensor"));
    error = error_of([&] { line = __LINE__, softplus(zeros({2}), 0); });
    CHECK(error == at("softplus: beta is 0; allowed are numbers above 0"));
    error = error_of([&] { line = __LINE__, clamp(zeros({2}), NAN, 1); });
    CHECK(error == at("clamp: the bounds are nan and 1; NaN is not allowed"));
}

TEST_CASE("ops/unary: the node knows its name and its line, and detects a change in place") {
    Tensor x = zeros({3}, {.requires_grad = true});
    const Tensor y = sin(x);
    const int line = __LINE__ - 1;
    CHECK(y.node()->name() == std::string("sin"));
    CHECK(join(y.node()->site()) == join("unary.cpp:", line));
    no_grad([&] { return x.fill_(1); });
    CHECK(error_of([&] { sum(y).backward(); }) ==
          join("sin: x, saved for backward, was changed in place afterwards (version 2, saved at 1) (unary.cpp:", line,
               ")"));
}

TEST_CASE("ops/unary: a third derivative") {
    const Tensor x = full({1}, 0.7, {.dtype = DType::f64, .requires_grad = true});
    Tensor y = sin(x);
    for (int i = 0; i < 3; ++i) y = grad({y}, {x}, {.create_graph = true})[0];
    CHECK(y.item<double>() == doctest::Approx(-std::cos(0.7)));
}

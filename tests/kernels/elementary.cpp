// The elementary functions of floats against double, on the way that tensors take. Every 1,009th float; all 2^32 of them
// (some ten minutes) with VITRINE_TEST_EVERY_FLOAT=1 in the environment.
#include <doctest/doctest.h>

#include <bit>
#include <cmath>
#include <cstdlib>
#include <functional>

#include "vitrine/core/grad_mode.h"
#include "vitrine/core/ops/creation.h"
#include "vitrine/core/ops/unary.h"

using namespace vitrine;

namespace {

// Distance of two floats in units of the last place of the wanted one.
double ulps(float got, double wanted) {
    const auto w = static_cast<float>(wanted);
    if (std::isnan(w)) return std::isnan(got) ? 0 : INFINITY;
    if (w == 0 && std::fabs(wanted) < 1e-45) return got == 0 && std::signbit(got) == std::signbit(w) ? 0 : std::fabs(double(got)) / 0x1p-149;
    if (std::isinf(w) && std::isinf(got)) return std::signbit(got) == std::signbit(w) ? 0 : INFINITY;
    const double unit = std::ldexp(1.0, std::max(std::ilogb(wanted) - 23, -149));
    return std::fabs((std::isinf(got) ? std::copysign(0x1p128, got) : double(got)) - wanted) / unit;
}

struct Worst {
    double ulp = 0;
    float at = 0;
};

Worst worst_of(Tensor (*op)(const Tensor&), double (*formula)(double), std::uint64_t step) {
    constexpr std::uint64_t block = 1 << 16, all = std::uint64_t{1} << 32;
    const NoGrad no_grad;
    Tensor x = empty({block}, {.dtype = DType::f32});
    float* const xs = x.data<float>();
    Worst worst;
    for (std::uint64_t begin = 0; begin < all; begin += block * step) {
        for (std::uint64_t i = 0; i < block; ++i) xs[i] = std::bit_cast<float>(static_cast<std::uint32_t>(begin + i * step));
        const Tensor y = op(x);
        const float* const ys = y.data<float>();
        for (std::uint64_t i = 0; i < block; ++i) {
            const double d = ulps(ys[i], formula(xs[i]));
            if (!(d <= worst.ulp)) worst = {d, xs[i]};
        }
    }
    return worst;
}

}  // namespace

TEST_CASE("kernels/elementary: f32 functions over every float, within a bound in units of the last place") {
    struct Function {
        const char* name;
        Tensor (*op)(const Tensor&);
        double (*formula)(double);
        double bound;  // in head comment of kernels/base/math.h and docs/performance/elementwise.md
    };
    const Function functions[] = {
        {"exp", [](const Tensor& x) { return exp(x); }, [](double x) { return std::exp(x); }, 1.2},
        {"log", [](const Tensor& x) { return log(x); }, [](double x) { return std::log(x); }, 1.2},
        {"tanh", [](const Tensor& x) { return tanh(x); }, [](double x) { return std::tanh(x); }, 2},
        {"erf", [](const Tensor& x) { return erf(x); }, [](double x) { return std::erf(x); }, 2},
        {"sigmoid", [](const Tensor& x) { return sigmoid(x); },
         [](double x) { return x < 0 ? std::exp(x) / (1 + std::exp(x)) : 1 / (1 + std::exp(-x)); }, 2.5},
        {"softplus", [](const Tensor& x) { return softplus(x, 1, INFINITY); },
         [](double x) { return x > 0 ? x + std::log1p(std::exp(-x)) : std::log1p(std::exp(x)); }, 2.2},
        {"sin", [](const Tensor& x) { return sin(x); }, [](double x) { return std::sin(x); }, 2},
        {"cos", [](const Tensor& x) { return cos(x); }, [](double x) { return std::cos(x); }, 2},
    };
    const char* const every = std::getenv("VITRINE_TEST_EVERY_FLOAT");
    for (const Function& f : functions) {
        const Worst worst = worst_of(f.op, f.formula, every ? 1 : 1009);
        CHECK_MESSAGE(worst.ulp <= f.bound, f.name, " is off by ", worst.ulp, " ulp at ", worst.at);
        if (every) MESSAGE(f.name, ": ", worst.ulp, " ulp at ", worst.at);
    }
}

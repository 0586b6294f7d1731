#include "gradcheck.h"

#include <algorithm>
#include <cmath>
#include <random>

#include "backward.h"
#include "grad_mode.h"
#include "vitrine/core/ops/binary.h"
#include "vitrine/core/ops/creation.h"
#include "vitrine/core/ops/reduce.h"

namespace vitrine {
namespace {

using Values = std::vector<double>;

Values random_values(std::int64_t count, std::mt19937_64& random) {
    std::normal_distribution<double> normal;
    Values values(static_cast<std::size_t>(count));
    for (double& v : values) v = normal(random);
    return values;
}

double dot(const Values& a, const Values& b) {
    double sum = 0;
    for (std::size_t i = 0; i < a.size(); ++i) sum += a[i] * b[i];
    return sum;
}

Tensor like(const Tensor& x, const Values& values) {
    return from_values(std::span<const double>(values), x.shape(), {.dtype = x.dtype(), .device = x.device()});
}

// L with inputs[which] moved by step * u.
double loss_at(const TensorFunction& f, std::vector<Tensor> inputs, std::size_t which, const Values& u, double step, const Values& v) {
    const NoGrad no_grad;
    Values moved = inputs[which].to_vector<double>();
    for (std::size_t i = 0; i < moved.size(); ++i) moved[i] += step * u[i];
    inputs[which] = like(inputs[which], moved);
    return dot(f(inputs).to_vector<double>(), v);
}

GradcheckResult disagree(const char* what, std::size_t input, const std::string& where, double analytic, double numeric) {
    std::ostringstream text;
    text.precision(10);
    text << what << ": input " << input << ", " << where << ": gradient " << analytic << ", finite difference " << numeric;
    return {.passed = false, .text = text.str()};
}

GradcheckResult check(const char* what, const TensorFunction& f, const std::vector<Tensor>& inputs, const GradcheckOptions& options) {
    std::vector<Tensor> asked;
    for (const Tensor& x : inputs) {
        if (!x.requires_grad()) continue;
        VITRINE_CHECK(x.dtype() == DType::f64, what, ": an input is ", x.dtype(), "; allowed is f64");
        asked.push_back(x);
    }
    VITRINE_CHECK(!asked.empty(), what, ": no input requires grad");

    std::mt19937_64 random(options.seed);
    const Tensor y = f(inputs);
    const Values v = random_values(y.numel(), random);
    const auto gradients = grad({y}, asked, {.grad_outputs = {like(y, v)}, .allow_unused = true});

    constexpr std::int64_t every_element_to = 100;
    constexpr int directions = 10;
    GradcheckResult result;
    std::size_t next = 0;
    for (std::size_t i = 0; i < inputs.size(); ++i) {
        if (!inputs[i].requires_grad()) continue;
        const Tensor& dx = gradients[next++];
        const std::int64_t numel = inputs[i].numel();
        const Values analytic = dx.defined() ? dx.to_vector<double>() : Values(static_cast<std::size_t>(numel));
        const bool each = numel <= every_element_to;
        for (std::int64_t k = 0; k < (each ? numel : directions); ++k) {
            Values u(static_cast<std::size_t>(numel));
            if (each) u[static_cast<std::size_t>(k)] = 1;
            else u = random_values(numel, random);
            const double numeric = (loss_at(f, inputs, i, u, options.eps, v) - loss_at(f, inputs, i, u, -options.eps, v)) / (2 * options.eps);
            const double expected = dot(analytic, u), scale = each ? 1 : std::sqrt(static_cast<double>(numel));
            if (!(std::fabs(expected - numeric) <= options.atol * scale + options.rtol * std::fabs(numeric)))
                return disagree(what, i, join(each ? "element " : "direction ", k), expected, numeric);
            result.error = std::max(result.error, std::fabs(expected - numeric) / (scale + std::fabs(numeric)));
        }
    }
    return result;
}

}  // namespace

GradcheckResult gradcheck_function(const TensorFunction& f, const std::vector<Tensor>& inputs, GradcheckOptions options) {
    const GradMode mode(true);
    return check("gradcheck", f, inputs, options);
}

GradcheckResult gradgradcheck_function(const TensorFunction& f, const std::vector<Tensor>& inputs, GradcheckOptions options) {
    const GradMode mode(true);
    const Tensor y = f(inputs);
    std::mt19937_64 random(options.seed + 1);
    std::vector<Tensor> all = inputs;
    all.push_back(like(y, random_values(y.numel(), random)).requires_grad_());

    // All the first derivatives as one function of inputs and incoming gradient, weighed so that none hides another.
    const TensorFunction first = [&](const std::vector<Tensor>& x) {
        const GradMode recording(true);
        std::vector<Tensor> in(x.begin(), x.end() - 1), asked;
        for (std::size_t i = 0; i < in.size(); ++i) {
            if (!inputs[i].requires_grad()) continue;
            if (!in[i].requires_grad()) in[i] = in[i].detach().requires_grad_();
            asked.push_back(in[i]);
        }
        const auto dx = grad({f(in)}, asked, {.grad_outputs = {x.back()}, .create_graph = true, .allow_unused = true});
        Tensor total;
        std::mt19937_64 weights(options.seed + 2);
        for (std::size_t i = 0; i < dx.size(); ++i) {
            const Values w = random_values(asked[i].numel(), weights);
            if (!dx[i].defined()) continue;
            const Tensor part = sum(dx[i] * like(dx[i], w));
            total = total.defined() ? total + part : part;
        }
        return total.defined() ? total : zeros({}, {.dtype = DType::f64, .device = x[0].device()});
    };
    if (!first(all).requires_grad()) return {};  // the first derivatives are constant
    return check("gradgradcheck", first, all, options);
}

}  // namespace vitrine

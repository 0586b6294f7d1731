// Gradients against finite differences.
#pragma once

#include <functional>
#include <string>
#include <type_traits>
#include <vector>

#include "operand.h"

namespace vitrine {

/// How closely gradients must agree; a flat aggregate.
struct GradcheckOptions {
    double eps = 1e-6;            ///< step of the central difference
    double atol = 1e-5;           ///< |difference| <= atol + rtol * |numeric|
    double rtol = 1e-3;
    std::uint64_t seed = 1;       ///< of the random projection and directions
};

/// What gradcheck found. Converts to true when all gradients agree.
struct GradcheckResult {
    bool passed = true;
    std::string text;  ///< the first disagreement: input, element, both values
    double error = 0;  ///< the largest |gradient - finite difference| / (1 + |finite difference|) seen
    explicit operator bool() const { return passed; }
};

using TensorFunction = std::function<Tensor(const std::vector<Tensor>&)>;

/// Compares the gradient of L = sum(v * f(inputs)), v random, with (L(x + eps u) - L(x - eps u)) / 2 eps for every input
/// that requires grad: u is each unit vector in turn (inputs to 100 elements) or 10 random directions. Inputs must be
/// f64 (else Error); each is left as it was.
GradcheckResult gradcheck_function(const TensorFunction& f, const std::vector<Tensor>& inputs, GradcheckOptions options = {});
/// The same for the gradient of f as a function of inputs and of the incoming gradient: second derivatives.
GradcheckResult gradgradcheck_function(const TensorFunction& f, const std::vector<Tensor>& inputs, GradcheckOptions options = {});

namespace gradcheck_arguments {
template <class F, std::size_t... I>
TensorFunction spread(F f, std::index_sequence<I...>) {
    return [f](const std::vector<Tensor>& x) { return Tensor(f(x[I]...)); };
}
}  // namespace gradcheck_arguments

/// `gradcheck(vt::exp, x)`, `gradcheck([](auto& a, auto& b) { return a * b; }, a, b)`.
template <class F, class... Tensors>
    requires(std::is_same_v<Tensors, Tensor> && ...)
GradcheckResult gradcheck(F f, const Tensors&... inputs) {
    return gradcheck_function(gradcheck_arguments::spread(f, std::index_sequence_for<Tensors...>{}), {inputs...});
}
template <class F, class... Tensors>
    requires(std::is_same_v<Tensors, Tensor> && ...)
GradcheckResult gradgradcheck(F f, const Tensors&... inputs) {
    return gradgradcheck_function(gradcheck_arguments::spread(f, std::index_sequence_for<Tensors...>{}), {inputs...});
}

}  // namespace vitrine

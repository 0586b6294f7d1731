#include <cmath>
#include <limits>

#include "node_case.h"

namespace vitrine::data {
namespace {

std::vector<double> numbers_of(const Tensor& x) {
    const NoGrad no_grad;
    return x.detach().to(Device::cpu).to(DType::f64).to_vector<double>();
}

double largest(const std::vector<double>& numbers) {
    double most = 0;
    for (const double v : numbers)
        if (std::isfinite(v)) most = std::max(most, std::fabs(v));
    return most;
}

double largest(const std::vector<Tensor>& tensors) {
    double most = 0;
    for (const Tensor& x : tensors)
        if (x.defined()) most = std::max(most, largest(numbers_of(x)));
    return most;
}

Shape index_in(const Shape& shape, std::size_t element) {
    Shape index = shape;
    auto rest = static_cast<std::int64_t>(element);
    for (int d = shape.dims() - 1; d >= 0; --d) index[d] = rest % shape[d], rest /= shape[d];
    return index;
}

double eps_of(DType dtype) {
    return dtype == DType::f64 ? std::numeric_limits<double>::epsilon() : std::numeric_limits<float>::epsilon();
}

/// The worst so far.
struct Comparison {
    const NodeCase& node_case;
    double tolerance, given;
    CaseDifference worst = {};

    void add(const std::string& what, const Tensor& wanted, const Tensor& made) {
        if (!wanted.defined()) return;
        VITRINE_CHECK(made.defined() && made.shape() == wanted.shape(), "compare_case: ", node_case.op, " made ",
                      made.defined() ? join(made.shape()) : "nothing", " for ", what, ", which is ", wanted.shape());
        const std::vector<double> p = numbers_of(wanted), q = numbers_of(made);
        const double allowed = tolerance * largest(p) + 16 * eps_of(wanted.dtype()) * given;
        for (std::size_t i = 0; i < p.size() && !std::isnan(worst.share); ++i) {
            if (p[i] == q[i] || (std::isnan(p[i]) && std::isnan(q[i]))) continue;
            const double share = std::fabs(p[i] - q[i]) / allowed;
            if (share <= worst.share) continue;
            worst = {what, index_in(wanted.shape(), i), q[i], p[i], allowed, share};
        }
    }
};

}  // namespace

double case_tolerance(const NodeCase& node_case) {
    bool half = node_case.factors == DType::bf16, f64 = true;
    for (const auto* list : {&node_case.inputs, &node_case.outputs})
        for (const Tensor& x : *list) {
            if (!x.defined()) continue;
            half |= x.dtype() == DType::bf16 || x.dtype() == DType::f16;
            f64 &= x.dtype() != DType::f32;
        }
    return half ? 0.02 : f64 ? 1e-10 : 1e-4;
}

CaseDifference compare_case(const NodeCase& wanted, const NodeCall& made, double tolerance) {
    VITRINE_CHECK(
        made.outputs.size() == wanted.outputs.size() && made.input_gradients.size() == wanted.input_gradients.size(),
        "compare_case: another number of outputs or inputs than the case of ", wanted.op, " has");
    Comparison outputs{wanted, tolerance, largest(wanted.inputs)};
    for (std::size_t i = 0; i < made.outputs.size(); ++i)
        outputs.add(join("output ", i), wanted.outputs[i], made.outputs[i]);
    Comparison gradients{wanted, tolerance, largest(wanted.output_gradients), outputs.worst};
    for (std::size_t i = 0; i < made.input_gradients.size(); ++i)
        gradients.add(join("the gradient of input ", i), wanted.input_gradients[i], made.input_gradients[i]);
    return gradients.worst;
}

}  // namespace vitrine::data

#include "nan_guard.h"

#include <algorithm>
#include <cmath>
#include <vector>

namespace vitrine::models {

bool all_finite(const Tensor& x) {
    if (!is_floating(x.dtype())) return true;
    const std::vector<double> values = x.detach().to(DType::f64).to_vector<double>();
    return std::ranges::all_of(values, [](double v) { return std::isfinite(v); });
}

std::string parameter_not_finite(const nn::AnyModule& model) {
    for (const auto& [name, w] : model.named_parameters())
        if (!all_finite(w)) return name;
    return "";
}

std::string gradient_not_finite(const nn::AnyModule& model) {
    for (const auto& [name, w] : model.named_parameters())
        if (w.grad().defined() && !all_finite(w.grad())) return name;
    return "";
}

}  // namespace vitrine::models

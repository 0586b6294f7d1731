#include "linear.h"

#include <cmath>

#include "vitrine/core/ops/linear_relu.h"
#include "vitrine/core/ops/matmul.h"
#include "vitrine/core/tensor_impl.h"

namespace vitrine::nn {

Linear::Linear(std::int64_t in_features, std::int64_t out_features, LinearOptions options, Site site) {
    const Call call("Linear", site);
    call.check(in_features >= 0 && out_features >= 0, "in_features ", in_features, ", out_features ", out_features,
               "; neither may be negative");
    call.check(is_floating(options.dtype), "dtype ", options.dtype, "; allowed are f32 and f64");
    call.check(is_available(options.device), "device ", options.device, " is not available here");
    weight = make_tensor({out_features, in_features}, {1, out_features}, options.dtype, options.device);
    if (options.bias) bias = make_tensor({out_features}, {1}, options.dtype, options.device);
    reset_parameters();
    weight.requires_grad_();
    if (options.bias) bias.requires_grad_();
}

void Linear::reset_parameters() {
    init::kaiming_uniform_(weight, {.a = std::sqrt(5.0)});
    const double bound = in_features() == 0 ? 0 : 1 / std::sqrt(static_cast<double>(in_features()));
    if (bias.defined()) init::uniform_(bias, -bound, bound);
}

void Linear::check(const Tensor& x) const {
    const Call call("Linear", Site::here());
    call.check(x.dim() > 0 && x.shape().back() == in_features(), "x ", x.shape(), " for ", describe(),
               "; its last size must be in_features ", in_features());
}

Tensor Linear::forward(const Tensor& x) const {
    check(x);
    return linear(x, weight, bias);
}

Tensor Linear::forward_relu(const Tensor& x) const {
    check(x);
    return linear_relu(x, weight, bias);
}

Linear Linear::clone() const {
    return Module::clone(in_features(), out_features(),
                         LinearOptions{.bias = bias.defined(), .dtype = weight.dtype(), .device = weight.device()});
}

void Linear::members(Members& m) {
    m("weight", weight);
    m("bias", bias);
}

std::string Linear::describe() const {
    return join("Linear(", in_features(), ", ", out_features(), bias.defined() ? ")" : ", no bias)");
}

}  // namespace vitrine::nn

#include "norm.h"

#include "vitrine/core/ops/batch_norm.h"
#include "vitrine/core/ops/binary.h"
#include "vitrine/core/ops/creation.h"
#include "vitrine/core/ops/group_norm.h"
#include "vitrine/core/ops/layer_norm.h"

namespace vitrine::nn {
namespace {

template <class Options>
void check_options(const Call& call, const Options& options) {
    call.check(options.eps > 0, "eps ", options.eps, "; it must be above 0");
    call.check(is_floating(options.dtype), "dtype ", options.dtype, "; allowed are f32 and f64");
    call.check(is_available(options.device), "device ", options.device, " is not available here");
}

void fill(Tensor& x, double value) {
    const NoGrad no_grad;
    if (x.defined()) x.fill_(value);
}

}  // namespace

// ---- batch norm

template <class Derived>
BatchNorm<Derived>::BatchNorm(std::int64_t num_features, BatchNormOptions options, Site site)
    : num_features_(num_features), options_(options) {
    const Call call(Derived::type, site);
    call.check(num_features >= 0, "num_features ", num_features, "; it may not be negative");
    check_options(call, options);
    const TensorOptions like{.dtype = options.dtype, .device = options.device};
    if (options.affine) {
        weight = ones({num_features}, like).requires_grad_();
        bias = zeros({num_features}, like).requires_grad_();
    }
    if (options.track_running_stats) {
        running_mean = zeros({num_features}, like);
        running_var = ones({num_features}, like);
        num_batches_tracked = zeros({}, {.dtype = DType::i64, .device = options.device});
    }
}

template <class Derived>
void BatchNorm<Derived>::reset_parameters() {
    fill(weight, 1), fill(bias, 0);
    reset_running_stats();
}

template <class Derived>
void BatchNorm<Derived>::reset_running_stats() {
    fill(running_mean, 0), fill(running_var, 1), fill(num_batches_tracked, 0);
}

// op(weight, bias, running_mean, running_var, options)
template <class Derived>
template <class Op>
Tensor BatchNorm<Derived>::run(const Tensor& x, Op op) const {
    const Call call(Derived::type, Site::here());
    call.check(Derived::fits(x.dim()) && x.shape()[1] == num_features_, "x ", x.shape(), " for ", describe(),
               "; it must be ", Derived::allowed, " with C = ", num_features_);
    const bool tracking = running_mean.defined();
    if (!this->is_training() || !tracking)
        return op(weight, bias, running_mean, running_var,
                  vitrine::BatchNormOptions{.training = !tracking, .eps = options_.eps});

    const double momentum = options_.momentum
                                ? *options_.momentum
                                : 1 / static_cast<double>(num_batches_tracked.template item<std::int64_t>() + 1);
    const Tensor y = op(weight, bias, running_mean, running_var,
                        vitrine::BatchNormOptions{.training = true, .momentum = momentum, .eps = options_.eps});
    Tensor count = num_batches_tracked;
    count += 1;
    return y;
}

template <class Derived>
Tensor BatchNorm<Derived>::forward(const Tensor& x) const {
    return run(x, [&](const auto&... of) { return batch_norm(x, of...); });
}

template <class Derived>
Tensor BatchNorm<Derived>::forward_relu(const Tensor& x) const {
    return run(x, [&](const auto&... of) { return batch_norm_relu(x, of...); });
}

template <class Derived>
Tensor BatchNorm<Derived>::forward_add_relu(const Tensor& x, const Tensor& residual) const {
    return run(x, [&](const auto&... of) { return batch_norm_add_relu(x, residual, of...); });
}

template <class Derived>
Derived BatchNorm<Derived>::clone() const {
    BatchNormOptions options = options_;
    if (weight.defined())
        options.dtype = weight.dtype(), options.device = weight.device();
    else if (running_mean.defined())
        options.dtype = running_mean.dtype(), options.device = running_mean.device();
    return Module<Derived>::clone(num_features_, options);
}

template <class Derived>
void BatchNorm<Derived>::members(Members& m) {
    m("weight", weight);
    m("bias", bias);
    m.buffer("running_mean", running_mean);
    m.buffer("running_var", running_var);
    m.buffer("num_batches_tracked", num_batches_tracked);
}

template <class Derived>
std::string BatchNorm<Derived>::describe() const {
    std::string text = join(Derived::type, "(", num_features_);
    if (options_.eps != BatchNormOptions().eps) text += join(", eps=", options_.eps);
    if (!options_.momentum)
        text += ", momentum=none";
    else if (options_.momentum != BatchNormOptions().momentum)
        text += join(", momentum=", *options_.momentum);
    if (!options_.affine) text += ", no weight";
    if (!options_.track_running_stats) text += ", no running statistics";
    return text + ")";
}

template class BatchNorm<BatchNorm1d>;
template class BatchNorm<BatchNorm2d>;

// ---- layer norm

LayerNorm::LayerNorm(const Shape& normalized_shape, LayerNormOptions options, Site site)
    : shape_(normalized_shape), options_(options) {
    const Call call("LayerNorm", site);
    call.check(!shape_.empty(), "normalized_shape (); it needs a dimension");
    for (std::int64_t size : shape_) call.check(size >= 0, "normalized_shape ", shape_, "; sizes may not be negative");
    check_options(call, options);
    const TensorOptions like{.dtype = options.dtype, .device = options.device};
    if (options.affine) weight = ones(shape_, like).requires_grad_();
    if (options.affine && options.bias) bias = zeros(shape_, like).requires_grad_();
}

LayerNorm::LayerNorm(std::int64_t size, LayerNormOptions options, Site site) : LayerNorm(Shape{size}, options, site) {}

void LayerNorm::reset_parameters() { fill(weight, 1), fill(bias, 0); }

Tensor LayerNorm::forward(const Tensor& x) const { return layer_norm(x, shape_, weight, bias, options_.eps); }

LayerNorm LayerNorm::clone() const {
    LayerNormOptions options = options_;
    if (weight.defined()) options.dtype = weight.dtype(), options.device = weight.device();
    return Module::clone(shape_, options);
}

void LayerNorm::members(Members& m) {
    m("weight", weight);
    m("bias", bias);
}

std::string LayerNorm::describe() const {
    std::string text = shape_.dims() == 1 ? join("LayerNorm(", shape_[0]) : join("LayerNorm(", shape_);
    if (options_.eps != LayerNormOptions().eps) text += join(", eps=", options_.eps);
    if (!options_.affine)
        text += ", no weight";
    else if (!options_.bias)
        text += ", no bias";
    return text + ")";
}

// ---- group norm

GroupNorm::GroupNorm(std::int64_t num_groups, std::int64_t num_channels, GroupNormOptions options, Site site)
    : num_groups_(num_groups), num_channels_(num_channels), options_(options) {
    const Call call("GroupNorm", site);
    call.check(num_groups > 0 && num_channels >= 0 && num_channels % num_groups == 0, num_groups, " groups for ",
               num_channels, " channels; groups must divide the channels");
    check_options(call, options);
    if (!options.affine) return;
    const TensorOptions like{.dtype = options.dtype, .device = options.device};
    weight = ones({num_channels}, like).requires_grad_();
    bias = zeros({num_channels}, like).requires_grad_();
}

void GroupNorm::reset_parameters() { fill(weight, 1), fill(bias, 0); }

Tensor GroupNorm::forward(const Tensor& x) const {
    const Call call("GroupNorm", Site::here());
    call.check(x.dim() >= 2 && x.shape()[1] == num_channels_, "x ", x.shape(), " for ", describe(),
               "; it must be (N, C, ...) with C = ", num_channels_);
    return group_norm(x, num_groups_, weight, bias, options_.eps);
}

GroupNorm GroupNorm::clone() const {
    GroupNormOptions options = options_;
    if (weight.defined()) options.dtype = weight.dtype(), options.device = weight.device();
    return Module::clone(num_groups_, num_channels_, options);
}

void GroupNorm::members(Members& m) {
    m("weight", weight);
    m("bias", bias);
}

std::string GroupNorm::describe() const {
    std::string text = join("GroupNorm(", num_groups_, ", ", num_channels_);
    if (options_.eps != GroupNormOptions().eps) text += join(", eps=", options_.eps);
    if (!options_.affine) text += ", no weight";
    return text + ")";
}

}  // namespace vitrine::nn

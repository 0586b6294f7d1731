#include "conv.h"

#include <cmath>

#include "vitrine/core/tensor_impl.h"

namespace vitrine::nn {
namespace {

// What the three kinds have in common.
struct Sizes {
    const char* name;
    std::int64_t in_channels, out_channels;
    Pair2 kernel;
    Pair2 stride, padding, dilation;
    std::int64_t groups;
    DType dtype;
    Device device;
};

void check(const Sizes& s, Site site) {
    const Call call(s.name, site);
    constexpr std::int64_t largest = std::int64_t{1} << 31;
    const auto within = [](const Pair2& pair, std::int64_t least) {
        return pair.h >= least && pair.w >= least && pair.h < largest && pair.w < largest;
    };
    const auto text = [](const Pair2& pair) { return Shape{pair.h, pair.w}; };
    call.check(s.in_channels >= 0 && s.out_channels >= 0 && s.in_channels < largest && s.out_channels < largest,
               "in_channels ", s.in_channels, ", out_channels ", s.out_channels, "; neither may be negative");
    call.check(within(s.kernel, 1), "kernel_size ", text(s.kernel), "; allowed is 1 or more");
    call.check(within(s.stride, 1), "stride ", text(s.stride), "; allowed is 1 or more");
    call.check(within(s.padding, 0), "padding ", text(s.padding), "; allowed is 0 or more");
    call.check(within(s.dilation, 1), "dilation ", text(s.dilation), "; allowed is 1 or more");
    call.check(s.groups >= 1 && s.in_channels % s.groups == 0 && s.out_channels % s.groups == 0, "groups ", s.groups,
               " with in_channels ", s.in_channels, " and out_channels ", s.out_channels, "; it must divide both");
    call.check(is_floating(s.dtype), "dtype ", s.dtype, "; allowed are f32 and f64");
    call.check(is_available(s.device), "device ", s.device, " is not available here");
}

// weight and bias, drawn: the bias from the same range as the weight.
void draw(Tensor& weight, Tensor& bias) {
    init::kaiming_uniform_(weight, {.a = std::sqrt(5.0)});
    if (!bias.defined()) return;
    const std::int64_t fan_in = init::calculate_fans(weight).in;
    const double bound = fan_in == 0 ? 0 : 1 / std::sqrt(static_cast<double>(fan_in));
    init::uniform_(bias, -bound, bound);
}

void make(Tensor& weight, Tensor& bias, const Shape& shape, std::int64_t out_channels, bool with_bias, DType dtype,
          Device device) {
    weight = make_tensor(shape, conv_weight_strides(shape), dtype, device);
    if (with_bias) bias = make_tensor({out_channels}, {1}, dtype, device);
    draw(weight, bias);
    weight.requires_grad_();
    if (with_bias) bias.requires_grad_();
}

// Throws Error unless x has so many dimensions and the layer's channels; `axes` are those behind them.
template <class Conv>
void check_input(const Conv& layer, const char* name, const Tensor& x, int dims, const char* axes, Site site) {
    Call(name, site).check(x.dim() == dims && x.shape()[1] == layer.in_channels(), "x ", x.shape(), " for ", layer.describe(),
                           "; it must be (N, ", layer.in_channels(), ", ", axes, ")");
}

// What a clone is built with, beside its own options.
template <class Options, class OpOptions>
Options options_like(const OpOptions& op, const Tensor& weight, const Tensor& bias) {
    Options options;
    options.stride = op.stride, options.padding = op.padding, options.dilation = op.dilation, options.groups = op.groups;
    options.bias = bias.defined(), options.dtype = weight.dtype(), options.device = weight.device();
    return options;
}

// ", stride=2" or ", stride=(2, 1)"; nothing where it is what it is anyway.
std::string said(const char* name, const Pair2& pair, std::int64_t default_value) {
    if (pair == Pair2(default_value)) return "";
    if (pair.h == pair.w) return join(", ", name, "=", pair.h);
    return join(", ", name, "=", Shape{pair.h, pair.w});
}

std::string description(const char* name, std::int64_t in, std::int64_t out, const std::string& options, bool bias) {
    return join(name, "(", in, ", ", out, options, bias ? ")" : ", no bias)");
}

}  // namespace

// ---- Conv2d

Conv2d::Conv2d(std::int64_t in_channels, std::int64_t out_channels, Pair2 kernel_size, Conv2dOptions options, Site site)
    : options_{options.stride, options.padding, options.dilation, options.groups} {
    check({"Conv2d", in_channels, out_channels, kernel_size, options.stride, options.padding, options.dilation,
           options.groups, options.dtype, options.device},
          site);
    make(weight, bias, {out_channels, in_channels / options.groups, kernel_size.h, kernel_size.w}, out_channels,
         options.bias, options.dtype, options.device);
}

Tensor Conv2d::forward(const Tensor& x) const {
    check_input(*this, "Conv2d", x, 4, "H, W", Site::here());
    return conv2d(x, weight, bias, options_);
}

void Conv2d::reset_parameters() { draw(weight, bias); }

Conv2d Conv2d::clone() const {
    return Module::clone(in_channels(), out_channels(), kernel_size(), options_like<Conv2dOptions>(options_, weight, bias));
}

void Conv2d::members(Members& m) {
    m("weight", weight);
    m("bias", bias);
}

std::string Conv2d::describe() const {
    const std::string options = said("kernel_size", kernel_size(), 0) + said("stride", options_.stride, 1) +
                                said("padding", options_.padding, 0) + said("dilation", options_.dilation, 1) +
                                said("groups", options_.groups, 1);
    return description("Conv2d", in_channels(), out_channels(), options, bias.defined());
}

// ---- Conv1d

Conv1d::Conv1d(std::int64_t in_channels, std::int64_t out_channels, std::int64_t kernel_size, Conv1dOptions options,
               Site site)
    : options_{options.stride, options.padding, options.dilation, options.groups} {
    check({"Conv1d", in_channels, out_channels, kernel_size, options.stride, options.padding, options.dilation,
           options.groups, options.dtype, options.device},
          site);
    make(weight, bias, {out_channels, in_channels / options.groups, kernel_size}, out_channels, options.bias,
         options.dtype, options.device);
}

Tensor Conv1d::forward(const Tensor& x) const {
    check_input(*this, "Conv1d", x, 3, "L", Site::here());
    return conv1d(x, weight, bias, options_);
}

void Conv1d::reset_parameters() { draw(weight, bias); }

Conv1d Conv1d::clone() const {
    return Module::clone(in_channels(), out_channels(), kernel_size(), options_like<Conv1dOptions>(options_, weight, bias));
}

void Conv1d::members(Members& m) {
    m("weight", weight);
    m("bias", bias);
}

std::string Conv1d::describe() const {
    const std::string options = said("kernel_size", kernel_size(), 0) + said("stride", options_.stride, 1) +
                                said("padding", options_.padding, 0) + said("dilation", options_.dilation, 1) +
                                said("groups", options_.groups, 1);
    return description("Conv1d", in_channels(), out_channels(), options, bias.defined());
}

// ---- ConvTranspose2d

ConvTranspose2d::ConvTranspose2d(std::int64_t in_channels, std::int64_t out_channels, Pair2 kernel_size,
                                 ConvTranspose2dOptions options, Site site)
    : options_{options.stride, options.padding, options.output_padding, options.dilation, options.groups} {
    check({"ConvTranspose2d", in_channels, out_channels, kernel_size, options.stride, options.padding, options.dilation,
           options.groups, options.dtype, options.device},
          site);
    const Pair2 more = options.output_padding, stride = options.stride;
    Call("ConvTranspose2d", site)
        .check(more.h >= 0 && more.w >= 0 && more.h < stride.h && more.w < stride.w, "output_padding ",
               Shape{more.h, more.w}, " with stride ", Shape{stride.h, stride.w},
               "; it must be smaller than the stride");
    make(weight, bias, {in_channels, out_channels / options.groups, kernel_size.h, kernel_size.w}, out_channels,
         options.bias, options.dtype, options.device);
}

Tensor ConvTranspose2d::forward(const Tensor& x) const {
    check_input(*this, "ConvTranspose2d", x, 4, "H, W", Site::here());
    return conv_transpose2d(x, weight, bias, options_);
}

void ConvTranspose2d::reset_parameters() { draw(weight, bias); }

ConvTranspose2d ConvTranspose2d::clone() const {
    auto options = options_like<ConvTranspose2dOptions>(options_, weight, bias);
    options.output_padding = options_.output_padding;
    return Module::clone(in_channels(), out_channels(), kernel_size(), options);
}

void ConvTranspose2d::members(Members& m) {
    m("weight", weight);
    m("bias", bias);
}

std::string ConvTranspose2d::describe() const {
    const std::string options = said("kernel_size", kernel_size(), 0) + said("stride", options_.stride, 1) +
                                said("padding", options_.padding, 0) +
                                said("output_padding", options_.output_padding, 0) +
                                said("dilation", options_.dilation, 1) + said("groups", options_.groups, 1);
    return description("ConvTranspose2d", in_channels(), out_channels(), options, bias.defined());
}

}  // namespace vitrine::nn

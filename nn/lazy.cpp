#include "lazy.h"

namespace vitrine::nn {

LazyLinear::LazyLinear(std::int64_t out_features, LazyLinearOptions options, Site site)
    : out_features_(out_features), options_(options) {
    Call("LazyLinear", site).check(out_features >= 0, "out_features ", out_features, "; allowed is 0 or more");
}

Linear LazyLinear::build(const Tensor& x) const {
    const Call call("LazyLinear", Site::here());
    call.floating(x);
    call.check(x.dim() > 0, "x ", x.shape(), " has no last size to take for in_features");
    return {x.shape().back(), out_features_,
            {.bias = options_.bias, .dtype = x.dtype(), .device = x.device()}};
}

std::string LazyLinear::describe_unbuilt() const {
    return join("LazyLinear(", out_features_, options_.bias ? ")" : ", no bias)");
}

LazyConv2d::LazyConv2d(std::int64_t out_channels, Pair2 kernel_size, Conv2dOptions options, Site site)
    : out_channels_(out_channels), kernel_size_(kernel_size), options_(options) {
    options_.device = Device::cpu;
    const init::Skip no_drawing;
    const Conv2d trial(options.groups, out_channels, kernel_size, options_, site);  // checks all but in_channels
}

Conv2d LazyConv2d::build(const Tensor& x) const {
    const Call call("LazyConv2d", Site::here());
    call.floating(x);
    call.check(x.dim() == 4, "x ", x.shape(), "; allowed is (N, in_channels, H, W)");
    Conv2dOptions options = options_;
    options.dtype = x.dtype();
    options.device = x.device();
    return {x.shape()[1], out_channels_, kernel_size_, options};
}

std::string LazyConv2d::describe_unbuilt() const {
    const auto [h, w] = kernel_size_;
    return join("LazyConv2d(", out_channels_, ", kernel_size=", h == w ? join(h) : join(Shape{h, w}), ")");
}

}  // namespace vitrine::nn

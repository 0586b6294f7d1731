#include "pool.h"

namespace vitrine::nn {
namespace {

std::string text_of(Pair2 p) { return p.h == p.w ? join(p.h) : join("(", p.h, ", ", p.w, ")"); }
std::string text_of(std::int64_t n) { return join(n); }

// "MaxPool2d(3, stride=2, padding=1": what differs from the defaults, which all poolings share.
template <class Size, class Options>
std::string describe_pool(const char* name, Size kernel, const Options& options) {
    std::string text = join(name, "(", text_of(kernel));
    if (options.stride != Size(0)) text += ", stride=" + text_of(options.stride);
    if (options.padding != Size(0)) text += ", padding=" + text_of(options.padding);
    if constexpr (requires { options.dilation; }) {
        if (options.dilation != Size(1)) text += ", dilation=" + text_of(options.dilation);
    }
    if (options.ceil_mode) text += ", ceil_mode";
    if constexpr (requires { options.count_include_pad; }) {
        if (!options.count_include_pad) text += ", padding not counted";
    }
    return text + ")";
}

}  // namespace

Tensor MaxPool2d::forward(const Tensor& x) const { return max_pool2d(x, kernel_, options_); }
std::string MaxPool2d::describe() const { return describe_pool("MaxPool2d", kernel_, options_); }

Tensor MaxPool1d::forward(const Tensor& x) const { return max_pool1d(x, kernel_, options_); }
std::string MaxPool1d::describe() const { return describe_pool("MaxPool1d", kernel_, options_); }

Tensor AvgPool2d::forward(const Tensor& x) const { return avg_pool2d(x, kernel_, options_); }
std::string AvgPool2d::describe() const { return describe_pool("AvgPool2d", kernel_, options_); }

Tensor AvgPool1d::forward(const Tensor& x) const { return avg_pool1d(x, kernel_, options_); }
std::string AvgPool1d::describe() const { return describe_pool("AvgPool1d", kernel_, options_); }

Tensor AdaptiveAvgPool2d::forward(const Tensor& x) const { return adaptive_avg_pool2d(x, size_); }
std::string AdaptiveAvgPool2d::describe() const { return join("AdaptiveAvgPool2d(", text_of(size_), ")"); }

Tensor AdaptiveAvgPool1d::forward(const Tensor& x) const { return adaptive_avg_pool1d(x, size_); }
std::string AdaptiveAvgPool1d::describe() const { return join("AdaptiveAvgPool1d(", size_, ")"); }

Upsample::Upsample(UpsampleOptions options, Site site) : options_(options) {
    const bool size = options.size != Pair2(0), scale = options.scale_factor.h != 0 || options.scale_factor.w != 0;
    Call("Upsample", site)
        .check(size != scale, size ? "a size and a scale factor" : "neither size nor scale factor",
               "; give one of them");
}
Tensor Upsample::forward(const Tensor& x) const {
    return options_.size != Pair2(0) ? upsample_nearest(x, options_.size)
                                     : upsample_nearest_by(x, options_.scale_factor);
}
std::string Upsample::describe() const {
    if (options_.size != Pair2(0)) return join("Upsample(size=", text_of(options_.size), ")");
    const UpsampleScale s = options_.scale_factor;
    return s.h == s.w ? join("Upsample(scale_factor=", s.h, ")")
                      : join("Upsample(scale_factor=(", s.h, ", ", s.w, "))");
}

}  // namespace vitrine::nn

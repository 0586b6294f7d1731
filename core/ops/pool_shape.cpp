#include "pool_shape.h"

#include <limits>

namespace vitrine {
namespace {

void check_images(const Call& call, const Tensor& x) {
    call.check(x.dim() == 4, "x ", x.shape(), "; it must be (N, C, H, W)");
    call.check(x.shape()[2] > 0 && x.shape()[3] > 0, "x ", x.shape(), " has no pixels");
}

kernels::PoolAxis axis(const Call& call, const char* along, std::int64_t in, std::int64_t kernel, std::int64_t stride,
                       std::int64_t padding, std::int64_t dilation, const PoolWindows& windows) {
    call.check(kernel >= 1, "kernel ", kernel, " along the ", along, "; it must be at least 1");
    call.check(stride >= 0, "stride ", stride, " along the ", along,
               "; it must be at least 1, or 0 for the kernel's size");
    call.check(dilation >= 1, "dilation ", dilation, " along the ", along, "; it must be at least 1");
    call.check(
        kernel < (std::int64_t(1) << 31) && stride < (std::int64_t(1) << 31) && dilation < (std::int64_t(1) << 31),
        "kernel ", kernel, ", stride ", stride, ", dilation ", dilation, " along the ", along,
        "; they must be below 2^31");
    const std::int64_t reach = dilation * (kernel - 1) + 1;
    call.check(padding >= 0 && padding <= reach / 2, "padding ", padding, " along the ", along,
               " for a kernel that reaches over ", reach, "; allowed are 0 to half of it, ", reach / 2);
    call.check(reach <= in + 2 * padding, "kernel ", kernel, " reaches over ", reach, " along the ", along,
               ", the image with its padding is ", in + 2 * padding);

    kernels::PoolAxis a{.in = in,
                        .kernel = kernel,
                        .stride = stride ? stride : kernel,
                        .padding = padding,
                        .dilation = dilation,
                        .count_padding = windows.count_padding};
    a.out = (in + 2 * padding - reach + (windows.ceil_mode ? a.stride - 1 : 0)) / a.stride + 1;
    if (windows.ceil_mode && (a.out - 1) * a.stride >= in + padding) --a.out;  // it would see nothing but padding
    return a;
}

}  // namespace

kernels::PoolShape pool_shape(const Call& call, const Tensor& x, const PoolWindows& p) {
    check_images(call, x);
    const Shape& s = x.shape();
    call.check(s[2] * s[3] <= std::numeric_limits<std::int32_t>::max(), "x ", s,
               "; an image may have 2^31 - 1 pixels at most");
    return {.images = s[0],
            .channels = s[1],
            .h = axis(call, "height", s[2], p.kernel.h, p.stride.h, p.padding.h, p.dilation.h, p),
            .w = axis(call, "width", s[3], p.kernel.w, p.stride.w, p.padding.w, p.dilation.w, p)};
}

kernels::PoolShape adaptive_pool_shape(const Call& call, const Tensor& x, Pair2 size) {
    check_images(call, x);
    call.check(size.h >= 1 && size.w >= 1, "size (", size.h, ", ", size.w, "); it must be at least (1, 1)");
    const Shape& s = x.shape();
    return {.images = s[0],
            .channels = s[1],
            .h = {.in = s[2], .out = size.h, .adaptive = true},
            .w = {.in = s[3], .out = size.w, .adaptive = true}};
}

NodeArguments arguments_of(const kernels::PoolShape& n) {
    return {{"kernel", Pair2(n.h.kernel, n.w.kernel)},       {"stride", Pair2(n.h.stride, n.w.stride)},
            {"padding", Pair2(n.h.padding, n.w.padding)},    {"dilation", Pair2(n.h.dilation, n.w.dilation)},
            {"adaptive", n.h.adaptive},                      {"count_include_pad", n.h.count_padding}};
}

Tensor as_images(const Call& call, const Tensor& x) {
    call.check(x.dim() == 3, "x ", x.shape(), "; it must be (N, C, L)");
    return x.unsqueeze(2, call.site());
}

}  // namespace vitrine

#include "conv_shape.h"

#include "vitrine/core/autocast.h"

namespace vitrine {
namespace {

constexpr std::int64_t largest = std::int64_t{1} << 31;  // of an option: products of two stay far from overflowing

// "(3, 5)" of an image, "5" of a sequence.
std::string text(const Pair2& pair, int dims) { return dims == 3 ? join(pair.w) : join(Shape{pair.h, pair.w}); }

void check_range(const Call& call, const char* name, const Pair2& pair, std::int64_t least, int dims) {
    const bool fits = pair.h >= least && pair.w >= least && pair.h < largest && pair.w < largest;
    call.check(fits, name, " ", text(pair, dims), "; allowed is ", least, " or more, below 2^31");
}

void check_options(const Call& call, const Pair2& stride, const Pair2& padding, const Pair2& dilation,
                   std::int64_t groups, int dims) {
    check_range(call, "stride", stride, 1, dims);
    check_range(call, "padding", padding, 0, dims);
    check_range(call, "dilation", dilation, 1, dims);
    call.check(groups >= 1, "groups ", groups, "; allowed is 1 or more");
}

// Rows or columns of x that a kernel reaches over.
std::int64_t reach(std::int64_t kernel, std::int64_t dilation) { return dilation * (kernel - 1) + 1; }

void check_kernel(const Call& call, const Shape& w) {
    for (int d = 2; d < w.dims(); ++d) {
        call.check(w[d] >= 1 && w[d] < largest, "w ", w, "; a kernel has at least one element along each dimension");
    }
}

}  // namespace

kernels::ConvShape conv_shape(const Call& call, const Shape& x, const Shape& w, const ConvOptions& options, int dims) {
    const bool images = dims == 4;
    call.check(x.dims() == dims, "x ", x, "; it must be ", images ? "(N, C, H, W)" : "(N, C, L)");
    call.check(w.dims() == dims, "w ", w, "; it must be (O, C/groups, kernel ",
               images ? "height, kernel width)" : "length)");
    check_options(call, options.stride, options.padding, options.dilation, options.groups, dims);
    check_kernel(call, w);
    const std::int64_t groups = options.groups;
    call.check(x[1] % groups == 0 && w[0] % groups == 0, "groups ", groups, " of x ", x, " and w ", w,
               "; it must divide ", x[1], " channels of x and ", w[0], " of w");
    call.check(x[1] == w[1] * groups, "x ", x, " and w ", w, " with groups ", groups, "; x must have ", w[1] * groups,
               " channels");

    kernels::ConvShape s;
    s.N = x[0], s.C = x[1], s.H = images ? x[2] : 1, s.W = x[dims - 1];
    s.O = w[0], s.U = images ? w[2] : 1, s.V = w[dims - 1];
    s.G = groups;
    s.stride_h = options.stride.h, s.stride_w = options.stride.w;
    s.pad_h = images ? options.padding.h : 0, s.pad_w = options.padding.w;
    s.dilation_h = options.dilation.h, s.dilation_w = options.dilation.w;
    s.algorithm = conv_algorithm();
    s.bf16_factors = autocast_dtype() == DType::bf16;
    const std::int64_t free_h = s.H + 2 * s.pad_h - reach(s.U, s.dilation_h);
    const std::int64_t free_w = s.W + 2 * s.pad_w - reach(s.V, s.dilation_w);
    call.check(free_h >= 0 && free_w >= 0, "kernel ", text({s.U, s.V}, dims), " with dilation ",
               text(options.dilation, dims), " on x ", x, " with padding ", text(options.padding, dims),
               "; it must not be larger than the padded x");
    s.P = free_h / s.stride_h + 1, s.Q = free_w / s.stride_w + 1;
    return s;
}

kernels::ConvShape conv_transpose_shape(const Call& call, const Shape& x, const Shape& w,
                                        const ConvTransposeOptions& options) {
    const auto& [stride, padding, output_padding, dilation, groups] = options;
    call.check(x.dims() == 4, "x ", x, "; it must be (N, C, H, W)");
    call.check(w.dims() == 4, "w ", w, "; it must be (C, O/groups, kernel height, kernel width)");
    check_options(call, stride, padding, dilation, groups, 4);
    check_range(call, "output_padding", output_padding, 0, 4);
    call.check(output_padding.h < stride.h && output_padding.w < stride.w, "output_padding ", text(output_padding, 4),
               " with stride ", text(stride, 4), "; it must be smaller than the stride");
    check_kernel(call, w);
    call.check(x[1] % groups == 0, "groups ", groups, " of x ", x, "; it must divide ", x[1], " channels");
    call.check(x[1] == w[0], "x ", x, " and w ", w, "; x must have ", w[0], " channels");

    kernels::ConvShape s;
    s.N = x[0], s.O = x[1], s.P = x[2], s.Q = x[3];
    s.C = w[1] * groups, s.U = w[2], s.V = w[3];
    s.G = groups;
    s.stride_h = stride.h, s.stride_w = stride.w;
    s.pad_h = padding.h, s.pad_w = padding.w;
    s.dilation_h = dilation.h, s.dilation_w = dilation.w;
    s.algorithm = conv_algorithm();
    s.bf16_factors = autocast_dtype() == DType::bf16;
    s.H = (s.P - 1) * stride.h - 2 * padding.h + reach(s.U, dilation.h) + output_padding.h;
    s.W = (s.Q - 1) * stride.w - 2 * padding.w + reach(s.V, dilation.w) + output_padding.w;
    call.check(s.P > 0 && s.Q > 0 && s.H > 0 && s.W > 0, "x ", x, " with kernel ", text({s.U, s.V}, 4), ", stride ",
               text(stride, 4), " and padding ", text(padding, 4), "; nothing is left of y");
    return s;
}

void check_conv_bias(const Call& call, const Tensor& x, const Tensor& b, std::int64_t channels) {
    if (!b.defined()) return;
    call.check_alike(x, b, "x", "b");
    call.check(b.shape() == Shape{channels}, "b ", b.shape(), "; it must be ", Shape{channels});
}

}  // namespace vitrine

#include "upsample.h"

#include <cmath>
#include <utility>

#include "vitrine/core/dispatch.h"
#include "vitrine/core/layout.h"
#include "vitrine/core/node.h"

namespace vitrine {
namespace {

Shape x_shape(const kernels::UpsampleShape& n) { return {n.images, n.channels, n.h.in, n.w.in}; }
Shape y_shape(const kernels::UpsampleShape& n) { return {n.images, n.channels, n.h.out, n.w.out}; }

struct UpsampleNode final : Node {
    kernels::UpsampleShape n;

    const char* name() const override { return "upsample_nearest"; }
    void forward(const NodeValues& v) override { v.out[0] = upsample_nearest({v.in[0], site()}, {n.h.out, n.w.out}); }
    void backward(const Grads& g) override { g.in[0] = upsample_nearest_backward(g.out[0], n); }
};

struct UpsampleBackwardNode final : Node {
    kernels::UpsampleShape n;

    const char* name() const override { return "upsample_nearest_backward"; }
    void forward(const NodeValues& v) override { v.out[0] = upsample_nearest_backward(v.in[0], n); }
    void backward(const Grads& g) override { g.in[0] = upsample_nearest({g.out[0], site()}, {n.h.out, n.w.out}); }
};

void check_pixels(const Call& call, const Tensor& x) {
    call.check(x.dim() == 3 || x.dim() == 4, "x ", x.shape(), "; it must be (N, C, L) or (N, C, H, W)");
    call.check(x.shape()[2] > 0 && x.shape().back() > 0, "x ", x.shape(), " has no pixels");
}

// A checked call; a sequence is an image of height 1. Dispatched, it runs the kernel and gives the recorded result.
struct UpsampleCall {
    Call call;
    Tensor x, xd, y;
    bool sequence;
    kernels::UpsampleShape n;

    UpsampleCall(const Call& c, const Tensor& given, Pair2 size) : call(c), x(given), sequence(x.dim() == 3) {
        if (sequence) x = x.unsqueeze(2, call.site()), size.h = 1;
        call.check(size.h >= 1 && size.w >= 1, "size (", size.h, ", ", size.w, "); it must be at least (1, 1)");
        constexpr std::int64_t limit = std::int64_t(1) << 31;
        call.check(size.h < limit && size.w < limit && x.size(2) < limit && x.size(3) < limit, "x ", x.shape(), " to size (", size.h, ", ",
                   size.w, "); sizes must be below 2^31");
        n = {x.size(0), x.size(1), {x.size(2), size.h}, {x.size(3), size.w}};
        xd = channels_last(x);
        y = make_channels_last(y_shape(n), x.dtype(), x.device());
    }

    template <class T>
    Tensor operator()(auto on) {
        kernels::upsample_nearest_forward(on, raw<T>(xd), raw<T>(y), n);
        if (recording(x)) record<UpsampleNode>(call, y, x)->n = n;
        return sequence ? y.squeeze(2, call.site()) : std::move(y);
    }
};

struct UpsampleBackwardCall {
    Call call;
    Tensor dy, dyd, dx;
    kernels::UpsampleShape n;

    UpsampleBackwardCall(const Operand& operand, const kernels::UpsampleShape& shape)
        : call("upsample_nearest_backward", operand), dy(call.floating(operand, "dy")), n(shape) {
        call.check(dy.shape() == y_shape(n), "dy ", dy.shape(), "; it must be ", y_shape(n));
        dyd = channels_last(dy);
        dx = make_channels_last(x_shape(n), dy.dtype(), dy.device());
    }

    template <class T>
    Tensor operator()(auto on) {
        kernels::upsample_nearest_backward(on, raw<T>(dyd), raw<T>(dx), n);
        if (recording(dy)) record<UpsampleBackwardNode>(call, dx, dy)->n = n;
        return std::move(dx);
    }
};

const Tensor& check_images(const Call& call, const Operand& operand) {
    const Tensor& x = call.floating(operand);
    check_pixels(call, x);
    return x;
}

// floor(in scale); a scale that is a quotient of sizes must not lose a pixel to rounding.
std::int64_t scaled(std::int64_t in, double scale) {
    return static_cast<std::int64_t>(std::floor(double(in) * scale + 1e-9));
}

}  // namespace

Tensor upsample_nearest(Operand x, Pair2 size) {
    const Call call("upsample_nearest", x);
    UpsampleCall op(call, check_images(call, x), size);
    return dispatch_floats(call, op.x, op);
}

Tensor upsample_nearest_by(Operand operand, UpsampleScale scale) {
    const Call call("upsample_nearest_by", operand);
    const Tensor& x = check_images(call, operand);
    call.check(scale.h > 0 && scale.w > 0 && scale.h < 1e6 && scale.w < 1e6, "scale (", scale.h, ", ", scale.w,
               "); it must be above 0 and below 1e6");
    UpsampleCall op(call, x, {x.dim() == 4 ? scaled(x.size(2), scale.h) : 1, scaled(x.size(-1), scale.w)});
    return dispatch_floats(call, op.x, op);
}

Tensor upsample_nearest_backward(Operand dy, const kernels::UpsampleShape& n) {
    UpsampleBackwardCall op(dy, n);
    return dispatch_floats(op.call, op.dy, op);
}

}  // namespace vitrine

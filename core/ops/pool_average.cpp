#include "pool.h"

#include <utility>

#include "pool_shape.h"
#include "vitrine/core/dispatch.h"
#include "vitrine/core/layout.h"
#include "vitrine/core/node.h"

namespace vitrine {
namespace {

Tensor average(const Tensor& x, Site site, const kernels::PoolShape& n);

struct AvgPoolNode final : Node {
    const char* op = "";
    kernels::PoolShape n;

    const char* name() const override { return op; }
    NodeArguments arguments() const override { return arguments_of(n); }
    void forward(const NodeValues& v) override { v.out[0] = average(v.in[0], site(), n); }
    void backward(const Grads& g) override { g.in[0] = avg_pool2d_backward(g.out[0], n); }
};

struct AvgPoolBackwardNode final : Node {
    kernels::PoolShape n;

    const char* name() const override { return "avg_pool2d_backward"; }
    NodeArguments arguments() const override { return arguments_of(n); }
    void forward(const NodeValues& v) override { v.out[0] = avg_pool2d_backward(v.in[0], n); }
    void backward(const Grads& g) override { g.in[0] = average(g.out[0], site(), n); }
};

// A checked call. Dispatched, it runs the kernel and gives the recorded result.
struct AverageCall {
    Call call;
    Tensor x, xd, y;
    kernels::PoolShape n;

    AverageCall(const Call& c, const Tensor& given, const PoolWindows& windows) : AverageCall(c, given, pool_shape(c, given, windows)) {}
    AverageCall(const Call& c, const Tensor& given, const kernels::PoolShape& shape) : call(c), x(given), xd(channels_last(x)), n(shape) {
        y = make_channels_last(y_shape(n), x.dtype(), x.device());
    }

    template <class T>
    Tensor operator()(auto on) {
        kernels::average_pool_forward(on, raw<T>(xd), raw<T>(y), n);
        if (recording(x)) {
            auto* node = record<AvgPoolNode>(call, y, x);
            node->op = call.op();
            node->n = n;
        }
        return std::move(y);
    }
};

struct AverageBackwardCall {
    Call call;
    Tensor dy, dyd, dx;
    kernels::PoolShape n;

    AverageBackwardCall(const Operand& operand, const kernels::PoolShape& shape)
        : call("avg_pool2d_backward", operand), dy(call.floating(operand, "dy")), n(shape) {
        call.check(dy.shape() == y_shape(n), "dy ", dy.shape(), "; it must be ", y_shape(n));
        dyd = channels_last(dy);
        dx = make_channels_last(x_shape(n), dy.dtype(), dy.device());
    }

    template <class T>
    Tensor operator()(auto on) {
        kernels::average_pool_backward(on, raw<T>(dyd), raw<T>(dx), n);
        if (recording(dy)) record<AvgPoolBackwardNode>(call, dx, dy)->n = n;
        return std::move(dx);
    }
};

Tensor average(const Tensor& x, Site site, const kernels::PoolShape& n) {
    AverageCall op({"avg_pool2d", site}, x, n);
    return dispatch_floats(op.call, x, op);
}

}  // namespace

Tensor avg_pool2d(Operand operand, Pair2 kernel, AvgPool2dOptions o) {
    const Call call("avg_pool2d", operand);
    AverageCall op(call, call.floating(operand), {kernel, o.stride, o.padding, 1, o.ceil_mode, o.count_include_pad});
    return dispatch_floats(call, op.x, op);
}

Tensor avg_pool1d(Operand operand, std::int64_t kernel, AvgPool1dOptions o) {
    const Call call("avg_pool1d", operand);
    const Tensor x = as_images(call, call.floating(operand));
    const PoolWindows windows{{1, kernel}, {1, o.stride}, {0, o.padding}, 1, o.ceil_mode, o.count_include_pad};
    AverageCall op(call, x, windows);
    return dispatch_floats(call, x, op).squeeze(2, call.site());
}

Tensor adaptive_avg_pool2d(Operand operand, Pair2 size) {
    const Call call("adaptive_avg_pool2d", operand);
    const Tensor& x = call.floating(operand);
    AverageCall op(call, x, adaptive_pool_shape(call, x, size));
    return dispatch_floats(call, x, op);
}

Tensor adaptive_avg_pool1d(Operand operand, std::int64_t size) {
    const Call call("adaptive_avg_pool1d", operand);
    const Tensor x = as_images(call, call.floating(operand));
    AverageCall op(call, x, adaptive_pool_shape(call, x, {1, size}));
    return dispatch_floats(call, x, op).squeeze(2, call.site());
}

Tensor avg_pool2d_backward(Operand dy, const kernels::PoolShape& n) {
    AverageBackwardCall op(dy, n);
    return dispatch_floats(op.call, op.dy, op);
}

}  // namespace vitrine

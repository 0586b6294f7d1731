#include "pool.h"
#include "pool_shape.h"
#include "vitrine/core/dispatch.h"
#include "vitrine/core/layout.h"
#include "vitrine/core/node.h"

namespace vitrine {
namespace {

Tensor average(const Call& call, const Tensor& x, const kernels::PoolShape& n);

struct AvgPoolNode final : Node {
    const char* op = "";
    kernels::PoolShape n;

    const char* name() const override { return op; }
    void forward(const NodeValues& v) override { v.out[0] = average(Call(op, site()), v.in[0], n); }
    void backward(const Grads& g) override { g.in[0] = avg_pool2d_backward(g.out[0], n); }
};

struct AvgPoolBackwardNode final : Node {
    kernels::PoolShape n;

    const char* name() const override { return "avg_pool2d_backward"; }
    void forward(const NodeValues& v) override { v.out[0] = avg_pool2d_backward(v.in[0], n); }
    void backward(const Grads& g) override { g.in[0] = average(Call("avg_pool2d", site()), g.out[0], n); }
};

Tensor average(const Call& call, const Tensor& x, const kernels::PoolShape& n) {
    const Tensor xd = channels_last(x);
    Tensor y = make_channels_last(y_shape(n), x.dtype(), x.device());
    dispatch_floats(call, x, [&]<class T>(auto on) { kernels::average_pool_forward(on, raw<T>(xd), raw<T>(y), n); });

    if (recording(x)) {
        auto* node = record<AvgPoolNode>(call, y, x);
        node->op = call.op();
        node->n = n;
    }
    return y;
}

}  // namespace

Tensor avg_pool2d(Operand operand, Pair2 kernel, AvgPool2dOptions o) {
    const Call call("avg_pool2d", operand);
    const Tensor x = call.floating(operand);
    return average(call, x, pool_shape(call, x, {kernel, o.stride, o.padding, 1, o.ceil_mode, o.count_include_pad}));
}

Tensor avg_pool1d(Operand operand, std::int64_t kernel, AvgPool1dOptions o) {
    const Call call("avg_pool1d", operand);
    const Tensor x = as_images(call, call.floating(operand));
    const PoolWindows windows{{1, kernel}, {1, o.stride}, {0, o.padding}, 1, o.ceil_mode, o.count_include_pad};
    return average(call, x, pool_shape(call, x, windows)).squeeze(2, call.site());
}

Tensor adaptive_avg_pool2d(Operand operand, Pair2 size) {
    const Call call("adaptive_avg_pool2d", operand);
    const Tensor x = call.floating(operand);
    return average(call, x, adaptive_pool_shape(call, x, size));
}

Tensor adaptive_avg_pool1d(Operand operand, std::int64_t size) {
    const Call call("adaptive_avg_pool1d", operand);
    const Tensor x = as_images(call, call.floating(operand));
    return average(call, x, adaptive_pool_shape(call, x, {1, size})).squeeze(2, call.site());
}

Tensor avg_pool2d_backward(Operand operand, const kernels::PoolShape& n) {
    const Call call("avg_pool2d_backward", operand);
    const Tensor dy = call.floating(operand, "dy");
    call.check(dy.shape() == y_shape(n), "dy ", dy.shape(), "; it must be ", y_shape(n));

    const Tensor dyd = channels_last(dy);
    Tensor dx = make_channels_last(x_shape(n), dy.dtype(), dy.device());
    dispatch_floats(call, dy,
                    [&]<class T>(auto on) { kernels::average_pool_backward(on, raw<T>(dyd), raw<T>(dx), n); });

    if (recording(dy)) record<AvgPoolBackwardNode>(call, dx, dy)->n = n;
    return dx;
}

}  // namespace vitrine

#include <utility>

#include "reduce.h"
#include "reduce_plan.h"
#include "vitrine/core/dispatch.h"
#include "vitrine/core/layout.h"
#include "vitrine/core/node.h"
#include "vitrine/core/ops/binary.h"
#include "vitrine/core/ops/creation.h"
#include "vitrine/core/ops/unary.h"
#include "vitrine/core/workspace.h"

namespace vitrine {
namespace {

struct LogSumExpNode final : Node {
    Saved x, y;
    Axes axes;
    Shape keep_shape;

    const char* name() const override { return "logsumexp"; }
    NodeArguments arguments() const override { return {{"axes", axes.list()}}; }
    void saved(SavedVisitor& v) override { v("x", x), v("y", y); }
    void forward(const NodeValues& v) override { v.out[0] = with_shape(logsumexp(v.in[0], axes, true), output_shape(0)); }
    void backward(const Grads& g) override {
        g.in[0] = logsumexp_backward(x.unpack(*this), with_shape(y.unpack(*this), keep_shape),
                                     with_shape(g.out[0], keep_shape));
    }
};

// dx = dy p, p = exp(x - y); here g is the gradient of dx.
struct LogSumExpBackwardNode final : Node {
    Saved x, y, dy;

    const char* name() const override { return "logsumexp_backward"; }
    void saved(SavedVisitor& v) override { v("x", x), v("y", y), v("dy", dy); }
    void forward(const NodeValues& v) override { v.out[0] = logsumexp_backward(v.in[0], v.in[1], v.in[2]); }
    void backward(const Grads& g) override {
        const Tensor x_ = x.unpack(*this), y_ = y.unpack(*this), dy_ = dy.unpack(*this);
        const Tensor gp = g.out[0] * exp(x_ - y_), change = gp * dy_;
        if (g.needs(0)) g.in[0] = change;
        if (g.needs(1)) g.in[1] = neg(sum_to(change, y_.shape()));
        if (g.needs(2)) g.in[2] = sum_to(gp, dy_.shape());
    }
};

// A checked call. Dispatched, it runs the kernel and gives the recorded result.
struct LogSumExpCall : ReduceCall {
    using ReduceCall::ReduceCall;

    template <class T>
    Tensor operator()(auto on) {
        kernels::reduce_logsumexp(on, raw<T>(x), raw<T>(y), plan.n, workspace.data());
        if (recording(x)) {
            auto* node = record<LogSumExpNode>(call, y, x);
            node->x = Saved(x), node->y = Saved::output(y);
            node->axes = axes, node->keep_shape = plan.keep_shape;
        }
        return std::move(y);
    }
};

struct LogSumExpBackwardCall {
    Call call;
    const Tensor &x, &y, &dy;
    Tensor xd;
    ReducePlan plan;
    Tensor yd, dyd, dx;

    LogSumExpBackwardCall(const Call& c, const Operand& operand, const Tensor& output, const Tensor& gradient)
        : call(c), x(call.floating(operand)), y(output), dy(gradient), xd(dense(checked(), call.site())), plan(plan_reduction_to(call, xd, y.shape())),
          yd(with_strides(y, plan.strides)), dyd(with_strides(dy, plan.strides)), dx(empty_like(xd)) {}

    const Tensor& checked() const {
        call.check_same(y, dy, "y", "dy");
        call.check_alike(x, y, "x", "y");
        return x;
    }

    template <class T>
    Tensor operator()(auto on) {
        kernels::reduce_logsumexp_backward(on, raw<T>(xd), raw<T>(yd), raw<T>(dyd), raw<T>(dx), plan.n);
        if (recording(x, y, dy)) {
            auto* node = record<LogSumExpBackwardNode>(call, dx, x, y, dy);
            node->x = Saved(x), node->y = Saved(y), node->dy = Saved(dy);
        }
        return std::move(dx);
    }
};

}  // namespace

Tensor logsumexp(Operand x, Axes axes, bool keepdim) {
    LogSumExpCall op({"logsumexp", x}, x, axes, keepdim);
    return dispatch_floats(op.call, op.x, op);
}

Tensor logsumexp_backward(Operand x, const Tensor& y, const Tensor& dy) {
    LogSumExpBackwardCall op({"logsumexp_backward", x}, x, y, dy);
    return dispatch_floats(op.call, op.x, op);
}

}  // namespace vitrine

// max, min and argmax.
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

struct MaxNode final : Node {
    const char* op = "";
    Tensor (*function)(Operand, Axes, bool) = nullptr;  // max or min
    Saved x, y;
    Axes axes;
    Shape keep_shape;

    const char* name() const override { return op; }
    NodeArguments arguments() const override { return {{"axes", axes.list()}}; }
    void saved(SavedVisitor& v) override { v("x", x), v("y", y); }
    void forward(const NodeValues& v) override { v.out[0] = with_shape(function(v.in[0], axes, true), output_shape(0)); }
    void backward(const Grads& g) override {
        // y only says where the extremes are: how it came about does not matter.
        g.in[0] = max_backward(x.unpack(*this), with_shape(y.unpack(*this).detach(), keep_shape), with_shape(g.out[0], keep_shape));
    }
};

// dx = dy w, where w shares 1 among the extremes; here g is the gradient of dx. w does not change with x and y.
struct MaxBackwardNode final : Node {
    Saved x, y;

    const char* name() const override { return "max_backward"; }
    void saved(SavedVisitor& v) override { v("x", x), v("y", y); }
    void forward(const NodeValues& v) override {
        v.out[0] = max_backward(v.here(x.unpack(*this)).detach(), v.here(y.unpack(*this)).detach(), v.in[0]);
    }
    void backward(const Grads& g) override {
        const Tensor x_ = x.unpack(*this).detach(), y_ = y.unpack(*this).detach();
        g.in[0] = sum_to(g.out[0] * max_backward(x_, y_, ones_like(y_)), y_.shape());
    }
};

// A checked call. Dispatched, it runs the kernel and gives the recorded result.
struct ExtremeCall : ReduceCall {
    ExtremeCall(const Call& c, const Operand& operand, const Axes& over, bool keepdim) : ReduceCall(c, operand, over, keepdim) {
        require_elements(call, x, axes, plan);
    }

    Tensor recorded(Tensor (*function)(Operand, Axes, bool)) {
        if (recording(x)) {
            auto* node = record<MaxNode>(call, y, x);
            node->op = call.op(), node->function = function;
            node->x = Saved(x), node->y = Saved::output(y);
            node->axes = axes, node->keep_shape = plan.keep_shape;
        }
        return std::move(y);
    }
};

struct MaxCall : ExtremeCall {
    using ExtremeCall::ExtremeCall;
    template <class T>
    Tensor operator()(auto on) {
        kernels::reduce_max(on, raw<T>(x), raw<T>(y), plan.n, workspace.data());
        return recorded(max);
    }
};

struct MinCall : ExtremeCall {
    using ExtremeCall::ExtremeCall;
    template <class T>
    Tensor operator()(auto on) {
        kernels::reduce_min(on, raw<T>(x), raw<T>(y), plan.n, workspace.data());
        return recorded(min);
    }
};

struct ArgmaxCall {
    Call call;
    const Tensor& x;
    ReducePlan plan;
    Tensor index;
    Workspace workspace;

    ArgmaxCall(const Call& c, const Operand& operand, const Axes& axes, bool keepdim)
        : call(c), x(call.floating(operand)), plan(plan_reduction(call, x, axes, keepdim, ReduceOrder::row_major)), index(plan.result(x, DType::i64)),
          workspace(x.device(), kernels::reduce_workspace_bytes(plan.n)) {
        require_elements(call, x, axes, plan);
    }

    template <class T>
    Tensor operator()(auto on) {
        kernels::reduce_argmax(on, raw<T>(x), raw<std::int64_t>(index), plan.n, workspace.data());
        return std::move(index);
    }
};

struct MaxBackwardCall {
    Call call;
    const Tensor &x, &y, &dy;
    Tensor xd;
    ReducePlan plan;
    Tensor yd, dyd, dx;
    Workspace workspace;

    MaxBackwardCall(const Call& c, const Operand& operand, const Tensor& extremes, const Tensor& gradient)
        : call(c), x(call.floating(operand)), y(extremes), dy(gradient), xd(dense(checked(), call.site())), plan(plan_reduction_to(call, xd, y.shape())),
          yd(with_strides(y, plan.strides)), dyd(with_strides(dy, plan.strides)), dx(empty_like(xd)),
          workspace(x.device(), kernels::reduce_extreme_backward_workspace_bytes(plan.n)) {}

    const Tensor& checked() const {
        call.check_same(y, dy, "y", "dy");
        call.check_alike(x, y, "x", "y");
        return x;
    }

    template <class T>
    Tensor operator()(auto on) {
        kernels::reduce_extreme_backward(on, raw<T>(xd), raw<T>(yd), raw<T>(dyd), raw<T>(dx), plan.n, workspace.data());
        if (recording(dy)) {
            auto* node = record<MaxBackwardNode>(call, dx, dy);
            node->x = Saved(x), node->y = Saved(y);
        }
        return std::move(dx);
    }
};

}  // namespace

Tensor max(Operand x, Axes axes, bool keepdim) {
    MaxCall op({"max", x}, x, axes, keepdim);
    return dispatch_floats(op.call, op.x, op);
}

Tensor min(Operand x, Axes axes, bool keepdim) {
    MinCall op({"min", x}, x, axes, keepdim);
    return dispatch_floats(op.call, op.x, op);
}

Tensor argmax(Operand x, Axes axes, bool keepdim) {
    ArgmaxCall op({"argmax", x}, x, axes, keepdim);
    return dispatch_floats(op.call, op.x, op);
}

Tensor argmin(Operand operand, Axes axes, bool keepdim) {
    const Call call("argmin", operand);
    const Tensor& x = call.floating(operand);
    require_elements(call, x, axes, plan_reduction(call, x, axes, keepdim));
    const NoGrad no_grad;
    return argmax({neg(x), call.site()}, axes, keepdim);  // a NaN stays one, the first smallest is the first largest
}

Tensor max_backward(Operand x, const Tensor& y, const Tensor& dy) {
    MaxBackwardCall op({"max_backward", x}, x, y, dy);
    return dispatch_floats(op.call, op.x, op);
}

}  // namespace vitrine

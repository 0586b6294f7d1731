// max, min and argmax.
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
    void saved(SavedVisitor& v) override { v("x", x), v("y", y); }
    void forward(const NodeValues& v) override { v.out[0] = with_shape(function(v.in[0], axes, true), output_shape(0)); }
    void backward(const Grads& g) override {
        // y only says where the extremes are: how it came about does not matter.
        const Tensor y_ = y.unpack(*this).detach();
        g.in[0] = max_backward(x.unpack(*this), with_shape(y_, keep_shape), with_shape(g.out[0], keep_shape));
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

void record_extreme(const Call& call, Tensor (*function)(Operand, Axes, bool), Tensor& y, const Tensor& x, const Axes& axes,
                    const ReducePlan& plan) {
    auto* node = record<MaxNode>(call, y, x);
    node->op = call.op(), node->function = function;
    node->x = Saved(x), node->y = Saved::output(y);
    node->axes = axes, node->keep_shape = plan.keep_shape;
}

}  // namespace

Tensor max(Operand operand, Axes axes, bool keepdim) {
    const Call call("max", operand);
    const Tensor& x = call.floating(operand);
    const ReducePlan plan = plan_reduction(call, x, axes, keepdim);
    require_elements(call, x, axes, plan);

    Tensor y = plan.result(x, x.dtype());
    const Workspace workspace(x.device(), kernels::reduce_workspace_bytes(plan.n));
    dispatch_floats(call, x, [&]<class T>(auto on) {
        kernels::reduce_max(on, raw<T>(x), raw<T>(y), plan.n, workspace.data());
    });
    if (recording(x)) record_extreme(call, max, y, x, axes, plan);
    return y;
}

Tensor min(Operand operand, Axes axes, bool keepdim) {
    const Call call("min", operand);
    const Tensor& x = call.floating(operand);
    const ReducePlan plan = plan_reduction(call, x, axes, keepdim);
    require_elements(call, x, axes, plan);

    Tensor y = plan.result(x, x.dtype());
    const Workspace workspace(x.device(), kernels::reduce_workspace_bytes(plan.n));
    dispatch_floats(call, x, [&]<class T>(auto on) {
        kernels::reduce_min(on, raw<T>(x), raw<T>(y), plan.n, workspace.data());
    });
    if (recording(x)) record_extreme(call, min, y, x, axes, plan);
    return y;
}

Tensor argmax(Operand operand, Axes axes, bool keepdim) {
    const Call call("argmax", operand);
    const Tensor& x = call.floating(operand);
    const ReducePlan plan = plan_reduction(call, x, axes, keepdim, ReduceOrder::row_major);
    require_elements(call, x, axes, plan);

    Tensor index = plan.result(x, DType::i64);
    const Workspace workspace(x.device(), kernels::reduce_workspace_bytes(plan.n));
    dispatch_floats(call, x, [&]<class T>(auto on) {
        kernels::reduce_argmax(on, raw<T>(x), raw<std::int64_t>(index), plan.n, workspace.data());
    });
    return index;
}

Tensor argmin(Operand operand, Axes axes, bool keepdim) {
    const Call call("argmin", operand);
    const Tensor& x = call.floating(operand);
    require_elements(call, x, axes, plan_reduction(call, x, axes, keepdim));
    const NoGrad no_grad;
    return argmax({neg(x), call.site()}, axes, keepdim);  // a NaN stays one, the first smallest is the first largest
}

Tensor max_backward(Operand operand, const Tensor& y, const Tensor& dy) {
    const Call call("max_backward", operand);
    const Tensor& x = call.floating(operand);
    call.check_same(y, dy, "y", "dy");
    call.check_alike(x, y, "x", "y");

    const Tensor xd = dense(x, call.site());
    const ReducePlan plan = plan_reduction_to(call, xd, y.shape());
    const Tensor yd = with_strides(y, plan.strides), dyd = with_strides(dy, plan.strides);
    Tensor dx = empty_like(xd);
    const Workspace workspace(x.device(), kernels::reduce_extreme_backward_workspace_bytes(plan.n));
    dispatch_floats(call, x, [&]<class T>(auto on) {
        kernels::reduce_extreme_backward(on, raw<T>(xd), raw<T>(yd), raw<T>(dyd), raw<T>(dx), plan.n,
                                         workspace.data());
    });

    if (recording(dy)) {
        auto* node = record<MaxBackwardNode>(call, dx, dy);
        node->x = Saved(x), node->y = Saved(y);
    }
    return dx;
}

}  // namespace vitrine

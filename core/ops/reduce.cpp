#include "reduce.h"

#include "reduce_plan.h"
#include "vitrine/core/dispatch.h"
#include "vitrine/core/ladder.h"
#include "vitrine/core/node.h"
#include "vitrine/core/ops/binary.h"
#include "vitrine/core/ops/unary.h"
#include "vitrine/core/ops/view.h"
#include "vitrine/core/workspace.h"

namespace vitrine {
namespace {

Tensor sum_over(const Call& call, const Tensor& x, const ReducePlan& plan, double divisor);

// Every element that was summed gets dy / divisor.
struct SumNode final : Node {
    const char* op = "";
    Shape x_shape, keep_shape;
    double divisor = 1;

    const char* name() const override { return op; }
    void forward(const NodeValues& v) override {
        const Call call(op, site());
        const ReducePlan plan = plan_reduction_to(call, v.in[0], keep_shape);
        v.out[0] = with_shape(sum_over(call, v.in[0], plan, divisor), output_shape(0));
    }
    void backward(const Grads& g) override {
        const Tensor dy = divisor == 1 ? g.out[0] : g.out[0] / divisor;
        g.in[0] = expand(with_shape(dy, keep_shape), x_shape);
    }
};

Tensor sum_over(const Call& call, const Tensor& x, const ReducePlan& plan, double divisor) {
    Tensor y = plan.result(x, x.dtype());
    kernels::ReduceShape n = plan.n;
    n.step = kernel_step(Ladder::reduce);
    const Workspace workspace(x.device(), kernels::reduce_workspace_bytes(n));
    dispatch_floats(call, x, [&]<class T>(auto on) {
        kernels::reduce_sum(on, raw<T>(x), raw<T>(y), divisor, n, workspace.data());
    });

    if (recording(x)) {
        auto* node = record<SumNode>(call, y, x);
        node->op = call.op();
        node->x_shape = x.shape(), node->keep_shape = plan.keep_shape;
        node->divisor = divisor;
    }
    return y;
}

// dx = 2 (x - mean) dy / divisor, with ops that have their derivatives.
struct VarNode final : Node {
    Saved x;
    Axes axes;
    Shape keep_shape;
    double divisor = 1;

    const char* name() const override { return "var"; }
    void saved(SavedVisitor& v) override { v("x", x); }
    void forward(const NodeValues& v) override {
        const ReducePlan plan = plan_reduction(Call("var", site()), v.in[0], axes, true);
        const double correction = static_cast<double>(plan.n.reduced.elements()) - divisor;
        v.out[0] = with_shape(var(v.in[0], axes, {.correction = correction, .keepdim = true}), output_shape(0));
    }
    void backward(const Grads& g) override {
        const Tensor x_ = x.unpack(*this), dy = with_shape(g.out[0], keep_shape);
        g.in[0] = (x_ - mean(x_, axes, true)) * (dy * (2 / divisor));
    }
};

}  // namespace

Tensor sum(Operand operand, Axes axes, bool keepdim) {
    const Call call("sum", operand);
    const Tensor& x = call.floating(operand);
    return sum_over(call, x, plan_reduction(call, x, axes, keepdim), 1);
}

Tensor mean(Operand operand, Axes axes, bool keepdim) {
    const Call call("mean", operand);
    const Tensor& x = call.floating(operand);
    const ReducePlan plan = plan_reduction(call, x, axes, keepdim);
    return sum_over(call, x, plan, static_cast<double>(plan.n.reduced.elements()));
}

Tensor var(Operand operand, Axes axes, VarOptions options) {
    const Call call("var", operand);
    const Tensor& x = call.floating(operand);
    const ReducePlan plan = plan_reduction(call, x, axes, options.keepdim);
    const double left = static_cast<double>(plan.n.reduced.elements()) - options.correction, divisor = left > 0 ? left : 0;

    Tensor y = plan.result(x, x.dtype()), mean = plan.result(x, x.dtype());
    const Workspace workspace(x.device(), kernels::reduce_workspace_bytes(plan.n));
    dispatch_floats(call, x, [&]<class T>(auto on) {
        kernels::reduce_variance(on, raw<T>(x), raw<T>(mean), raw<T>(y), divisor, plan.n, workspace.data());
    });

    if (recording(x)) {
        auto* node = record<VarNode>(call, y, x);
        node->x = Saved(x), node->axes = axes;
        node->keep_shape = plan.keep_shape, node->divisor = divisor;
    }
    return y;
}

Tensor std(Operand x, Axes axes, VarOptions options) { return sqrt({var(x, axes, options), x.site()}); }

Tensor sum_to(Operand operand, const Shape& shape) {
    const Call call("sum_to", operand);
    const Tensor& x = call.floating(operand);
    if (x.shape() == shape) return x;
    return sum_over(call, x, plan_reduction_to(call, x, shape), 1);
}

}  // namespace vitrine

#include "reduce.h"

#include <algorithm>
#include <utility>

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

Tensor sum_like(const char* op, const Operand& x, const Shape& keep_shape, double divisor);

// Every element that was summed gets dy / divisor.
struct SumNode final : Node {
    const char* op = "";
    Shape x_shape, keep_shape;
    double divisor = 1;

    const char* name() const override { return op; }
    NodeArguments arguments() const override { return {{"shape", keep_shape}, {"divisor", divisor}}; }
    void forward(const NodeValues& v) override {
        v.out[0] = with_shape(sum_like(op, {v.in[0], site()}, keep_shape, divisor), output_shape(0));
    }
    void backward(const Grads& g) override {
        const Tensor dy = divisor == 1 ? g.out[0] : g.out[0] / divisor;
        g.in[0] = expand(with_shape(dy, keep_shape), x_shape);
    }
};

// A checked call. Dispatched, it runs the kernel and gives the recorded result.
struct SumCall {
    Call call;
    const Tensor& x;
    ReducePlan plan;
    double divisor;
    Tensor y;
    Workspace workspace;

    SumCall(const Call& c, const Tensor& given, const ReducePlan& how, double by)
        : call(c), x(given), plan(how), divisor(by), y(plan.result(x, x.dtype())), workspace(x.device(), kernels::reduce_workspace_bytes(plan.n)) {
        plan.n.step = kernel_step(Ladder::reduce);
    }
    SumCall(const Call& c, const Operand& operand, const Axes& axes, bool keepdim)
        : SumCall{c, c.floating(operand), plan_reduction(c, operand.tensor(), axes, keepdim), 1} {}  // braces: in this order
    SumCall(const Call& c, const Operand& operand, const Shape& shape)
        : SumCall{c, c.floating(operand), plan_reduction_to(c, operand.tensor(), shape), 1} {}

    template <class T>
    Tensor operator()(auto on) {
        kernels::reduce_sum(on, raw<T>(x), raw<T>(y), divisor, plan.n, workspace.data());
        if (recording(x)) {
            auto* node = record<SumNode>(call, y, x);
            node->op = call.op();
            node->x_shape = x.shape(), node->keep_shape = plan.keep_shape;
            node->divisor = divisor;
        }
        return std::move(y);
    }
};

struct MeanCall : SumCall {
    MeanCall(const Call& c, const Operand& operand, const Axes& axes, bool keepdim) : SumCall(c, operand, axes, keepdim) {
        divisor = static_cast<double>(plan.n.reduced.elements());
    }
};

Tensor sum_like(const char* name, const Operand& x, const Shape& keep_shape, double divisor) {
    SumCall op({name, x}, x, keep_shape);
    op.divisor = divisor;
    return dispatch_floats(op.call, op.x, op);
}

// dx = 2 (x - mean) dy / divisor, with ops that have their derivatives.
struct VarNode final : Node {
    Saved x;
    Axes axes;
    Shape keep_shape;
    double divisor = 1;

    const char* name() const override { return "var"; }
    NodeArguments arguments() const override { return {{"axes", axes.list()}, {"divisor", divisor}}; }
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

struct VarCall : ReduceCall {
    double divisor;
    Tensor mean;

    VarCall(const Call& c, const Operand& operand, const Axes& over, const VarOptions& options)
        : ReduceCall(c, operand, over, options.keepdim),
          divisor(std::max(0.0, static_cast<double>(plan.n.reduced.elements()) - options.correction)), mean(plan.result(x, x.dtype())) {}

    template <class T>
    Tensor operator()(auto on) {
        kernels::reduce_variance(on, raw<T>(x), raw<T>(mean), raw<T>(y), divisor, plan.n, workspace.data());
        if (recording(x)) {
            auto* node = record<VarNode>(call, y, x);
            node->x = Saved(x), node->axes = axes;
            node->keep_shape = plan.keep_shape, node->divisor = divisor;
        }
        return std::move(y);
    }
};

}  // namespace

Tensor sum(Operand x, Axes axes, bool keepdim) {
    SumCall op({"sum", x}, x, axes, keepdim);
    return dispatch_floats(op.call, op.x, op);
}

Tensor mean(Operand x, Axes axes, bool keepdim) {
    MeanCall op({"mean", x}, x, axes, keepdim);
    return dispatch_floats(op.call, op.x, op);
}

Tensor var(Operand x, Axes axes, VarOptions options) {
    VarCall op({"var", x}, x, axes, options);
    return dispatch_floats(op.call, op.x, op);
}

Tensor std(Operand x, Axes axes, VarOptions options) { return sqrt({var(x, axes, options), x.site()}); }

Tensor sum_to(Operand x, const Shape& shape) {
    if (Call("sum_to", x).floating(x).shape() == shape) return x.tensor();
    SumCall op({"sum_to", x}, x, shape);
    return dispatch_floats(op.call, op.x, op);
}

}  // namespace vitrine

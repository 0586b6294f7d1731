#include "softmax.h"

#include <utility>

#include "vitrine/core/dispatch.h"
#include "vitrine/core/ladder.h"
#include "vitrine/core/layout.h"
#include "vitrine/core/node.h"
#include "vitrine/core/ops/binary.h"
#include "vitrine/core/ops/creation.h"
#include "vitrine/core/ops/reduce.h"
#include "vitrine/core/ops/unary.h"
#include "vitrine/kernels/softmax/softmax.h"

namespace vitrine {
namespace {

// The axis of a dense tensor as kernels see it: its stride says how many elements lie inside it.
kernels::SoftmaxShape shape_along(const Tensor& x, int axis) {
    const std::int64_t numel = x.numel(), cols = x.shape()[axis];
    if (numel == 0) return {0, cols, 1};
    const std::int64_t inner = cols == 1 ? 1 : x.strides()[axis];
    return {numel / (cols * inner), cols, inner, kernel_step(Ladder::softmax)};
}

struct SoftmaxNode final : Node {
    Saved y;
    int axis = 0;

    const char* name() const override { return "softmax"; }
    NodeArguments arguments() const override { return {{"axis", axis}}; }
    void saved(SavedVisitor& v) override { v("y", y); }
    void forward(const NodeValues& v) override { v.out[0] = softmax(v.in[0], axis); }
    void backward(const Grads& g) override { g.in[0] = softmax_backward(y.unpack(*this), g.out[0], axis); }
};

struct LogSoftmaxNode final : Node {
    Saved y;
    int axis = 0;

    const char* name() const override { return "log_softmax"; }
    NodeArguments arguments() const override { return {{"axis", axis}}; }
    void saved(SavedVisitor& v) override { v("y", y); }
    void forward(const NodeValues& v) override { v.out[0] = log_softmax(v.in[0], axis); }
    void backward(const Grads& g) override { g.in[0] = log_softmax_backward(y.unpack(*this), g.out[0], axis); }
};

// dx_j = y_j (dy_j - s), s = sum_k dy_k y_k; here g is the gradient of dx.
struct SoftmaxBackwardNode final : Node {
    Saved y, dy;
    int axis = 0;

    const char* name() const override { return "softmax_backward"; }
    NodeArguments arguments() const override { return {{"axis", axis}}; }
    void saved(SavedVisitor& v) override { v("y", y), v("dy", dy); }
    void forward(const NodeValues& v) override { v.out[0] = softmax_backward(v.in[0], v.in[1], axis); }
    void backward(const Grads& g) override {
        const Tensor y_ = y.unpack(*this), dy_ = dy.unpack(*this), &g_ = g.out[0];
        if (g.needs(0)) g.in[0] = g_ * (dy_ - sum(dy_ * y_, axis, true)) - dy_ * sum(g_ * y_, axis, true);
        if (g.needs(1)) g.in[1] = softmax_backward(y_, g_, axis);
    }
};

// dx_j = dy_j - exp(y_j) s, s = sum_k dy_k; here g is the gradient of dx.
struct LogSoftmaxBackwardNode final : Node {
    Saved y, dy;
    int axis = 0;

    const char* name() const override { return "log_softmax_backward"; }
    NodeArguments arguments() const override { return {{"axis", axis}}; }
    void saved(SavedVisitor& v) override { v("y", y), v("dy", dy); }
    void forward(const NodeValues& v) override { v.out[0] = log_softmax_backward(v.in[0], v.in[1], axis); }
    void backward(const Grads& g) override {
        const Tensor p = exp(y.unpack(*this)), dy_ = dy.unpack(*this), &g_ = g.out[0];
        if (g.needs(0)) g.in[0] = neg(g_ * p * sum(dy_, axis, true));
        if (g.needs(1)) g.in[1] = g_ - sum(g_ * p, axis, true);
    }
};

// A checked call, as kernels see it.
struct Forward {
    Call call;
    Tensor x;
    int axis;
    Tensor xd, y;
    kernels::SoftmaxShape n;

    Forward(const char* op, const Operand& operand, std::int64_t given)
        : call(op, operand), x(call.floating(operand)), axis(call.axis(x, given)), xd(dense(x, call.site())), y(empty_like(xd)), n(shape_along(xd, axis)) {}
};

struct Backward {
    Call call;
    Tensor y, dy;
    int axis;
    Tensor yd, dyd, dx;
    kernels::SoftmaxShape n;

    Backward(const char* op, const Operand& operand, const Tensor& gradient, std::int64_t given)
        : call(op, operand), y(call.floating(operand, "y")), dy(gradient) {
        call.check_same(y, dy, "y", "dy");
        axis = call.axis(y, given, "y");
        yd = dense(y, call.site()), dyd = with_strides(dy, yd.strides());
        dx = empty_like(yd);
        n = shape_along(yd, axis);
    }
};

template <class N>
Tensor recorded(Forward& op) {
    if (recording(op.x)) {
        auto* node = record<N>(op.call, op.y, op.x);
        node->y = Saved::output(op.y);
        node->axis = op.axis;
    }
    return std::move(op.y);
}

template <class N>
Tensor recorded(Backward& op) {
    if (recording(op.y, op.dy)) {
        auto* node = record<N>(op.call, op.dx, op.y, op.dy);
        node->y = Saved(op.y), node->dy = Saved(op.dy);
        node->axis = op.axis;
    }
    return std::move(op.dx);
}

}  // namespace

Tensor softmax(Operand x, std::int64_t axis) {
    Forward op("softmax", x, axis);
    dispatch_floats(op.call, op.x, [&]<class T>(auto on) { kernels::softmax_forward(on, raw<T>(op.xd), raw<T>(op.y), op.n); });
    return recorded<SoftmaxNode>(op);
}

Tensor log_softmax(Operand x, std::int64_t axis) {
    Forward op("log_softmax", x, axis);
    dispatch_floats(op.call, op.x, [&]<class T>(auto on) { kernels::log_softmax_forward(on, raw<T>(op.xd), raw<T>(op.y), op.n); });
    return recorded<LogSoftmaxNode>(op);
}

Tensor softmax_backward(Operand y, const Tensor& dy, std::int64_t axis) {
    Backward op("softmax_backward", y, dy, axis);
    dispatch_floats(op.call, op.y, [&]<class T>(auto on) { kernels::softmax_backward(on, raw<T>(op.yd), raw<T>(op.dyd), raw<T>(op.dx), op.n); });
    return recorded<SoftmaxBackwardNode>(op);
}

Tensor log_softmax_backward(Operand y, const Tensor& dy, std::int64_t axis) {
    Backward op("log_softmax_backward", y, dy, axis);
    dispatch_floats(op.call, op.y, [&]<class T>(auto on) { kernels::log_softmax_backward(on, raw<T>(op.yd), raw<T>(op.dyd), raw<T>(op.dx), op.n); });
    return recorded<LogSoftmaxBackwardNode>(op);
}

}  // namespace vitrine

#include "softmax.h"

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
    void saved(SavedVisitor& v) override { v("y", y); }
    void forward(const NodeValues& v) override { v.out[0] = softmax(v.in[0], axis); }
    void backward(const Grads& g) override { g.in[0] = softmax_backward(y.unpack(*this), g.out[0], axis); }
};

struct LogSoftmaxNode final : Node {
    Saved y;
    int axis = 0;

    const char* name() const override { return "log_softmax"; }
    void saved(SavedVisitor& v) override { v("y", y); }
    void forward(const NodeValues& v) override { v.out[0] = log_softmax(v.in[0], axis); }
    void backward(const Grads& g) override { g.in[0] = log_softmax_backward(y.unpack(*this), g.out[0], axis); }
};

// dx_j = y_j (dy_j - s), s = sum_k dy_k y_k; here g is the gradient of dx.
struct SoftmaxBackwardNode final : Node {
    Saved y, dy;
    int axis = 0;

    const char* name() const override { return "softmax_backward"; }
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
    void saved(SavedVisitor& v) override { v("y", y), v("dy", dy); }
    void forward(const NodeValues& v) override { v.out[0] = log_softmax_backward(v.in[0], v.in[1], axis); }
    void backward(const Grads& g) override {
        const Tensor p = exp(y.unpack(*this)), dy_ = dy.unpack(*this), &g_ = g.out[0];
        if (g.needs(0)) g.in[0] = neg(g_ * p * sum(dy_, axis, true));
        if (g.needs(1)) g.in[1] = g_ - sum(g_ * p, axis, true);
    }
};

}  // namespace

Tensor softmax(Operand operand, std::int64_t axis) {
    const Call call("softmax", operand);
    const Tensor x = call.floating(operand);
    const int a = call.axis(x, axis);

    const Tensor xd = dense(x, call.site());
    Tensor y = empty_like(xd);
    const kernels::SoftmaxShape n = shape_along(xd, a);
    dispatch_floats(call, x, [&]<class T>(auto on) { kernels::softmax_forward(on, raw<T>(xd), raw<T>(y), n); });

    if (recording(x)) {
        auto* node = record<SoftmaxNode>(call, y, x);
        node->y = Saved::output(y);
        node->axis = a;
    }
    return y;
}

Tensor log_softmax(Operand operand, std::int64_t axis) {
    const Call call("log_softmax", operand);
    const Tensor x = call.floating(operand);
    const int a = call.axis(x, axis);

    const Tensor xd = dense(x, call.site());
    Tensor y = empty_like(xd);
    const kernels::SoftmaxShape n = shape_along(xd, a);
    dispatch_floats(call, x, [&]<class T>(auto on) { kernels::log_softmax_forward(on, raw<T>(xd), raw<T>(y), n); });

    if (recording(x)) {
        auto* node = record<LogSoftmaxNode>(call, y, x);
        node->y = Saved::output(y);
        node->axis = a;
    }
    return y;
}

Tensor softmax_backward(Operand operand, const Tensor& dy, std::int64_t axis) {
    const Call call("softmax_backward", operand);
    const Tensor y = call.floating(operand, "y");
    call.check_same(y, dy, "y", "dy");
    const int a = call.axis(y, axis, "y");

    const Tensor yd = dense(y, call.site()), dyd = with_strides(dy, yd.strides());
    Tensor dx = empty_like(yd);
    const kernels::SoftmaxShape n = shape_along(yd, a);
    dispatch_floats(call, y, [&]<class T>(auto on) { kernels::softmax_backward(on, raw<T>(yd), raw<T>(dyd), raw<T>(dx), n); });

    if (recording(y, dy)) {
        auto* node = record<SoftmaxBackwardNode>(call, dx, y, dy);
        node->y = Saved(y), node->dy = Saved(dy);
        node->axis = a;
    }
    return dx;
}

Tensor log_softmax_backward(Operand operand, const Tensor& dy, std::int64_t axis) {
    const Call call("log_softmax_backward", operand);
    const Tensor y = call.floating(operand, "y");
    call.check_same(y, dy, "y", "dy");
    const int a = call.axis(y, axis, "y");

    const Tensor yd = dense(y, call.site()), dyd = with_strides(dy, yd.strides());
    Tensor dx = empty_like(yd);
    const kernels::SoftmaxShape n = shape_along(yd, a);
    dispatch_floats(call, y, [&]<class T>(auto on) { kernels::log_softmax_backward(on, raw<T>(yd), raw<T>(dyd), raw<T>(dx), n); });

    if (recording(y, dy)) {
        auto* node = record<LogSoftmaxBackwardNode>(call, dx, y, dy);
        node->y = Saved(y), node->dy = Saved(dy);
        node->axis = a;
    }
    return dx;
}

}  // namespace vitrine

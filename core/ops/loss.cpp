#include "loss.h"

#include "reduce_plan.h"
#include "vitrine/core/dispatch.h"
#include "vitrine/core/layout.h"
#include "vitrine/core/node.h"
#include "vitrine/core/ops/binary.h"
#include "vitrine/core/ops/creation.h"
#include "vitrine/core/ops/reduce.h"
#include "vitrine/core/ops/unary.h"
#include "vitrine/kernels/loss/loss.h"

namespace vitrine {
namespace {

using kernels::BceWithLogits;
using kernels::Mse;

template <class F>
Tensor loss_backward(F f, Operand x, const Tensor& t, const Tensor& dy, LossOptions options);

double divisor_of(const Tensor& x, LossOptions options) {
    return options.reduction == Reduction::mean ? static_cast<double>(x.numel()) : 1.0;
}

// dy for each element: the mean's is divided by their number.
Tensor each_dy(const Tensor& x, const Tensor& dy, LossOptions options) {
    return options.reduction == Reduction::mean ? dy / divisor_of(x, options) : dy;
}

// What a loss f(x, t) is beyond its kernel: names, dt = g df/dt, and the change w d2f/dx2 of its slope.
const char* name_of(Mse) { return "mse_loss"; }
const char* name_of(BceWithLogits) { return "binary_cross_entropy_with_logits"; }
const char* backward_name_of(Mse) { return "mse_loss_backward"; }
const char* backward_name_of(BceWithLogits) { return "binary_cross_entropy_with_logits_backward"; }

Tensor target_gradient(Mse, const Tensor& x, const Tensor& t, const Tensor& g) { return 2 * (t - x) * g; }
Tensor target_gradient(BceWithLogits, const Tensor& x, const Tensor&, const Tensor& g) { return neg(x) * g; }

Tensor change_of_slope(Mse, const Tensor&, const Tensor& w) { return 2 * w; }
Tensor change_of_slope(BceWithLogits, const Tensor& x, const Tensor& w) {
    const Tensor s = sigmoid(x);
    return w * s * (1 - s);
}
// d2f/dx dt, a number for both.
double mixed_slope(Mse) { return -2; }
double mixed_slope(BceWithLogits) { return -1; }

template <class F>
struct LossNode final : Node {
    Saved x, t;
    LossOptions options;

    const char* name() const override { return name_of(F{}); }
    void saved(SavedVisitor& v) override { v("x", x), v("t", t); }
    void backward(const Grads& g) override {
        const Tensor x_ = x.unpack(*this), t_ = t.unpack(*this), &dy = g.out[0];
        if (g.needs(0)) g.in[0] = loss_backward(F{}, x_, t_, dy, options);
        if (g.needs(1)) g.in[1] = target_gradient(F{}, x_, t_, each_dy(x_, dy, options));
    }
};

// dx = dy df/dx(x, t); here g is the gradient of dx.
template <class F>
struct LossBackwardNode final : Node {
    Saved x, t, dy;
    LossOptions options;

    const char* name() const override { return backward_name_of(F{}); }
    void saved(SavedVisitor& v) override { v("x", x), v("t", t), v("dy", dy); }
    void backward(const Grads& g) override {
        const Tensor x_ = x.unpack(*this), t_ = t.unpack(*this), dy_ = dy.unpack(*this), &g_ = g.out[0];
        if (g.needs(0) || g.needs(1)) {
            const Tensor w = g_ * each_dy(x_, dy_, options);
            if (g.needs(0)) g.in[0] = change_of_slope(F{}, x_, w);
            if (g.needs(1)) g.in[1] = mixed_slope(F{}) * w;
        }
        if (g.needs(2)) g.in[2] = sum_to(g_ * loss_backward(F{}, x_, t_, ones_like(dy_), options), dy_.shape());
    }
};

template <class F>
Tensor loss(F f, Operand operand, const Tensor& t, LossOptions options) {
    const Call call(name_of(f), operand);
    const Tensor& x = call.floating(operand);
    call.check_same(x, t, "x", "target");
    call.check(options.reduction != Reduction::mean || x.numel() > 0, "x ", x.shape(),
               " has no elements; their mean wants at least one");

    const Tensor xd = dense(x, call.site()), td = with_strides(t, xd.strides());
    const bool each = options.reduction == Reduction::none;
    Tensor y = each ? empty_like(xd) : make_tensor({}, {}, x.dtype(), x.device());
    const Tensor workspace = make_workspace(each ? 0 : kernels::loss_workspace_bytes(x.numel()), x.device());
    dispatch_floats(call, x, [&]<class T>(auto on) {
        if (each) kernels::loss_each(on, f, raw<T>(xd), raw<T>(td), raw<T>(y), x.numel());
        else
            kernels::loss_sum(on, f, raw<T>(xd), raw<T>(td), raw<T>(y), divisor_of(x, options), x.numel(),
                              raw_workspace(workspace));
    });

    if (recording(x, t)) {
        auto* node = record<LossNode<F>>(call, y, x, t);
        node->x = Saved(x), node->t = Saved(t);
        node->options = options;
    }
    return y;
}

template <class F>
Tensor loss_backward(F f, Operand operand, const Tensor& t, const Tensor& dy, LossOptions options) {
    const Call call(backward_name_of(f), operand);
    const Tensor& x = call.floating(operand);
    const bool each = options.reduction == Reduction::none;
    call.check_same(x, t, "x", "target");
    call.check_alike(x, dy, "x", "dy");
    call.check(dy.shape() == (each ? x.shape() : Shape()), "dy ", dy.shape(), "; allowed is ",
               each ? x.shape() : Shape());

    const Tensor xd = dense(x, call.site()), td = with_strides(t, xd.strides());
    const Tensor dyd = each ? with_strides(dy, xd.strides()) : dy;
    Tensor dx = empty_like(xd);
    dispatch_floats(call, x, [&]<class T>(auto on) {
        kernels::loss_backward(on, f, raw<T>(xd), raw<T>(td), raw<T>(dyd), each, divisor_of(x, options), raw<T>(dx),
                               x.numel());
    });

    if (recording(x, t, dy)) {
        auto* node = record<LossBackwardNode<F>>(call, dx, x, t, dy);
        node->x = Saved(x), node->t = Saved(t), node->dy = Saved(dy);
        node->options = options;
    }
    return dx;
}

}  // namespace

Tensor mse_loss(Operand x, const Tensor& t, LossOptions options) { return loss(Mse{}, x, t, options); }
Tensor mse_loss_backward(Operand x, const Tensor& t, const Tensor& dy, LossOptions options) {
    return loss_backward(Mse{}, x, t, dy, options);
}

Tensor binary_cross_entropy_with_logits(Operand x, const Tensor& t, LossOptions options) {
    return loss(BceWithLogits{}, x, t, options);
}
Tensor binary_cross_entropy_with_logits_backward(Operand x, const Tensor& t, const Tensor& dy, LossOptions options) {
    return loss_backward(BceWithLogits{}, x, t, dy, options);
}

}  // namespace vitrine

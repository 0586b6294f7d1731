#include "loss.h"

#include <utility>

#include "loss_slopes.h"
#include "vitrine/core/dispatch.h"
#include "vitrine/core/layout.h"
#include "vitrine/core/node.h"
#include "vitrine/core/ops/binary.h"
#include "vitrine/core/ops/creation.h"
#include "vitrine/core/ops/reduce.h"
#include "vitrine/core/ops/view.h"
#include "vitrine/core/workspace.h"

namespace vitrine {
namespace {

// What a loss is called, in errors and in the graph.
struct Names {
    const char *op, *backward;
};

template <class F>
Tensor loss(Names names, F f, Operand x, const Tensor& t, Reduction reduction);
template <class F>
Tensor loss_backward(Names names, F f, Operand x, const Tensor& t, const Tensor& dy, Reduction reduction);

double divisor_of(const Tensor& x, Reduction reduction) {
    return reduction == Reduction::mean ? static_cast<double>(x.numel()) : 1.0;
}

// dy for each element: the mean's is divided by their number.
Tensor each_dy(const Tensor& x, const Tensor& dy, Reduction reduction) {
    return reduction == Reduction::mean ? dy / divisor_of(x, reduction) : dy;
}

// What a function was told, besides how its values are put together.
template <class F>
NodeArguments arguments_of(const F& f, Reduction reduction) {
    NodeArguments told{{"reduction", reduction}};
    if constexpr (requires { f.delta; }) told.emplace_back("delta", f.delta);
    if constexpr (std::is_same_v<F, kernels::KlDivLog>) told.emplace_back("log_target", true);
    return told;
}

template <class F>
struct LossNode final : Node {
    Names names;
    F f;
    Saved x, t;
    Reduction reduction = Reduction::mean;

    const char* name() const override { return names.op; }
    NodeArguments arguments() const override { return arguments_of(f, reduction); }
    void saved(SavedVisitor& v) override { v("x", x), v("t", t); }
    void forward(const NodeValues& v) override { v.out[0] = loss(names, f, v.in[0], v.in[1], reduction); }
    void backward(const Grads& g) override {
        const Tensor x_ = x.unpack(*this), t_ = t.unpack(*this), &dy = g.out[0];
        if (g.needs(0)) g.in[0] = loss_backward(names, f, x_, t_, dy, reduction);
        if (!g.needs(1)) return;
        if constexpr (symmetric<F>) g.in[1] = loss_backward(names, f, t_, x_, dy, reduction);
        else g.in[1] = target_gradient(f, x_, t_, each_dy(x_, dy, reduction));
    }
};

// dx = dy df/dx(x, t); here g is the gradient of dx.
template <class F>
struct LossBackwardNode final : Node {
    Names names;
    F f;
    Saved x, t, dy;
    Reduction reduction = Reduction::mean;

    const char* name() const override { return names.backward; }
    void saved(SavedVisitor& v) override { v("x", x), v("t", t), v("dy", dy); }
    void forward(const NodeValues& v) override { v.out[0] = loss_backward(names, f, v.in[0], v.in[1], v.in[2], reduction); }
    void backward(const Grads& g) override {
        const Tensor x_ = x.unpack(*this), t_ = t.unpack(*this), dy_ = dy.unpack(*this), &g_ = g.out[0];
        if (g.needs(0) || g.needs(1)) {
            const Tensor w = g_ * each_dy(x_, dy_, reduction);
            if (g.needs(0)) g.in[0] = change_of_slope(f, x_, t_, w);
            if (g.needs(1)) g.in[1] = mixed_slope(f, x_, t_, w);
        }
        if (g.needs(2)) g.in[2] = sum_to(g_ * loss_backward(names, f, x_, t_, ones_like(dy_), reduction), dy_.shape());
    }
};

// A checked call. Dispatched, it runs the kernel and gives the recorded result.
template <class F>
struct LossCall {
    Names names;
    F f;
    Call call;
    const Tensor &x, &t;
    Reduction reduction;
    bool each;
    Tensor xd, td, y;
    Workspace workspace;

    LossCall(Names called, F function, const Operand& operand, const Tensor& target, Reduction how)
        : names(called), f(function), call(names.op, operand), x(call.floating(operand)), t(target), reduction(how), each(how == Reduction::none),
          workspace(x.device(), each ? 0 : kernels::loss_workspace_bytes(x.numel())) {
        call.check_same(x, t, "x", "target");
        call.check(reduction != Reduction::mean || x.numel() > 0, "x ", x.shape(), " has no elements; their mean wants at least one");
        xd = dense(x, call.site()), td = with_strides(t, xd.strides());
        y = each ? empty_like(xd) : make_tensor({}, {}, x.dtype(), x.device());
    }

    template <class T>
    Tensor operator()(auto on) {
        if (!each) kernels::loss_sum(on, f, raw<T>(xd), raw<T>(td), raw<T>(y), divisor_of(x, reduction), x.numel(), workspace.data());
        else kernels::loss_each(on, f, raw<T>(xd), raw<T>(td), raw<T>(y), x.numel());
        return recorded();
    }

    Tensor recorded() {
        if (recording(x, t)) {
            auto* node = record<LossNode<F>>(call, y, x, t);
            node->x = Saved(x), node->t = Saved(t);
            node->names = names, node->f = f, node->reduction = reduction;
        }
        return std::move(y);
    }
};

template <class F>
Tensor loss(Names names, F f, Operand x, const Tensor& t, Reduction reduction) {
    LossCall<F> op(names, f, x, t, reduction);
    return dispatch_floats(op.call, op.x, op);
}

template <class F>
struct LossBackwardCall {
    Names names;
    F f;
    Call call;
    const Tensor &x, &t, &dy;
    Reduction reduction;
    bool each;
    Tensor xd, td, dyd, dx;

    LossBackwardCall(Names called, F function, const Operand& operand, const Tensor& target, const Tensor& gradient, Reduction how)
        : names(called), f(function), call(names.backward, operand), x(call.floating(operand)), t(target), dy(gradient), reduction(how),
          each(how == Reduction::none) {
        call.check_same(x, t, "x", "target");
        call.check_alike(x, dy, "x", "dy");
        call.check(dy.shape() == (each ? x.shape() : Shape()), "dy ", dy.shape(), "; allowed is ", each ? x.shape() : Shape());
        xd = dense(x, call.site()), td = with_strides(t, xd.strides());
        dyd = each ? with_strides(dy, xd.strides()) : dy;
        dx = empty_like(xd);
    }

    template <class T>
    Tensor operator()(auto on) {
        kernels::loss_backward(on, f, raw<T>(xd), raw<T>(td), raw<T>(dyd), each, divisor_of(x, reduction), raw<T>(dx), x.numel());
        if (recording(x, t, dy)) {
            auto* node = record<LossBackwardNode<F>>(call, dx, x, t, dy);
            node->x = Saved(x), node->t = Saved(t), node->dy = Saved(dy);
            node->names = names, node->f = f, node->reduction = reduction;
        }
        return std::move(dx);
    }
};

template <class F>
Tensor loss_backward(Names names, F f, Operand x, const Tensor& t, const Tensor& dy, Reduction reduction) {
    LossBackwardCall<F> op(names, f, x, t, dy, reduction);
    return dispatch_floats(op.call, op.x, op);
}

}  // namespace

Tensor mse_loss(Operand x, const Tensor& t, LossOptions options) {
    LossCall<Mse> op({"mse_loss", "mse_loss_backward"}, Mse{}, x, t, options.reduction);
    return dispatch_floats(op.call, op.x, op);
}

Tensor l1_loss(Operand x, const Tensor& t, LossOptions options) {
    LossCall<L1> op({"l1_loss", "l1_loss_backward"}, L1{}, x, t, options.reduction);
    return dispatch_floats(op.call, op.x, op);
}

Tensor huber_loss(Operand x, const Tensor& t, HuberOptions options) {
    Call("huber_loss", x).check(options.delta > 0, "delta ", options.delta, "; it must be positive");
    LossCall<Huber> op({"huber_loss", "huber_loss_backward"}, Huber{options.delta, 1}, x, t, options.reduction);
    return dispatch_floats(op.call, op.x, op);
}

Tensor smooth_l1_loss(Operand x, const Tensor& t, SmoothL1Options options) {
    constexpr Names names{"smooth_l1_loss", "smooth_l1_loss_backward"};
    Call(names.op, x).check(options.beta >= 0, "beta ", options.beta, "; it must be 0 or more");
    if (options.beta == 0) return loss(names, L1{}, x, t, options.reduction);
    LossCall<Huber> op(names, Huber{options.beta, 1 / options.beta}, x, t, options.reduction);
    return dispatch_floats(op.call, op.x, op);
}

Tensor binary_cross_entropy(Operand x, const Tensor& t, LossOptions options) {
    LossCall<Bce> op({"binary_cross_entropy", "binary_cross_entropy_backward"}, Bce{}, x, t, options.reduction);
    return dispatch_floats(op.call, op.x, op);
}

Tensor binary_cross_entropy_with_logits(Operand x, const Tensor& t, LossOptions options) {
    LossCall<BceWithLogits> op({"binary_cross_entropy_with_logits", "binary_cross_entropy_with_logits_backward"}, BceWithLogits{}, x, t, options.reduction);
    return dispatch_floats(op.call, op.x, op);
}

Tensor kl_div(Operand x, const Tensor& t, KlDivOptions options) {
    constexpr Names names{"kl_div", "kl_div_backward"};
    if (options.log_target) return loss(names, KlDivLog{}, x, t, options.reduction);
    LossCall<KlDiv> op(names, KlDiv{}, x, t, options.reduction);
    return dispatch_floats(op.call, op.x, op);
}

}  // namespace vitrine

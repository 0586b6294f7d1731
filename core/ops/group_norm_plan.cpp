#include "group_norm_plan.h"

#include <utility>

#include "batch_norm_twice.h"
#include "vitrine/core/dispatch.h"
#include "vitrine/core/layout.h"
#include "vitrine/core/node.h"
#include "vitrine/core/ops/creation.h"
#include "vitrine/core/workspace.h"

namespace vitrine {
namespace {

struct GroupNormGrads {
    Tensor dx, dw, db;
};
// Gradients from x, the forward's mean and rstd and dy, with their node.
GroupNormGrads group_norm_backward(Site site, const Tensor& x, const Tensor& weight, const Tensor& mean, const Tensor& rstd, const Tensor& dy,
                                   const GroupNormPlan& plan);

// A tensor that a call may lack.
Tensor unpack_given(const Saved& saved, Node& node) { return saved.peek().defined() ? saved.unpack(node) : Tensor(); }

struct GroupNormNode final : Node {
    Saved x, weight, mean, rstd;
    bool has_weight = false, has_bias = false;
    GroupNormPlan plan;

    const char* name() const override { return plan.op; }
    NodeArguments arguments() const override { return {{"groups", plan.n.groups}, {"shape", plan.w_shape}, {"eps", plan.eps}}; }
    void saved(SavedVisitor& v) override {
        v("x", x), v("mean", mean), v("rstd", rstd);
        if (has_weight) v("weight", weight);
    }
    void forward(const NodeValues& v) override {
        GroupNormCall op({plan.op, site()}, v.in[0], v.in[1], v.in[2], plan);
        v.out[0] = dispatch_floats(op.call, op.x, op);
    }
    void backward(const Grads& g) override {
        const Tensor x_ = x.unpack(*this), w_ = unpack_given(weight, *this), mean_ = mean.unpack(*this), rstd_ = rstd.unpack(*this);
        const GroupNormGrads d = group_norm_backward(site(), x_, w_, mean_, rstd_, g.out[0], plan);
        if (g.needs(0)) g.in[0] = d.dx;
        if (has_weight && g.needs(1)) g.in[1] = d.dw;
        if (has_bias && g.needs(2)) g.in[2] = d.db;
    }
};

// Outputs dx, dw, db; inputs x, weight, dy.
struct GroupNormBackwardNode final : Node {
    Saved x, weight, mean, rstd, dy;
    bool has_weight = false;
    GroupNormPlan plan;

    const char* name() const override { return plan.backward_op; }
    void saved(SavedVisitor& v) override {
        v("x", x), v("mean", mean), v("rstd", rstd), v("dy", dy);
        if (has_weight) v("weight", weight);
    }
    void forward(const NodeValues& v) override {
        const Tensor m = v.here(mean.unpack(*this)), r = v.here(rstd.unpack(*this));
        const GroupNormGrads d = group_norm_backward(site(), v.in[0], v.in[1], m, r, v.in[2], plan);
        v.out[0] = d.dx, v.out[1] = d.dw, v.out[2] = d.db;
    }
    void backward(const Grads& g) override {
        const Tensor x_ = x.unpack(*this);
        const auto reshaped = [](const Tensor& z, const Shape& shape) { return z.defined() ? z.reshape(shape) : z; };
        Normalisation n{.x = reshaped(x_, plan.x_view),
                        .dy = reshaped(dy.unpack(*this), plan.x_view),
                        .group = plan.group,
                        .shared = plan.shared,
                        .eps = plan.eps};
        if (has_weight) n.w = reshaped(weight.unpack(*this), plan.w_view);
        const NormalisationGrads d = normalisation_backward_twice(
            n, reshaped(g.out[0], plan.x_view), reshaped(g.out[1], plan.w_view), reshaped(g.out[2], plan.w_view));
        if (g.needs(0)) g.in[0] = reshaped(d.x, x_.shape());
        if (has_weight && g.needs(1)) g.in[1] = reshaped(d.w, plan.w_shape);
        if (g.needs(2)) g.in[2] = reshaped(d.dy, x_.shape());
    }
};

Tensor in_row(const Tensor& c, Site site) { return c.defined() ? c.contiguous(site) : c; }

Tensor laid_out(const Tensor& x, const GroupNormPlan& plan, Site site) {
    return plan.channels_last ? channels_last(x) : x.contiguous(site);
}
Tensor make_laid_out(const Tensor& x, const GroupNormPlan& plan) {
    const Strides strides = plan.channels_last ? channels_last_strides(x.shape()) : contiguous_strides(x.shape());
    return make_tensor(x.shape(), strides, x.dtype(), x.device());
}

const GroupNormPlan& checked(const Call& call, const GroupNormPlan& plan) {
    call.check(plan.eps > 0, "eps ", plan.eps, "; it must be above 0");
    return plan;
}

struct GroupNormBackwardCall {
    Call call;
    const Tensor &x, &weight, &mean, &rstd, &dy;
    const GroupNormPlan& plan;
    Tensor xd, dyd, w;  // as the kernel reads them
    GroupNormGrads d;
    Workspace workspace;

    GroupNormBackwardCall(Site site, const Tensor& given, const Tensor& scale, const Tensor& means, const Tensor& rstds, const Tensor& gradient,
                          const GroupNormPlan& how)
        : call(how.backward_op, site), x(given), weight(scale), mean(means), rstd(rstds), dy(gradient), plan(how), xd(laid_out(x, plan, site)),
          dyd(laid_out(dy, plan, site)), w(in_row(weight, site)), workspace(x.device(), x.numel() > 0 ? kernels::group_norm_workspace_bytes(plan.n) : 0) {
        const TensorOptions like{.dtype = x.dtype(), .device = x.device()};
        d.dx = make_laid_out(x, plan);
        d.dw = x.numel() > 0 ? empty(plan.w_shape, like) : zeros(plan.w_shape, like);
        d.db = x.numel() > 0 ? empty(plan.w_shape, like) : zeros(plan.w_shape, like);
    }

    template <class T>
    void operator()(auto on) {
        if (x.numel() > 0) kernels::group_norm_backward(on, raw<T>(xd), raw_or_null<T>(w), raw<T>(mean), raw<T>(rstd), raw<T>(dyd), raw<T>(d.dx), raw<T>(d.dw), raw<T>(d.db), plan.n, workspace.data());
    }

    GroupNormGrads recorded() {
        if (recording(x, weight, dy)) {
            auto* node = record<GroupNormBackwardNode>(call, d.dx, x, weight, dy);
            node->add_output(d.dw), node->add_output(d.db);
            node->x = Saved(x), node->mean = Saved(mean), node->rstd = Saved(rstd), node->dy = Saved(dy);
            node->has_weight = weight.defined();
            if (node->has_weight) node->weight = Saved(weight);
            node->plan = plan;
        }
        return std::move(d);
    }
};

GroupNormGrads group_norm_backward(Site site, const Tensor& x, const Tensor& weight, const Tensor& mean, const Tensor& rstd, const Tensor& dy,
                                   const GroupNormPlan& plan) {
    GroupNormBackwardCall op(site, x, weight, mean, rstd, dy, plan);
    dispatch_floats(op.call, op.x, op);
    return op.recorded();
}

}  // namespace

GroupNormCall::GroupNormCall(const Call& c, const Tensor& given, const Tensor& scale, const Tensor& shift, const GroupNormPlan& how)
    : call(c), x(given), weight(scale), bias(shift), plan(checked(call, how)), xd(laid_out(x, plan, call.site())), w(in_row(weight, call.site())),
      b(in_row(bias, call.site())), y(make_laid_out(x, plan)), mean(empty({plan.n.images * plan.n.groups}, {.dtype = x.dtype(), .device = x.device()})),
      rstd(empty_like(mean)), workspace(x.device(), x.numel() > 0 ? kernels::group_norm_workspace_bytes(plan.n) : 0) {}

Tensor GroupNormCall::recorded() {
    if (recording(x, weight, bias)) {
        auto* node = record<GroupNormNode>(call, y, x, weight, bias);
        node->x = Saved(x), node->mean = Saved(mean), node->rstd = Saved(rstd);
        node->has_weight = weight.defined(), node->has_bias = bias.defined();
        if (node->has_weight) node->weight = Saved(weight);
        node->plan = plan;
    }
    return std::move(y);
}

}  // namespace vitrine

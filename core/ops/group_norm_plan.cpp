#include "group_norm_plan.h"

#include "batch_norm_twice.h"
#include "vitrine/core/dispatch.h"
#include "vitrine/core/layout.h"
#include "vitrine/core/node.h"
#include "vitrine/core/ops/creation.h"
#include "vitrine/core/workspace.h"

namespace vitrine {
namespace {

struct GroupNormNode final : Node {
    Saved x, weight, mean, rstd;
    bool has_weight = false, has_bias = false;
    GroupNormPlan plan;

    const char* name() const override { return plan.op; }
    void saved(SavedVisitor& v) override {
        v("x", x), v("mean", mean), v("rstd", rstd);
        if (has_weight) v("weight", weight);
    }
    void forward(const NodeValues& v) override {
        v.out[0] = group_norm_by(Call(plan.op, site()), v.in[0], v.in[1], v.in[2], plan);
    }
    void backward(const Grads& g) override {
        const Tensor w = has_weight ? weight.unpack(*this) : Tensor();
        const GroupNormGrads d =
            group_norm_backward_by(site(), x.unpack(*this), w, mean.unpack(*this), rstd.unpack(*this), g.out[0], plan);
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
        const GroupNormGrads d = group_norm_backward_by(site(), v.in[0], v.in[1], m, r, v.in[2], plan);
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

}  // namespace

Tensor group_norm_by(const Call& call, const Tensor& x, const Tensor& weight, const Tensor& bias,
                     const GroupNormPlan& plan) {
    call.check(plan.eps > 0, "eps ", plan.eps, "; it must be above 0");
    const kernels::GroupNormShape n = plan.n;
    const Tensor xd = laid_out(x, plan, call.site()), w = in_row(weight, call.site()), b = in_row(bias, call.site());
    Tensor y = make_laid_out(x, plan);
    const Tensor mean = empty({n.images * n.groups}, {.dtype = x.dtype(), .device = x.device()}),
                 rstd = empty_like(mean);
    if (x.numel() > 0) {
        const Workspace workspace(x.device(), kernels::group_norm_workspace_bytes(n));
        dispatch_floats(call, x, [&]<class T>(auto on) {
            kernels::group_norm_forward(on, raw<T>(xd), raw_or_null<T>(w), raw_or_null<T>(b), raw<T>(y), raw<T>(mean),
                                        raw<T>(rstd), plan.eps, n, workspace.data());
        });
    }

    if (recording(x, weight, bias)) {
        auto* node = record<GroupNormNode>(call, y, x, weight, bias);
        node->x = Saved(x), node->mean = Saved(mean), node->rstd = Saved(rstd);
        node->has_weight = weight.defined(), node->has_bias = bias.defined();
        if (node->has_weight) node->weight = Saved(weight);
        node->plan = plan;
    }
    return y;
}

GroupNormGrads group_norm_backward_by(Site site, const Tensor& x, const Tensor& weight, const Tensor& mean,
                                      const Tensor& rstd, const Tensor& dy, const GroupNormPlan& plan) {
    const Call call(plan.backward_op, site);
    const kernels::GroupNormShape n = plan.n;
    const Tensor xd = laid_out(x, plan, site), dyd = laid_out(dy, plan, site), w = in_row(weight, site);
    const TensorOptions like{.dtype = x.dtype(), .device = x.device()};
    GroupNormGrads d;
    d.dx = make_laid_out(x, plan);
    d.dw = x.numel() > 0 ? empty(plan.w_shape, like) : zeros(plan.w_shape, like);
    d.db = x.numel() > 0 ? empty(plan.w_shape, like) : zeros(plan.w_shape, like);
    if (x.numel() > 0) {
        const Workspace workspace(x.device(), kernels::group_norm_workspace_bytes(n));
        dispatch_floats(call, x, [&]<class T>(auto on) {
            kernels::group_norm_backward(on, raw<T>(xd), raw_or_null<T>(w), raw<T>(mean), raw<T>(rstd), raw<T>(dyd),
                                         raw<T>(d.dx), raw<T>(d.dw), raw<T>(d.db), n, workspace.data());
        });
    }

    if (recording(x, weight, dy)) {
        auto* node = record<GroupNormBackwardNode>(call, d.dx, x, weight, dy);
        node->add_output(d.dw), node->add_output(d.db);
        node->x = Saved(x), node->mean = Saved(mean), node->rstd = Saved(rstd), node->dy = Saved(dy);
        node->has_weight = weight.defined();
        if (node->has_weight) node->weight = Saved(weight);
        node->plan = plan;
    }
    return d;
}

}  // namespace vitrine

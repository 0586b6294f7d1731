#include "batch_norm.h"

#include "batch_norm_twice.h"
#include "unary.h"
#include "vitrine/core/dispatch.h"
#include "vitrine/core/elementwise.h"
#include "vitrine/core/layout.h"
#include "vitrine/core/node.h"
#include "vitrine/core/ops/binary.h"
#include "vitrine/core/ops/creation.h"
#include "vitrine/core/workspace.h"
#include "vitrine/kernels/batch_norm/batch_norm.h"

namespace vitrine {
namespace {

struct BatchNormNode final : Node {
    Saved x, weight, mean, rstd;
    bool has_weight = false, has_bias = false;
    BatchNormOptions options;

    const char* name() const override { return "batch_norm"; }
    void saved(SavedVisitor& v) override {
        v("x", x), v("mean", mean), v("rstd", rstd);
        if (has_weight) v("weight", weight);
    }
    void forward(const NodeValues& v) override {
        Tensor running_mean, running_var;
        if (!options.training) {
            running_mean = v.here(mean.unpack(*this));
            running_var = no_grad([&] { return reciprocal(square(v.here(rstd.unpack(*this)))) - options.eps; });
        }
        v.out[0] = batch_norm(v.in[0], v.in[1], v.in[2], running_mean, running_var, options);
    }
    void backward(const Grads& g) override {
        const Tensor w = has_weight ? weight.unpack(*this) : Tensor();
        const BatchNormGrads d =
            batch_norm_backward(x.unpack(*this), w, mean.unpack(*this), rstd.unpack(*this), g.out[0], options);
        if (g.needs(0)) g.in[0] = d.dx;
        if (has_weight && g.needs(1)) g.in[1] = d.dw;
        if (has_bias && g.needs(2)) g.in[2] = d.db;
    }
};

// Outputs dx, dw, db; inputs x, weight, dy.
struct BatchNormBackwardNode final : Node {
    Saved x, weight, mean, rstd, dy;
    bool has_weight = false;
    BatchNormOptions options;

    const char* name() const override { return "batch_norm_backward"; }
    void saved(SavedVisitor& v) override {
        v("x", x), v("mean", mean), v("rstd", rstd), v("dy", dy);
        if (has_weight) v("weight", weight);
    }
    void forward(const NodeValues& v) override {
        const Tensor m = v.here(mean.unpack(*this)), r = v.here(rstd.unpack(*this));
        const BatchNormGrads d = batch_norm_backward(v.in[0], v.in[1], m, r, v.in[2], options);
        v.out[0] = d.dx, v.out[1] = d.dw, v.out[2] = d.db;
    }
    void backward(const Grads& g) override {
        const Tensor x_ = x.unpack(*this);
        Shape per_channel = Shape::filled(x_.dim(), 1);
        per_channel[1] = x_.size(1);
        const auto spread = [&](const Tensor& c) { return c.defined() ? c.reshape(per_channel) : c; };
        Shape all_but_channels{0};
        for (int d = 2; d < x_.dim(); ++d) all_but_channels.push_back(d);

        Normalisation n{
            .x = x_, .dy = dy.unpack(*this), .group = all_but_channels, .shared = all_but_channels, .eps = options.eps};
        if (has_weight) n.w = spread(weight.unpack(*this));
        if (!options.training) n.mean = spread(mean.unpack(*this)), n.rstd = spread(rstd.unpack(*this));
        const NormalisationGrads d = normalisation_backward_twice(n, g.out[0], spread(g.out[1]), spread(g.out[2]));
        if (g.needs(0)) g.in[0] = d.x;
        if (has_weight && g.needs(1) && d.w.defined()) g.in[1] = d.w.reshape({x_.size(1)});
        if (g.needs(2)) g.in[2] = d.dy;
    }
};

void check_per_channel(const Call& call, const Tensor& x, const Tensor& c, const char* letter) {
    if (!c.defined()) return;
    call.check_alike(x, c, "x", letter);
    call.check(c.shape() == Shape{x.shape()[1]}, letter, " ", c.shape(), " for x ", x.shape(), "; it must be ",
               Shape{x.shape()[1]}, ", one value for each channel");
}

kernels::BatchNormShape rows_and_channels(const Tensor& x) {
    const std::int64_t channels = x.shape()[1];
    return {channels == 0 ? 0 : x.numel() / channels, channels};
}

Tensor in_row(const Tensor& c, Site site) { return c.defined() ? c.contiguous(site) : c; }

}  // namespace

Tensor batch_norm(Operand operand, const Tensor& weight, const Tensor& bias, const Tensor& running_mean,
                  const Tensor& running_var, BatchNormOptions options) {
    const Call call("batch_norm", operand);
    const Tensor x = call.floating(operand);
    call.check(x.dim() >= 2 && x.dim() <= 4, "x ", x.shape(), "; allowed are (N, C), (N, C, L) and (N, C, H, W)");
    check_per_channel(call, x, weight, "weight");
    check_per_channel(call, x, bias, "bias");
    check_per_channel(call, x, running_mean, "running_mean");
    check_per_channel(call, x, running_var, "running_var");
    call.check(running_mean.defined() == running_var.defined(),
               "running_mean and running_var come together; one is undefined");
    call.check(options.training || running_mean.defined(), "running_mean is undefined; inference needs it");
    call.check(!running_mean.requires_grad() && !running_var.requires_grad(),
               "running_mean or running_var requires grad; they are not trained");
    call.check(options.eps > 0, "eps ", options.eps, "; it must be above 0");
    const kernels::BatchNormShape n = rows_and_channels(x);
    call.check(!options.training || n.rows != 1, "x ", x.shape(),
               " has one value per channel; training needs more, or eval()");

    const Tensor xd = channels_last(x), w = in_row(weight, call.site()), b = in_row(bias, call.site());
    Tensor y = make_channels_last(x.shape(), x.dtype(), x.device()), mean, rstd;
    if (options.training && n.rows > 0) {
        mean = empty({n.channels}, {.dtype = x.dtype(), .device = x.device()}), rstd = empty_like(mean);
        const Tensor rm = in_row(running_mean, call.site()), rv = in_row(running_var, call.site());
        const Workspace workspace(x.device(), kernels::batch_norm_workspace_bytes(n));
        dispatch_floats(call, x, [&]<class T>(auto on) {
            const kernels::BatchNormRunning<T> running{raw_or_null<T>(rm), raw_or_null<T>(rv), options.momentum};
            kernels::batch_norm_forward(on, raw<T>(xd), raw_or_null<T>(w), raw_or_null<T>(b), raw<T>(y), raw<T>(mean),
                                        raw<T>(rstd), running, options.eps, n, workspace.data());
        });
        for (auto [kept, updated] : {std::pair(running_mean, rm), std::pair(running_var, rv)}) {
            if (!kept.defined()) continue;
            if (kept.impl() == updated.impl())
                changed_in_place(kept);
            else
                kept.copy_(updated);
        }
    } else {
        // Without rows nothing is read; what stands in for the statistics of no values does not matter.
        const NoGrad no_grad;
        mean = running_mean.defined() ? in_row(running_mean, call.site())
                                      : zeros({n.channels}, {.dtype = x.dtype(), .device = x.device()});
        rstd = running_var.defined() ? rsqrt(in_row(running_var, call.site()) + options.eps) : ones_like(mean);
        dispatch_floats(call, x, [&]<class T>(auto on) {
            kernels::batch_norm_inference(on, raw<T>(xd), raw_or_null<T>(w), raw_or_null<T>(b), raw<T>(mean),
                                          raw<T>(rstd), raw<T>(y), n);
        });
    }

    if (recording(x, weight, bias)) {
        auto* node = record<BatchNormNode>(call, y, x, weight, bias);
        node->x = Saved(x), node->mean = Saved(mean), node->rstd = Saved(rstd);
        node->has_weight = weight.defined(), node->has_bias = bias.defined();
        if (node->has_weight) node->weight = Saved(weight);
        node->options = options;
    }
    return y;
}

BatchNormGrads batch_norm_backward(Operand operand, const Tensor& weight, const Tensor& mean, const Tensor& rstd,
                                   const Tensor& dy, BatchNormOptions options) {
    const Call call("batch_norm_backward", operand);
    const Tensor x = call.floating(operand);
    call.check_same(x, dy, "x", "dy");
    call.check(x.dim() >= 2 && x.dim() <= 4, "x ", x.shape(), "; allowed are (N, C), (N, C, L) and (N, C, H, W)");
    call.check(mean.defined() && rstd.defined(), "mean or rstd is undefined");
    check_per_channel(call, x, weight, "weight");
    check_per_channel(call, x, mean, "mean");
    check_per_channel(call, x, rstd, "rstd");

    const kernels::BatchNormShape n = rows_and_channels(x);
    const Tensor xd = channels_last(x), dyd = channels_last(dy), w = in_row(weight, call.site());
    const Tensor m = in_row(mean, call.site()), r = in_row(rstd, call.site());
    BatchNormGrads d;
    d.dx = make_channels_last(x.shape(), x.dtype(), x.device());
    d.dw = empty_like(m), d.db = empty_like(m);
    const Workspace workspace(x.device(), kernels::batch_norm_workspace_bytes(n));
    dispatch_floats(call, x, [&]<class T>(auto on) {
        kernels::batch_norm_backward(on, raw<T>(xd), raw_or_null<T>(w), raw<T>(m), raw<T>(r), raw<T>(dyd), raw<T>(d.dx),
                                     raw<T>(d.dw), raw<T>(d.db), options.training, n, workspace.data());
    });

    if (recording(x, weight, dy)) {
        auto* node = record<BatchNormBackwardNode>(call, d.dx, x, weight, dy);
        node->add_output(d.dw), node->add_output(d.db);
        node->x = Saved(x), node->mean = Saved(mean), node->rstd = Saved(rstd), node->dy = Saved(dy);
        node->has_weight = weight.defined();
        if (node->has_weight) node->weight = Saved(weight);
        node->options = options;
    }
    return d;
}

}  // namespace vitrine

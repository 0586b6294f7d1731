#include "batch_norm.h"

#include "batch_norm_twice.h"
#include "unary.h"
#include "vitrine/core/dispatch.h"
#include "vitrine/core/elementwise.h"
#include "vitrine/core/layout.h"
#include "vitrine/core/node.h"
#include "vitrine/core/ops/binary.h"
#include "vitrine/core/ops/creation.h"
#include "vitrine/core/ops/where.h"
#include "vitrine/core/workspace.h"
#include "vitrine/kernels/batch_norm/batch_norm.h"

namespace vitrine {
namespace {

// What runs in the pass of y besides.
enum class Behind { nothing, relu, add_relu };

const char* forward_name(Behind behind) {
    return behind == Behind::nothing ? "batch_norm" : behind == Behind::relu ? "batch_norm_relu" : "batch_norm_add_relu";
}
const char* backward_name(Behind behind) {
    return behind == Behind::nothing ? "batch_norm_backward"
           : behind == Behind::relu  ? "batch_norm_relu_backward"
                                     : "batch_norm_add_relu_backward";
}

struct Statistics {
    Tensor weight, bias, running_mean, running_var;
};
Tensor run_forward(Behind behind, const Operand& x, const Tensor& residual, const Statistics& of,
                   const BatchNormOptions& options);
BatchNormGrads run_backward(Behind behind, const Operand& x, const Tensor& weight, const Tensor& mean,
                            const Tensor& rstd, const Tensor& y, const Tensor& dy, const BatchNormOptions& options);

struct BatchNormNode : Node {
    const Behind behind;
    Saved x, weight, mean, rstd, y;
    bool has_weight = false, has_bias = false;
    BatchNormOptions options;

    explicit BatchNormNode(Behind what = Behind::nothing) : behind(what) {}
    const char* name() const override { return forward_name(behind); }
    void saved(SavedVisitor& v) override {
        v("x", x), v("mean", mean), v("rstd", rstd);
        if (has_weight) v("weight", weight);
        if (behind != Behind::nothing) v("y", y);
    }
    void forward(const NodeValues& v) override {
        Statistics of{v.in[1], v.in[2], {}, {}};
        if (!options.training) {
            of.running_mean = v.here(mean.unpack(*this));
            of.running_var = no_grad([&] { return reciprocal(square(v.here(rstd.unpack(*this)))) - options.eps; });
        }
        v.out[0] = run_forward(behind, v.in[0], behind == Behind::add_relu ? v.in[3] : Tensor(), of, options);
    }
    void backward(const Grads& g) override {
        const Tensor w = has_weight ? weight.unpack(*this) : Tensor();
        const Tensor y_ = behind == Behind::nothing ? Tensor() : y.unpack(*this).detach();
        const BatchNormGrads d =
            run_backward(behind, x.unpack(*this), w, mean.unpack(*this), rstd.unpack(*this), y_, g.out[0], options);
        if (g.needs(0)) g.in[0] = d.dx;
        if (has_weight && g.needs(1)) g.in[1] = d.dw;
        if (has_bias && g.needs(2)) g.in[2] = d.db;
        if (behind == Behind::add_relu && g.needs(3)) g.in[3] = d.dr;
    }
};
struct BatchNormReluNode final : BatchNormNode {
    BatchNormReluNode() : BatchNormNode(Behind::relu) {}
};
struct BatchNormAddReluNode final : BatchNormNode {
    BatchNormAddReluNode() : BatchNormNode(Behind::add_relu) {}
};

// Outputs dx, dw, db and with a residual dr; inputs x, weight, dy. The mask y > 0 is a constant.
struct BatchNormBackwardNode : Node {
    const Behind behind;
    Saved x, weight, mean, rstd, y, dy;
    bool has_weight = false;
    BatchNormOptions options;

    explicit BatchNormBackwardNode(Behind what = Behind::nothing) : behind(what) {}
    const char* name() const override { return backward_name(behind); }
    void saved(SavedVisitor& v) override {
        v("x", x), v("mean", mean), v("rstd", rstd), v("dy", dy);
        if (has_weight) v("weight", weight);
        if (behind != Behind::nothing) v("y", y);
    }
    void forward(const NodeValues& v) override {
        const Tensor m = v.here(mean.unpack(*this)), r = v.here(rstd.unpack(*this));
        const Tensor y_ = behind == Behind::nothing ? Tensor() : v.here(y.unpack(*this));
        const BatchNormGrads d = run_backward(behind, v.in[0], v.in[1], m, r, y_, v.in[2], options);
        v.out[0] = d.dx, v.out[1] = d.dw, v.out[2] = d.db;
        if (behind == Behind::add_relu) v.out[3] = d.dr;
    }
    void backward(const Grads& g) override {
        const Tensor x_ = x.unpack(*this), passes = behind == Behind::nothing ? Tensor() : y.unpack(*this) > 0;
        const auto masked = [&](const Tensor& d) { return passes.defined() && d.defined() ? where(passes, d, 0) : d; };
        Shape per_channel = Shape::filled(x_.dim(), 1);
        per_channel[1] = x_.size(1);
        const auto spread = [&](const Tensor& c) { return c.defined() ? c.reshape(per_channel) : c; };
        Shape all_but_channels{0};
        for (int d = 2; d < x_.dim(); ++d) all_but_channels.push_back(d);

        Normalisation n{.x = x_,
                        .dy = masked(dy.unpack(*this)),
                        .group = all_but_channels,
                        .shared = all_but_channels,
                        .eps = options.eps};
        if (has_weight) n.w = spread(weight.unpack(*this));
        if (!options.training) n.mean = spread(mean.unpack(*this)), n.rstd = spread(rstd.unpack(*this));
        const NormalisationGrads d = normalisation_backward_twice(n, g.out[0], spread(g.out[1]), spread(g.out[2]));
        if (g.needs(0)) g.in[0] = d.x;
        if (has_weight && g.needs(1) && d.w.defined()) g.in[1] = d.w.reshape({x_.size(1)});
        if (!g.needs(2)) return;
        const Tensor s = behind == Behind::add_relu ? g.out[3] : Tensor();
        g.in[2] = masked(!s.defined() ? d.dy : !d.dy.defined() ? s : d.dy + s);
    }
};
struct BatchNormReluBackwardNode final : BatchNormBackwardNode {
    BatchNormReluBackwardNode() : BatchNormBackwardNode(Behind::relu) {}
};
struct BatchNormAddReluBackwardNode final : BatchNormBackwardNode {
    BatchNormAddReluBackwardNode() : BatchNormBackwardNode(Behind::add_relu) {}
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

Tensor run_forward(Behind behind, const Operand& operand, const Tensor& residual, const Statistics& of,
                   const BatchNormOptions& options) {
    const Call call(forward_name(behind), operand);
    const Tensor x = call.floating(operand);
    const auto& [weight, bias, running_mean, running_var] = of;
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

    if (behind == Behind::add_relu) call.check_same(x, residual, "x", "residual");

    const Tensor xd = channels_last(x), rd = behind == Behind::add_relu ? channels_last(residual) : Tensor();
    const Tensor w = in_row(weight, call.site()), b = in_row(bias, call.site());
    Tensor y = make_channels_last(x.shape(), x.dtype(), x.device()), mean, rstd;
    if (options.training && n.rows > 0) {
        mean = empty({n.channels}, {.dtype = x.dtype(), .device = x.device()}), rstd = empty_like(mean);
        const Tensor rm = in_row(running_mean, call.site()), rv = in_row(running_var, call.site());
        const Workspace workspace(x.device(), kernels::batch_norm_workspace_bytes(n));
        dispatch_floats(call, x, [&]<class T>(auto on) {
            const kernels::BatchNormRunning<T> running{raw_or_null<T>(rm), raw_or_null<T>(rv), options.momentum};
            kernels::batch_norm_forward(on, raw<T>(xd), raw_or_null<T>(w), raw_or_null<T>(b), raw<T>(y), raw<T>(mean),
                                        raw<T>(rstd), running, options.eps, n, workspace.data(),
                                        {behind != Behind::nothing, raw_or_null<T>(rd)});
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
                                          raw<T>(rstd), raw<T>(y), n,
                                          {behind != Behind::nothing, raw_or_null<T>(rd)});
        });
    }

    if (recording(x, weight, bias, residual)) {
        BatchNormNode* node = nullptr;
        if (behind == Behind::nothing) node = record<BatchNormNode>(call, y, x, weight, bias);
        if (behind == Behind::relu) node = record<BatchNormReluNode>(call, y, x, weight, bias);
        if (behind == Behind::add_relu) node = record<BatchNormAddReluNode>(call, y, x, weight, bias, residual);
        if (behind != Behind::nothing) node->y = Saved::output(y);
        node->x = Saved(x), node->mean = Saved(mean), node->rstd = Saved(rstd);
        node->has_weight = weight.defined(), node->has_bias = bias.defined();
        if (node->has_weight) node->weight = Saved(weight);
        node->options = options;
    }
    return y;
}

BatchNormGrads run_backward(Behind behind, const Operand& operand, const Tensor& weight, const Tensor& mean,
                            const Tensor& rstd, const Tensor& y, const Tensor& dy, const BatchNormOptions& options) {
    const Call call(backward_name(behind), operand);
    const Tensor x = call.floating(operand);
    call.check_same(x, dy, "x", "dy");
    if (behind != Behind::nothing) call.check_same(x, y, "x", "y");
    call.check(x.dim() >= 2 && x.dim() <= 4, "x ", x.shape(), "; allowed are (N, C), (N, C, L) and (N, C, H, W)");
    call.check(mean.defined() && rstd.defined(), "mean or rstd is undefined");
    check_per_channel(call, x, weight, "weight");
    check_per_channel(call, x, mean, "mean");
    check_per_channel(call, x, rstd, "rstd");

    const kernels::BatchNormShape n = rows_and_channels(x);
    const Tensor xd = channels_last(x), dyd = channels_last(dy), w = in_row(weight, call.site());
    const Tensor yd = behind == Behind::nothing ? y : channels_last(y);
    const Tensor m = in_row(mean, call.site()), r = in_row(rstd, call.site());
    BatchNormGrads d;
    d.dx = make_channels_last(x.shape(), x.dtype(), x.device());
    d.dw = empty_like(m), d.db = empty_like(m);
    if (behind == Behind::add_relu) d.dr = make_channels_last(x.shape(), x.dtype(), x.device());
    const Workspace workspace(x.device(), kernels::batch_norm_workspace_bytes(n));
    dispatch_floats(call, x, [&]<class T>(auto on) {
        kernels::batch_norm_backward(on, raw<T>(xd), raw_or_null<T>(w), raw<T>(m), raw<T>(r), raw<T>(dyd), raw<T>(d.dx),
                                     raw<T>(d.dw), raw<T>(d.db), options.training, n, workspace.data(),
                                     {raw_or_null<T>(yd), raw_or_null<T>(d.dr)});
    });

    if (recording(x, weight, dy)) {
        BatchNormBackwardNode* node = nullptr;
        if (behind == Behind::nothing) node = record<BatchNormBackwardNode>(call, d.dx, x, weight, dy);
        if (behind == Behind::relu) node = record<BatchNormReluBackwardNode>(call, d.dx, x, weight, dy);
        if (behind == Behind::add_relu) node = record<BatchNormAddReluBackwardNode>(call, d.dx, x, weight, dy);
        node->add_output(d.dw), node->add_output(d.db);
        if (behind != Behind::nothing) node->y = Saved(y.detach());
        if (behind == Behind::add_relu) node->add_output(d.dr);
        node->x = Saved(x), node->mean = Saved(mean), node->rstd = Saved(rstd), node->dy = Saved(dy);
        node->has_weight = weight.defined();
        if (node->has_weight) node->weight = Saved(weight);
        node->options = options;
    }
    return d;
}

}  // namespace

Tensor batch_norm(Operand x, const Tensor& weight, const Tensor& bias, const Tensor& running_mean,
                  const Tensor& running_var, BatchNormOptions options) {
    return run_forward(Behind::nothing, x, {}, {weight, bias, running_mean, running_var}, options);
}

Tensor batch_norm_relu(Operand x, const Tensor& weight, const Tensor& bias, const Tensor& running_mean,
                       const Tensor& running_var, BatchNormOptions options) {
    return run_forward(Behind::relu, x, {}, {weight, bias, running_mean, running_var}, options);
}

Tensor batch_norm_add_relu(Operand x, const Tensor& residual, const Tensor& weight, const Tensor& bias,
                           const Tensor& running_mean, const Tensor& running_var, BatchNormOptions options) {
    return run_forward(Behind::add_relu, x, residual, {weight, bias, running_mean, running_var}, options);
}

BatchNormGrads batch_norm_backward(Operand x, const Tensor& weight, const Tensor& mean, const Tensor& rstd,
                                   const Tensor& dy, BatchNormOptions options) {
    return run_backward(Behind::nothing, x, weight, mean, rstd, {}, dy, options);
}

BatchNormGrads batch_norm_relu_backward(Operand x, const Tensor& weight, const Tensor& mean, const Tensor& rstd,
                                        const Tensor& y, const Tensor& dy, BatchNormOptions options) {
    return run_backward(Behind::relu, x, weight, mean, rstd, y, dy, options);
}

BatchNormGrads batch_norm_add_relu_backward(Operand x, const Tensor& weight, const Tensor& mean, const Tensor& rstd,
                                            const Tensor& y, const Tensor& dy, BatchNormOptions options) {
    return run_backward(Behind::add_relu, x, weight, mean, rstd, y, dy, options);
}

}  // namespace vitrine

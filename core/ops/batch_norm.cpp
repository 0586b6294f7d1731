#include "batch_norm.h"

#include <utility>

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
// bias: that of the batch_norm whose y the relu took, where it took nothing else and that is known: then its y need not
// be read.
BatchNormGrads run_backward(Behind behind, const Operand& x, const Tensor& weight, const Tensor& mean,
                            const Tensor& rstd, const Tensor& y, const Tensor& dy, const BatchNormOptions& options, const Tensor* bias = nullptr);

// A tensor that a call may lack.
Tensor unpack_given(const Saved& saved, Node& node) { return saved.peek().defined() ? saved.unpack(node) : Tensor(); }

NodeArguments arguments_of(const BatchNormOptions& options) {
    return {{"training", options.training}, {"momentum", options.momentum}, {"eps", options.eps}};
}

struct BatchNormNode : Node {
    const Behind behind;
    Saved x, weight, bias, mean, rstd, y;
    bool has_weight = false, has_bias = false;
    BatchNormOptions options;

    explicit BatchNormNode(Behind what = Behind::nothing) : behind(what) {}
    const char* name() const override { return forward_name(behind); }
    NodeArguments arguments() const override { return arguments_of(options); }
    void saved(SavedVisitor& v) override {
        v("x", x), v("mean", mean), v("rstd", rstd);
        if (has_weight) v("weight", weight);
        if (has_bias && behind == Behind::relu) v("bias", bias);
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
        const Tensor x_ = x.unpack(*this), w_ = unpack_given(weight, *this), b_ = unpack_given(bias, *this), m = mean.unpack(*this), r = rstd.unpack(*this), y_ = behind == Behind::nothing ? Tensor() : y.unpack(*this).detach();
        const BatchNormGrads d = run_backward(behind, x_, w_, m, r, y_, g.out[0], options, &b_);
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
    NodeArguments arguments() const override { return arguments_of(options); }
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

// x, checked.
const Tensor& checked(const Call& call, Behind behind, const Operand& operand, const Tensor& residual, const Statistics& of, const BatchNormOptions& options) {
    const Tensor& x = call.floating(operand);
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
    call.check(!options.training || rows_and_channels(x).rows != 1, "x ", x.shape(),
               " has one value per channel; training needs more, or eval()");
    if (behind == Behind::add_relu) call.check_same(x, residual, "x", "residual");
    return x;
}

// A checked call of the three. Dispatched, it runs the kernel and gives the recorded result.
struct ForwardCall {
    Call call;
    Behind behind;
    Tensor residual;
    Statistics of;
    BatchNormOptions options;
    const Tensor& x;
    kernels::BatchNormShape n;
    bool measures;                 // mean and variance of x; else they are given
    Tensor xd, rd, w, b, rm, rv;   // as the kernel reads them
    Tensor y, mean, rstd;
    Workspace workspace;

    ForwardCall(Behind what, const Operand& operand, const Tensor& added, const Statistics& given, const BatchNormOptions& how)
        : call(forward_name(what), operand), behind(what), residual(added), of(given), options(how),
          x(checked(call, behind, operand, residual, of, options)), n(rows_and_channels(x)), measures(options.training && n.rows > 0),
          xd(channels_last(x)), rd(behind == Behind::add_relu ? channels_last(residual) : Tensor()), w(in_row(of.weight, call.site())),
          b(in_row(of.bias, call.site())), rm(in_row(of.running_mean, call.site())), rv(in_row(of.running_var, call.site())),
          y(make_channels_last(x.shape(), x.dtype(), x.device())), workspace(x.device(), measures ? kernels::batch_norm_workspace_bytes(n) : 0) {
        if (measures) {
            mean = empty({n.channels}, {.dtype = x.dtype(), .device = x.device()}), rstd = empty_like(mean);
            return;
        }
        // Without rows nothing is read; what stands in for the statistics of no values does not matter.
        const NoGrad no_grad;
        mean = rm.defined() ? rm : zeros({n.channels}, {.dtype = x.dtype(), .device = x.device()});
        rstd = rv.defined() ? rsqrt(rv + options.eps) : ones_like(mean);
    }

    template <class T>
    kernels::BatchNormRunning<T> running() const { return {raw_or_null<T>(rm), raw_or_null<T>(rv), options.momentum}; }
    template <class T>
    kernels::BatchNormRelu<T> behind_it() const { return {behind != Behind::nothing, raw_or_null<T>(rd)}; }

    template <class T>
    Tensor operator()(auto on) {
        if (measures) kernels::batch_norm_forward(on, raw<T>(xd), raw_or_null<T>(w), raw_or_null<T>(b), raw<T>(y), raw<T>(mean), raw<T>(rstd), running<T>(), options.eps, n, workspace.data(), behind_it<T>());
        else kernels::batch_norm_inference(on, raw<T>(xd), raw_or_null<T>(w), raw_or_null<T>(b), raw<T>(mean), raw<T>(rstd), raw<T>(y), n, behind_it<T>());
        return recorded();
    }

    Tensor recorded() {
        if (measures) keep_running(of.running_mean, rm), keep_running(of.running_var, rv);
        if (recording(x, of.weight, of.bias, residual)) {
            BatchNormNode* node = nullptr;
            if (behind == Behind::nothing) node = record<BatchNormNode>(call, y, x, of.weight, of.bias);
            if (behind == Behind::relu) node = record<BatchNormReluNode>(call, y, x, of.weight, of.bias);
            if (behind == Behind::add_relu) node = record<BatchNormAddReluNode>(call, y, x, of.weight, of.bias, residual);
            if (behind != Behind::nothing) node->y = Saved::output(y);
            node->x = Saved(x), node->mean = Saved(mean), node->rstd = Saved(rstd);
            node->has_weight = of.weight.defined(), node->has_bias = of.bias.defined();
            if (node->has_weight) node->weight = Saved(of.weight);
            if (node->has_bias && behind == Behind::relu) node->bias = Saved(of.bias);
            node->options = options;
        }
        return std::move(y);
    }

    static void keep_running(Tensor kept, const Tensor& updated) {
        if (!kept.defined()) return;
        if (kept.impl() == updated.impl())
            changed_in_place(kept);
        else
            kept.copy_(updated);
    }
};

struct BackwardCall {
    Call call;
    Behind behind;
    Tensor x;
    const Tensor &weight, &mean, &rstd, &y, &dy;
    BatchNormOptions options;
    kernels::BatchNormShape n{};
    Tensor xd, dyd, yd, w, m, r, b;  // as the kernel reads them
    bool relu_of_batch_norm;         // and of nothing else
    BatchNormGrads d;
    Workspace workspace;

    BackwardCall(Behind what, const Operand& operand, const Tensor& scale, const Tensor& means, const Tensor& rstds, const Tensor& output,
                 const Tensor& gradient, const BatchNormOptions& how, const Tensor* bias)
        : call(backward_name(what), operand), behind(what), x(call.floating(operand)), weight(scale), mean(means), rstd(rstds), y(output), dy(gradient),
          options(how), n(checked_shape()), xd(channels_last(x)), dyd(channels_last(dy)), yd(behind == Behind::nothing ? y : channels_last(y)),
          w(in_row(weight, call.site())), m(in_row(mean, call.site())), r(in_row(rstd, call.site())),
          b(bias ? in_row(*bias, call.site()) : Tensor()), relu_of_batch_norm(bias && behind == Behind::relu), workspace(x.device(), kernels::batch_norm_workspace_bytes(n)) {
        d.dx = make_channels_last(x.shape(), x.dtype(), x.device());
        d.dw = empty_like(m), d.db = empty_like(m);
        if (behind == Behind::add_relu) d.dr = make_channels_last(x.shape(), x.dtype(), x.device());
    }

    kernels::BatchNormShape checked_shape() const {
        call.check_same(x, dy, "x", "dy");
        if (behind != Behind::nothing) call.check_same(x, y, "x", "y");
        call.check(x.dim() >= 2 && x.dim() <= 4, "x ", x.shape(), "; allowed are (N, C), (N, C, L) and (N, C, H, W)");
        call.check(mean.defined() && rstd.defined(), "mean or rstd is undefined");
        check_per_channel(call, x, weight, "weight");
        check_per_channel(call, x, mean, "mean");
        check_per_channel(call, x, rstd, "rstd");
        return rows_and_channels(x);
    }

    template <class T>
    kernels::BatchNormReluGrad<T> behind_it() const { return {raw_or_null<T>(yd), raw_or_null<T>(d.dr), relu_of_batch_norm, raw_or_null<T>(b)}; }

    template <class T>
    void operator()(auto on) {
        kernels::batch_norm_backward(on, raw<T>(xd), raw_or_null<T>(w), raw<T>(m), raw<T>(r), raw<T>(dyd), raw<T>(d.dx), raw<T>(d.dw), raw<T>(d.db), options.training, n, workspace.data(), behind_it<T>());
    }

    BatchNormGrads recorded() {
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
        return std::move(d);
    }
};

Tensor run_forward(Behind behind, const Operand& x, const Tensor& residual, const Statistics& of, const BatchNormOptions& options) {
    ForwardCall op(behind, x, residual, of, options);
    return dispatch_floats(op.call, op.x, op);
}

BatchNormGrads run_backward(Behind behind, const Operand& x, const Tensor& weight, const Tensor& mean, const Tensor& rstd, const Tensor& y,
                            const Tensor& dy, const BatchNormOptions& options, const Tensor* bias) {
    BackwardCall op(behind, x, weight, mean, rstd, y, dy, options, bias);
    dispatch_floats(op.call, op.x, op);
    return op.recorded();
}

}  // namespace

Tensor batch_norm(Operand x, const Tensor& weight, const Tensor& bias, const Tensor& running_mean,
                  const Tensor& running_var, BatchNormOptions options) {
    ForwardCall op(Behind::nothing, x, {}, {weight, bias, running_mean, running_var}, options);
    return dispatch_floats(op.call, op.x, op);
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

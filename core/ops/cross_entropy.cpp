#include "cross_entropy.h"

#include <utility>

#include "vitrine/core/dispatch.h"
#include "vitrine/core/layout.h"
#include "vitrine/core/node.h"
#include "vitrine/core/ops/binary.h"
#include "vitrine/core/ops/creation.h"
#include "vitrine/core/ops/reduce.h"
#include "vitrine/core/ops/softmax.h"
#include "vitrine/core/ops/unary.h"
#include "vitrine/core/ops/view.h"
#include "vitrine/kernels/cross_entropy/cross_entropy.h"

namespace vitrine {
namespace {

// Logits with classes in the last dimension, row-major, and everything else that a call was given.
struct Rows {
    Tensor x;                  // (rows, classes)
    Tensor t;                  // (rows)
    Tensor w;                  // (classes), or undefined
    Tensor stats;              // (rows, 3): m, s and A of the kernels
    Tensor scale;              // (): of dy; undefined for Reduction::none
    kernels::CrossEntropyShape n;
};

// The same, kept by a node. Undefined tensors stay so.
struct SavedRows {
    Saved x, t, w, stats, scale;
    kernels::CrossEntropyShape n{};

    SavedRows() = default;
    explicit SavedRows(const Rows& rows) : x(rows.x), t(rows.t), n(rows.n) {
        if (rows.w.defined()) w = Saved(rows.w);
        if (rows.stats.defined()) stats = Saved(rows.stats);
        if (rows.scale.defined()) scale = Saved(rows.scale);
    }
    void visit(SavedVisitor& v) {
        v("x", x), v("t", t);
        if (w.peek().defined()) v("w", w);
        if (stats.peek().defined()) v("stats", stats);
        if (scale.peek().defined()) v("scale", scale);
    }
    NodeArguments arguments(Reduction reduction) const {
        return {{"reduction", reduction}, {"ignore_index", n.ignored}, {"label_smoothing", n.smoothing}};
    }
    Rows unpack(Node& node) const {
        const auto given = [&](const Saved& saved) { return saved.peek().defined() ? saved.unpack(node) : Tensor(); };
        return {x.unpack(node), t.unpack(node), given(w), given(stats), given(scale), n};
    }
    /// For a replay, with its x.
    Rows here(const NodeValues& v, const Tensor& its_x, Node& node) const {
        const Rows own = unpack(node);
        return {its_x, v.here(own.t), v.here(own.w), v.here(own.stats), v.here(own.scale), n};
    }
};

Tensor rows_forward(const Call& call, const Rows& rows, Reduction reduction);
Tensor rows_backward(const Rows& rows, const Tensor& dy);

struct CrossEntropyNode final : Node {
    SavedRows rows;
    Reduction reduction = Reduction::mean;

    const char* name() const override { return "cross_entropy"; }
    NodeArguments arguments() const override { return rows.arguments(reduction); }
    void saved(SavedVisitor& v) override { rows.visit(v); }
    void forward(const NodeValues& v) override {
        v.out[0] = rows_forward({name(), site()}, rows.here(v, v.in[0], *this), reduction);
    }
    void backward(const Grads& g) override { g.in[0] = rows_backward(rows.unpack(*this), g.out[0]); }
};

// dx_i = r_i (A_i p_i - a_i), p = softmax(x), r_i = dy of row i; here g is the gradient of dx.
struct CrossEntropyBackwardNode final : Node {
    SavedRows rows;
    Saved dy;

    const char* name() const override { return "cross_entropy_backward"; }
    void saved(SavedVisitor& v) override { rows.visit(v), v("dy", dy); }
    void forward(const NodeValues& v) override { v.out[0] = rows_backward(rows.here(v, v.in[0], *this), v.in[1]); }
    void backward(const Grads& g) override {
        const Rows given = rows.unpack(*this);
        const Tensor dy_ = dy.unpack(*this), &g_ = g.out[0];
        if (g.needs(0)) {
            const Tensor r = given.stats.select(1, 2) * (given.scale.defined() ? dy_ * given.scale : dy_);
            g.in[0] = softmax_backward(softmax(given.x, 1), g_ * r.unsqueeze(1), 1);
        }
        if (g.needs(1)) g.in[1] = sum_to(sum(g_ * rows_backward(given, ones_like(dy_)), 1), dy_.shape());
    }
};

struct RowsBackwardCall {
    Call call;
    const Rows& rows;
    const Tensor& dy;
    Tensor dyd, dx;

    RowsBackwardCall(const char* op, const Rows& given, const Tensor& gradient)
        : call(op, Site::here()), rows(given), dy(gradient), dyd(with_strides(dy, contiguous_strides(dy.shape()))), dx(empty_like(rows.x)) {}
};

struct CrossEntropyBackwardCall : RowsBackwardCall {
    CrossEntropyBackwardCall(const Rows& given, const Tensor& gradient) : RowsBackwardCall("cross_entropy_backward", given, gradient) {}

    template <class T>
    Tensor operator()(auto on) {
        kernels::cross_entropy_backward(on, raw<T>(rows.x), raw<std::int64_t>(rows.t), raw_or_null<T>(rows.w), raw<T>(rows.stats), raw<T>(dyd), raw_or_null<T>(rows.scale), raw<T>(dx), rows.n);
        if (recording(rows.x, dy)) {
            auto* node = record<CrossEntropyBackwardNode>(call, dx, rows.x, dy);
            node->rows = SavedRows(rows), node->dy = Saved(dy);
        }
        return std::move(dx);
    }
};

Tensor rows_backward(const Rows& rows, const Tensor& dy) {
    CrossEntropyBackwardCall op(rows, dy);
    return dispatch_floats(op.call, rows.x, op);
}

Tensor nll_forward(const Call& call, const Rows& rows, Reduction reduction);
Tensor nll_backward(const Rows& rows, const Tensor& dy);

// The loss is linear in x: dx does not depend on it.
struct NllNode final : Node {
    SavedRows rows;
    Reduction reduction = Reduction::mean;

    const char* name() const override { return "nll_loss"; }
    NodeArguments arguments() const override { return rows.arguments(reduction); }
    void saved(SavedVisitor& v) override { rows.visit(v); }
    void forward(const NodeValues& v) override {
        v.out[0] = nll_forward({name(), site()}, rows.here(v, v.in[0], *this), reduction);
    }
    void backward(const Grads& g) override { g.in[0] = nll_backward(rows.unpack(*this), g.out[0]); }
};

// dx is linear in dy; here g is the gradient of dx.
struct NllBackwardNode final : Node {
    SavedRows rows;
    Shape dy_shape;

    const char* name() const override { return "nll_loss_backward"; }
    void saved(SavedVisitor& v) override { rows.visit(v); }
    void forward(const NodeValues& v) override {
        v.out[0] = nll_backward(rows.here(v, v.here(rows.x.unpack(*this)).detach(), *this), v.in[0]);
    }
    void backward(const Grads& g) override {
        const Tensor unit = nll_backward(rows.unpack(*this), ones(dy_shape, {.dtype = g.out[0].dtype(), .device = g.out[0].device()}));
        g.in[0] = sum_to(sum(g.out[0] * unit, 1), dy_shape);
    }
};

struct NllBackwardCall : RowsBackwardCall {
    NllBackwardCall(const Rows& given, const Tensor& gradient) : RowsBackwardCall("nll_loss_backward", given, gradient) {}

    template <class T>
    Tensor operator()(auto on) {
        kernels::nll_backward(on, raw<std::int64_t>(rows.t), raw_or_null<T>(rows.w), raw<T>(dyd), raw_or_null<T>(rows.scale), raw<T>(dx), rows.n);
        if (recording(dy)) {
            auto* node = record<NllBackwardNode>(call, dx, dy);
            node->rows = SavedRows(rows), node->dy_shape = dy.shape();
        }
        return std::move(dx);
    }
};

Tensor nll_backward(const Rows& rows, const Tensor& dy) {
    NllBackwardCall op(rows, dy);
    return dispatch_floats(op.call, op.dx, op);
}

void check_targets(const Call& call, const Tensor& x, const Tensor& t, kernels::CrossEntropyShape n) {
    const Tensor bad = empty({1}, {.dtype = DType::i64, .device = t.device()});
    dispatch_floats(call, x, [&]<class T>(auto on) {
        kernels::cross_entropy_check(on, raw<std::int64_t>(t), raw<std::int64_t>(bad), n);
    });
    const auto row = bad.item<std::int64_t>();
    if (row < 0) return;
    call.fail(join("target ", t.slice(0, row, row + 1).item<std::int64_t>(), " of row ", row, "; allowed are 0 to ",
                   n.classes - 1, " and ignore_index ", n.ignored));
}

// (rows, classes), row-major, from (N, C, d1, ...) or (C): recorded like any other views.
Tensor classes_last(const Tensor& x, std::int64_t classes, std::int64_t rows, Site site) {
    if (x.dim() == 1) return x.reshape({rows, classes}, site).contiguous(site);
    if (x.dim() == 2) return x.contiguous(site);
    Shape order{0};
    for (int i = 2; i < x.dim(); ++i) order.push_back(i);
    order.push_back(1);
    return x.permute(order, site).contiguous(site).reshape({rows, classes}, site);
}

int class_axis(const Tensor& x) { return x.dim() == 1 ? 0 : 1; }

void check_options(const Call& call, const Tensor& x, std::int64_t classes, std::int64_t count, const CrossEntropyOptions& options) {
    call.check(classes > 0, "x ", x.shape(), " has no classes");
    call.check(options.reduction != Reduction::mean || count > 0, "x ", x.shape(), " has no rows; their mean wants at least one");
    const double e = options.label_smoothing;
    call.check(e >= 0 && e <= 1, "label_smoothing ", e, "; allowed are 0 to 1");
    if (!options.weight.defined()) return;
    call.check_alike(x, options.weight, "x", "weight");
    call.check(options.weight.shape() == Shape{classes}, "weight ", options.weight.shape(), "; allowed is ", Shape{classes});
}

// All checks that need no kernel.
void check_shapes(const Call& call, const Tensor& x, const Tensor& target, bool soft, const CrossEntropyOptions& options) {
    call.check(target.device() == x.device(), "x is on ", x.device(), " and target on ", target.device(),
               "; both must be on one device: copy one with to()");
    call.check(x.dim() >= 1, "x ", x.shape(), "; allowed are (N, C), (N, C, ...) and (C)");
    Shape without = x.shape();
    without.erase(class_axis(x));
    const Shape& wanted = soft ? x.shape() : without;
    call.check(target.shape() == wanted, "x is ", x.shape(), " and target ", target.shape(), "; allowed is ", wanted);
    check_options(call, x, x.shape()[class_axis(x)], without.numel(), options);
}

Rows rows_of(const Call& call, const Tensor& x, const Tensor& target, const CrossEntropyOptions& options) {
    const std::int64_t classes = x.shape()[class_axis(x)], count = target.numel();
    Rows rows;
    rows.n = {count, classes, options.ignore_index, options.label_smoothing};
    rows.t = target.contiguous(call.site()).reshape({count}, call.site());
    check_targets(call, x, rows.t, rows.n);
    rows.x = classes_last(x, classes, count, call.site());
    if (options.weight.defined()) rows.w = options.weight.detach().contiguous(call.site());
    return rows;
}

const Tensor& checked_cross_entropy(const Call& call, const Operand& operand, const Tensor& target, const CrossEntropyOptions& options) {
    const Tensor& x = call.floating(operand);
    call.check(target.defined(), "target is undefined");
    const bool soft = is_floating(target.dtype());
    call.check(soft ? target.dtype() == x.dtype() : target.dtype() == DType::i64, "target is ", target.dtype(), "; allowed are i64 and ", x.dtype());
    check_shapes(call, x, target, soft, options);
    return x;
}

const Tensor& checked_nll(const Call& call, const Operand& operand, const Tensor& target, const CrossEntropyOptions& options) {
    const Tensor& x = call.floating(operand);
    call.check(target.defined(), "target is undefined");
    call.check(target.dtype() == DType::i64, "target is ", target.dtype(), "; allowed is i64");
    call.check(options.label_smoothing == 0, "label_smoothing ", options.label_smoothing, "; it wants cross_entropy");
    check_shapes(call, x, target, false, options);
    return x;
}

// -sum_c w_c q_c log softmax(x)_c of probabilities q, with ops that have their derivatives already.
Tensor soft_cross_entropy(const Tensor& x, Tensor q, const CrossEntropyOptions& options, Site site) {
    const std::int64_t classes = x.shape()[class_axis(x)], rows = x.numel() / classes;
    if (options.label_smoothing > 0) q = q * (1 - options.label_smoothing) + options.label_smoothing / static_cast<double>(classes);
    Tensor each = classes_last(q, classes, rows, site) * log_softmax(classes_last(x, classes, rows, site), 1);
    if (options.weight.defined()) each = each * options.weight;
    if (options.reduction == Reduction::none) return neg(sum(each, 1));
    return neg(sum(each)) / (options.reduction == Reduction::mean ? static_cast<double>(rows) : 1.0);
}

// Loss of each row (rows), or the scalar that they add up to: a checked call. Dispatched, it runs the kernels and gives
// the recorded result. For a target of probabilities it is only checked.
struct RowsCall {
    Call call;
    const Tensor* x = nullptr;  // as the user gave it
    Rows rows;
    Reduction reduction;
    Tensor each, total;

    RowsCall(const Call& c, const Rows& given, Reduction how, bool keeps_stats) : call(c), rows(given), reduction(how) { make_outputs(keeps_stats); }
    RowsCall(const Call& c, const Tensor& operand, const Tensor& target, const CrossEntropyOptions& options, bool keeps_stats)
        : call(c), x(&operand), reduction(options.reduction) {
        if (is_floating(target.dtype())) return;
        rows = rows_of(call, operand, target, options);
        make_outputs(keeps_stats);
    }

    void make_outputs(bool keeps_stats) {
        const TensorOptions options{.dtype = rows.x.dtype(), .device = rows.x.device()};
        each = empty({rows.n.rows}, options);
        if (keeps_stats) rows.stats = empty({rows.n.rows, 3}, options);
        if (reduction != Reduction::none) total = empty({}, options), rows.scale = empty({}, options);
    }

    // The scalar where one is wanted, recorded as a node of type N; else the losses in x's shape without its classes.
    template <class N, class T>
    Tensor result(auto on) {
        Tensor y = each;
        if (reduction != Reduction::none) {
            kernels::cross_entropy_total(on, raw<T>(each), raw<std::int64_t>(rows.t), raw_or_null<T>(rows.w), raw<T>(total), raw<T>(rows.scale),
                                         reduction == Reduction::mean, rows.n);
            y = total;
        }
        if (recording(rows.x)) {
            auto* node = record<N>(call, y, rows.x);
            node->rows = SavedRows(rows), node->reduction = reduction;
        }
        if (!x || reduction != Reduction::none || x->dim() == 2) return y;
        Shape without = x->shape();
        without.erase(class_axis(*x));
        return y.reshape(without, call.site());
    }
};

struct CrossEntropyCall : RowsCall {
    CrossEntropyCall(const Call& c, const Rows& given, Reduction how) : RowsCall(c, given, how, true) {}
    CrossEntropyCall(const Call& c, const Operand& operand, const Tensor& target, const CrossEntropyOptions& options)
        : RowsCall(c, checked_cross_entropy(c, operand, target, options), target, options, true) {}

    template <class T>
    Tensor operator()(auto on) {
        kernels::cross_entropy_forward(on, raw<T>(rows.x), raw<std::int64_t>(rows.t), raw_or_null<T>(rows.w), raw<T>(each), raw<T>(rows.stats), rows.n);
        return result<CrossEntropyNode, T>(on);
    }
};

struct NllCall : RowsCall {
    NllCall(const Call& c, const Rows& given, Reduction how) : RowsCall(c, given, how, false) {}
    NllCall(const Call& c, const Operand& operand, const Tensor& target, const CrossEntropyOptions& options)
        : RowsCall(c, checked_nll(c, operand, target, options), target, options, false) {}

    template <class T>
    Tensor operator()(auto on) {
        kernels::nll_forward(on, raw<T>(rows.x), raw<std::int64_t>(rows.t), raw_or_null<T>(rows.w), raw<T>(each), rows.n);
        return result<NllNode, T>(on);
    }
};

Tensor rows_forward(const Call& call, const Rows& rows, Reduction reduction) {
    CrossEntropyCall op(call, rows, reduction);
    return dispatch_floats(call, op.rows.x, op);
}

Tensor nll_forward(const Call& call, const Rows& rows, Reduction reduction) {
    NllCall op(call, rows, reduction);
    return dispatch_floats(call, op.rows.x, op);
}

}  // namespace

Tensor cross_entropy(Operand x, const Tensor& target, CrossEntropyOptions options) {
    CrossEntropyCall op({"cross_entropy", x}, x, target, options);
    return is_floating(target.dtype()) ? soft_cross_entropy(*op.x, target, options, op.call.site()) : dispatch_floats(op.call, op.rows.x, op);
}

Tensor nll_loss(Operand x, const Tensor& target, CrossEntropyOptions options) {
    NllCall op({"nll_loss", x}, x, target, options);
    return dispatch_floats(op.call, op.rows.x, op);
}

}  // namespace vitrine

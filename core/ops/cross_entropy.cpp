#include "cross_entropy.h"

#include "vitrine/core/dispatch.h"
#include "vitrine/core/layout.h"
#include "vitrine/core/node.h"
#include "vitrine/core/ops/binary.h"
#include "vitrine/core/ops/creation.h"
#include "vitrine/core/ops/reduce.h"
#include "vitrine/core/ops/softmax.h"
#include "vitrine/core/ops/view.h"
#include "vitrine/kernels/cross_entropy/cross_entropy.h"

namespace vitrine {
namespace {

// Logits with classes in the last dimension, row-major, and everything else that a call was given.
struct Rows {
    Tensor x;                  // (rows, classes)
    Tensor t;                  // (rows)
    Tensor stats;              // (rows, 2): m and s of the kernels
    Tensor scale;              // (): of dy; undefined for Reduction::none
    kernels::CrossEntropyShape n;
};

struct SavedRows {
    Saved x, t, stats, scale;
    kernels::CrossEntropyShape n{};
    bool scaled = false;

    SavedRows() = default;
    explicit SavedRows(const Rows& rows)
        : x(rows.x), t(rows.t), stats(rows.stats), n(rows.n), scaled(rows.scale.defined()) {
        if (scaled) scale = Saved(rows.scale);
    }
    void visit(SavedVisitor& v) {
        v("x", x), v("t", t), v("stats", stats);
        if (scaled) v("scale", scale);
    }
    Rows unpack(Node& node) const {
        return {x.unpack(node), t.unpack(node), stats.unpack(node), scaled ? scale.unpack(node) : Tensor(), n};
    }
};

Tensor rows_backward(const Rows& rows, const Tensor& dy);

struct CrossEntropyNode final : Node {
    SavedRows rows;

    const char* name() const override { return "cross_entropy"; }
    void saved(SavedVisitor& v) override { rows.visit(v); }
    void backward(const Grads& g) override { g.in[0] = rows_backward(rows.unpack(*this), g.out[0]); }
};

// dx_i = r_i (p_i - [c = t_i]), p = softmax(x), r_i = dy of row i, 0 for an ignored row; here g is the gradient of dx.
struct CrossEntropyBackwardNode final : Node {
    SavedRows rows;
    Saved dy;

    const char* name() const override { return "cross_entropy_backward"; }
    void saved(SavedVisitor& v) override { rows.visit(v), v("dy", dy); }
    void backward(const Grads& g) override {
        const Rows given = rows.unpack(*this);
        const Tensor dy_ = dy.unpack(*this), &g_ = g.out[0];
        if (g.needs(0)) {
            const Tensor counts = ne(given.t, given.n.ignored).to(dy_.dtype());
            const Tensor r = counts * (given.scale.defined() ? dy_ * given.scale : dy_);
            g.in[0] = softmax_backward(softmax(given.x, 1), g_ * r.unsqueeze(1), 1);
        }
        if (g.needs(1)) g.in[1] = sum_to(sum(g_ * rows_backward(given, ones_like(dy_)), 1), dy_.shape());
    }
};

Tensor rows_backward(const Rows& rows, const Tensor& dy) {
    const Call call("cross_entropy_backward", Site::here());
    const Tensor& x = rows.x;
    const Tensor dyd = with_strides(dy, contiguous_strides(dy.shape()));
    Tensor dx = empty_like(x);
    dispatch_floats(call, x, [&]<class T>(auto on) {
        const T* scale = rows.scale.defined() ? raw<T>(rows.scale) : nullptr;
        kernels::cross_entropy_backward(on, raw<T>(x), raw<std::int64_t>(rows.t), raw<T>(rows.stats), raw<T>(dyd),
                                        scale, raw<T>(dx), rows.n);
    });

    if (recording(x, dy)) {
        auto* node = record<CrossEntropyBackwardNode>(call, dx, x, dy);
        node->rows = SavedRows(rows), node->dy = Saved(dy);
    }
    return dx;
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

// Loss of each row (rows), or the scalar that they add up to.
Tensor rows_forward(const Call& call, Rows& rows, Reduction reduction) {
    const Tensor& x = rows.x;
    const kernels::CrossEntropyShape n = rows.n;
    const TensorOptions options{.dtype = x.dtype(), .device = x.device()};
    Tensor each = empty({n.rows}, options), total;
    rows.stats = empty({n.rows, 2}, options);
    if (reduction != Reduction::none) total = empty({}, options), rows.scale = empty({}, options);

    dispatch_floats(call, x, [&]<class T>(auto on) {
        const std::int64_t* t = raw<std::int64_t>(rows.t);
        kernels::cross_entropy_forward(on, raw<T>(x), t, raw<T>(each), raw<T>(rows.stats), n);
        if (reduction != Reduction::none)
            kernels::cross_entropy_total(on, raw<T>(each), t, raw<T>(total), raw<T>(rows.scale),
                                         reduction == Reduction::mean, n);
    });

    Tensor y = reduction == Reduction::none ? each : total;
    if (recording(x)) record<CrossEntropyNode>(call, y, x)->rows = SavedRows(rows);
    return y;
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

}  // namespace

Tensor cross_entropy(Operand operand, const Tensor& target, CrossEntropyOptions options) {
    const Call call("cross_entropy", operand);
    const Tensor& x = call.floating(operand);
    call.check(target.defined(), "target is undefined");
    call.check(target.dtype() == DType::i64, "target is ", target.dtype(), "; allowed is i64");
    call.check(target.device() == x.device(), "x is on ", x.device(), " and target on ", target.device(),
               "; both must be on one device: copy one with to()");
    call.check(x.dim() >= 1, "x ", x.shape(), "; allowed are (N, C), (N, C, ...) and (C)");

    const int axis = x.dim() == 1 ? 0 : 1;
    Shape wanted = x.shape();
    wanted.erase(axis);
    call.check(target.shape() == wanted, "x is ", x.shape(), " and target ", target.shape(), "; allowed is ", wanted);
    const std::int64_t classes = x.shape()[axis], count = wanted.numel();
    call.check(classes > 0, "x ", x.shape(), " has no classes");
    call.check(options.reduction != Reduction::mean || count > 0, "x ", x.shape(),
               " has no rows; their mean wants at least one");

    Rows rows;
    rows.n = {count, classes, options.ignore_index};
    rows.t = target.contiguous(call.site()).reshape({count}, call.site());
    check_targets(call, x, rows.t, rows.n);
    rows.x = classes_last(x, classes, count, call.site());
    const Tensor y = rows_forward(call, rows, options.reduction);
    return options.reduction == Reduction::none && x.dim() != 2 ? y.reshape(wanted, call.site()) : y;
}

}  // namespace vitrine

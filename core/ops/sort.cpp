#include "sort.h"

#include <utility>

#include "vitrine/core/dispatch.h"
#include "vitrine/core/layout.h"
#include "vitrine/core/node.h"
#include "vitrine/core/ops/creation.h"
#include "vitrine/core/workspace.h"
#include "vitrine/kernels/sort/sort.h"

namespace vitrine {
namespace {

Tensor sort_backward(const Tensor& indices, const Tensor& dy, const Shape& shape, kernels::SortShape n);
Tensor sort_gather(const Tensor& x, const Tensor& indices, kernels::SortShape n);
Sorted sorted(const Call& call, const Tensor& x, int axis, const kernels::SortShape& n);

// dx_k = dy_j where place j took k.
struct SortNode final : Node {
    const char* op = "";
    int axis = 0;
    Saved indices;
    Shape shape;  // of x
    kernels::SortShape n{};

    const char* name() const override { return op; }
    NodeArguments arguments() const override { return {{"axis", axis}, {"descending", n.descending}}; }
    void forward(const NodeValues& v) override { v.out[0] = sorted(Call(op, site()), v.in[0], axis, n).values; }
    void saved(SavedVisitor& v) override { v("indices", indices); }
    void backward(const Grads& g) override {
        if (g.out[0].defined()) g.in[0] = sort_backward(indices.unpack(*this), g.out[0], shape, n);
    }
};

struct SortBackwardNode final : Node {
    Saved indices;
    kernels::SortShape n{};

    const char* name() const override { return "sort_backward"; }
    void forward(const NodeValues& v) override {
        v.out[0] = sort_backward(v.here(indices.unpack(*this)), v.in[0], output_shape(0), n);
    }
    void saved(SavedVisitor& v) override { v("indices", indices); }
    void backward(const Grads& g) override { g.in[0] = sort_gather(g.out[0], indices.unpack(*this), n); }
};

// What sort_backward undoes.
struct SortGatherNode final : Node {
    Saved indices;
    Shape shape;
    kernels::SortShape n{};

    const char* name() const override { return "sort_gather"; }
    void forward(const NodeValues& v) override { v.out[0] = sort_gather(v.in[0], v.here(indices.unpack(*this)), n); }
    void saved(SavedVisitor& v) override { v("indices", indices); }
    void backward(const Grads& g) override { g.in[0] = sort_backward(indices.unpack(*this), g.out[0], shape, n); }
};

Tensor work_rows(const Tensor& x) { return with_strides(x, contiguous_strides(x.shape())); }

Tensor sort_backward(const Tensor& indices, const Tensor& dy, const Shape& shape, kernels::SortShape n) {
    const Call call("sort_backward", Site::here());
    Tensor rows = work_rows(dy), dx = empty(shape, {.dtype = dy.dtype(), .device = dy.device()});
    dispatch_floats(call, dy, [&]<class T>(auto on) { kernels::sort_backward(on, raw<std::int64_t>(indices), raw<T>(rows), raw<T>(dx), n); });
    if (recording(dy)) {
        auto* node = record<SortBackwardNode>(call, dx, dy);
        node->indices = Saved(indices), node->n = n;
    }
    return dx;
}

Tensor sort_gather(const Tensor& x, const Tensor& indices, kernels::SortShape n) {
    const Call call("sort_gather", Site::here());
    const Tensor rows = work_rows(x);
    Tensor y = empty(indices.shape(), {.dtype = x.dtype(), .device = x.device()});
    dispatch_floats(call, x, [&]<class T>(auto on) { kernels::sort_gather(on, raw<T>(rows), raw<std::int64_t>(indices), raw<T>(y), n); });
    if (recording(x)) {
        auto* node = record<SortGatherNode>(call, y, x);
        node->indices = Saved(indices), node->shape = x.shape(), node->n = n;
    }
    return y;
}

const Tensor& check_sortable(const Call& call, const Operand& operand) {
    const Tensor& x = call.floating(operand);
    call.check(x.dim() > 0, "x has no dimensions; at least one is needed");
    return x;
}

// `kept` places along an axis; all of them where it is -1.
kernels::SortShape shape_of(const Tensor& x, int axis, std::int64_t kept, bool descending) {
    kernels::SortShape n{1, x.shape()[axis], 1, kept < 0 ? x.shape()[axis] : kept, descending};
    for (int d = 0; d < axis; ++d) n.outer *= x.shape()[d];
    for (int d = axis + 1; d < x.dim(); ++d) n.inner *= x.shape()[d];
    return n;
}

// A checked call. Dispatched, it runs the kernel and gives the recorded result.
struct SortCall {
    Call call;
    const Tensor& x;
    int axis;
    kernels::SortShape n;
    Tensor rows;
    Sorted y;
    Workspace workspace;

    SortCall(const Call& c, const Operand& operand, const SortOptions& options)
        : SortCall{c, check_sortable(c, operand), c.axis(operand.tensor(), options.axis), -1, options.descending} {}  // braces: in this order
    SortCall(const Call& c, const Tensor& operand, int along, std::int64_t kept, bool descending)
        : call(c), x(operand), axis(along), n(shape_of(x, axis, kept, descending)), rows(work_rows(x)), workspace(x.device(), kernels::sort_workspace_bytes(n)) {
        Shape shape = x.shape();
        shape[axis] = n.kept;
        y = {empty(shape, {.dtype = x.dtype(), .device = x.device()}), empty(shape, {.dtype = DType::i64, .device = x.device()})};
    }

    template <class T>
    Sorted operator()(auto on) {
        kernels::sort_forward(on, raw<T>(rows), raw<T>(y.values), raw<std::int64_t>(y.indices), n, workspace.data());
        if (recording(x)) {
            auto* node = record<SortNode>(call, y.values, x);
            node->op = call.op(), node->axis = axis;
            node->indices = Saved(y.indices), node->shape = x.shape(), node->n = n;
        }
        return std::move(y);
    }
};

Sorted sorted(const Call& call, const Tensor& x, int axis, const kernels::SortShape& n) {
    SortCall op(call, x, axis, n.kept, n.descending);
    return dispatch_floats(call, x, op);
}

}  // namespace

Sorted sort(Operand operand, SortOptions options) {
    SortCall op({"sort", operand}, operand, options);
    return dispatch_floats(op.call, op.x, op);
}

Tensor argsort(Operand operand, SortOptions options) {
    const Call call("argsort", operand);
    const Tensor& x = check_sortable(call, operand);
    const NoGrad no_grad;
    SortCall op(call, x, call.axis(x, options.axis), -1, options.descending);
    return dispatch_floats(call, x, op).indices;
}

Sorted topk(Operand operand, std::int64_t k, TopkOptions options) {
    const Call call("topk", operand);
    const Tensor& x = check_sortable(call, operand);
    const int axis = call.axis(x, options.axis);
    call.check(k >= 0 && k <= x.shape()[axis], "k ", k, " on axis ", options.axis, " of x ", x.shape(), "; allowed are 0 to ", x.shape()[axis]);
    SortCall op(call, x, axis, k, options.largest);
    return dispatch_floats(call, x, op);
}

}  // namespace vitrine

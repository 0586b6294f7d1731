#include "index.h"

#include <algorithm>
#include <utility>

#include "vitrine/core/dispatch.h"
#include "vitrine/core/elementwise.h"
#include "vitrine/core/node.h"
#include "vitrine/core/ops/binary.h"
#include "vitrine/core/ops/copy.h"
#include "vitrine/core/ops/creation.h"
#include "vitrine/kernels/index/index.h"

namespace vitrine {
namespace {

// ---- checks

// The indices as kernels read them, each from 0 to size-1.
Tensor check_index(const Call& call, const Tensor& index, const char* letter, std::int64_t size,
                     const std::string& allowed_for) {
    const Tensor t = (index.dtype() == DType::i64 ? index : index.to(DType::i64, call.site())).contiguous(call.site());
    const std::int64_t n = t.numel();
    const Tensor bad = full({1}, static_cast<double>(n), {.dtype = DType::i64, .device = t.device()});
    dispatch_device<std::int64_t>(call, t.device(), [&]<class T>(auto on) {
        kernels::index_check(on, raw<T>(t), raw<T>(bad), n, size);
    });
    const auto first = bad.item<std::int64_t>();
    if (first == n) return t;

    Shape place;
    std::int64_t rest = first;
    for (const std::int64_t step : contiguous_strides(t.shape())) place.push_back(rest / step), rest %= step;
    const auto value = t.reshape({n}).slice(0, first, first + 1).item<std::int64_t>();
    call.check(size > 0, letter, " is ", value, " at ", place, "; ", allowed_for, " has no elements");
    call.fail(join(letter, " is ", value, " at ", place, "; allowed are 0 to ", size - 1, " for ", allowed_for));
}

void check_index_tensor(const Call& call, const Tensor& index, const char* letter, const Tensor& x) {
    call.check(index.defined(), letter, " is undefined");
    call.check(index.dtype() == DType::i64 || index.dtype() == DType::i32, letter, " is ", index.dtype(),
               "; allowed are i64 and i32");
    call.check(index.device() == x.device(), "x is on ", x.device(), " and ", letter, " on ", index.device(),
               "; both must be on one device: copy one with to()");
}

Tensor check_along(const Call& call, const Tensor& x, int axis, const Tensor& index) {
    return check_index(call, index, "index", x.shape()[axis], join("axis ", axis, " of x ", x.shape()));
}

// On every axis but one `index` is no longer than x.
void check_fits(const Call& call, const Tensor& x, int axis, const Tensor& index) {
    bool fits = index.dim() == x.dim();
    for (int d = 0; fits && d < x.dim(); ++d) fits = d == axis || index.shape()[d] <= x.shape()[d];
    call.check(fits, "x is ", x.shape(), " and index ", index.shape(), "; index must have ", x.dim(),
               " dimensions and may be longer than x on axis ", axis, " alone");
}

// A vector of indices, checked, seen as a tensor of x's dimensions.
Tensor check_vector(const Call& call, const Tensor& x, int axis, const Tensor& index) {
    check_index_tensor(call, index, "index", x);
    call.check(index.dim() == 1, "index ", index.shape(), "; allowed is a vector");
    const Tensor t = check_along(call, x, axis, index);
    Shape shape = x.shape();
    shape[axis] = t.shape()[0];
    Strides strides = Strides::filled(x.dim(), 0);
    strides[axis] = 1;
    return make_view(t, shape, strides, t.impl()->offset);
}

// x cut to the sizes of `shape` on every axis but one: a view.
Tensor cut(Tensor x, const Shape& shape, int axis, Site site) {
    for (int d = 0; d < x.dim(); ++d)
        if (d != axis && shape[d] < x.shape()[d]) x = x.slice(d, 0, shape[d], 1, site);
    return x;
}

// ---- both directions, on checked indices t of x's dimensions

Tensor gather_along(const char* op, Operand x, int axis, const Tensor& t);
Tensor scatter_along(const char* op, Operand x, int axis, const Tensor& t, const Tensor& src);

// Sums of 16-bit floats are taken in f32.
Tensor work_floats(const Tensor& dy) { return is_half(dy.dtype()) ? dy.to(DType::f32) : dy; }
Tensor work_zeros(const Shape& shape, const Tensor& dy) {
    return zeros(shape, {.dtype = is_half(dy.dtype()) ? DType::f32 : dy.dtype(), .device = dy.device()});
}

struct GatherNode final : Node {
    const char* op = "";
    Saved index;
    Shape x_shape;
    int axis = 0;

    const char* name() const override { return op; }
    NodeArguments arguments() const override { return {{"axis", axis}}; }
    void saved(SavedVisitor& v) override { v("index", index); }
    void forward(const NodeValues& v) override { v.out[0] = gather_along(op, v.in[0], axis, v.here(index.unpack(*this))); }
    void backward(const Grads& g) override {
        const Tensor dx = scatter_along("scatter_add", work_zeros(x_shape, g.out[0]), axis, index.unpack(*this), work_floats(g.out[0]));
        g.in[0] = is_half(g.out[0].dtype()) ? dx.to(g.out[0].dtype()) : dx;
    }
};

struct ScatterNode final : Node {
    const char* op = "";
    Saved index;
    int axis = 0;

    const char* name() const override { return op; }
    NodeArguments arguments() const override { return {{"axis", axis}}; }
    void saved(SavedVisitor& v) override { v("index", index); }
    void forward(const NodeValues& v) override {
        v.out[0] = scatter_along(op, v.in[0], axis, v.here(index.unpack(*this)), v.in[1]);
    }
    void backward(const Grads& g) override {
        if (g.needs(0)) g.in[0] = g.out[0];
        if (!g.needs(1)) return;
        const Tensor t = index.unpack(*this);
        g.in[1] = gather_along("gather", cut(g.out[0], t.shape(), axis, Site::here()), axis, t);
    }
};

// x has t's sizes on every other axis. Dispatched, it runs the kernel and gives the recorded result.
struct GatherCall {
    Call call;
    Tensor x;
    int axis;
    Tensor t, y;
    kernels::GatherShape shape;

    GatherCall(const char* op, const Operand& operand, int along, const Tensor& index) : call(op, operand), x(call.tensor(operand)), axis(along), t(index) {
        y = make_tensor(t.shape(), contiguous_strides(t.shape()), x.dtype(), x.device());
        Strides x_strides = x.strides();
        x_strides[axis] = 0;
        shape = {kernels::strided<3>(y.dim(), y.shape().begin(), {y.strides().begin(), t.strides().begin(), x_strides.begin()}), x.strides()[axis]};
    }

    template <class T>
    Tensor operator()(auto on) {
        kernels::index_gather(on, raw<T>(x), raw<std::int64_t>(t), raw<T>(y), shape);
        if (recording(x)) {
            auto* node = record<GatherNode>(call, y, x);
            node->op = call.op(), node->axis = axis;
            node->index = Saved(t), node->x_shape = x.shape();
        }
        return std::move(y);
    }
};

Tensor gather_along(const char* name, Operand x, int axis, const Tensor& t) {
    GatherCall op(name, x, axis, t);
    return dispatch_all<with_halves>(op.call, op.x, op);
}

// y without one axis.
kernels::ScatterShape lines_along(const Tensor& y, const Tensor& t, const Tensor& src, int axis) {
    Shape shape = t.shape();
    Strides ys = y.strides(), ts = t.strides(), ss = src.strides();
    shape.erase(axis), ys.erase(axis), ts.erase(axis), ss.erase(axis);
    return {kernels::strided<3>(shape.dims(), shape.begin(), {ys.begin(), ts.begin(), ss.begin()}), t.shape()[axis],
            y.shape()[axis], y.strides()[axis], t.strides()[axis], src.strides()[axis]};
}

// src has t's shape; t fits x. Dispatched, it runs the kernel and gives the recorded result.
struct ScatterCall {
    Call call;
    const Tensor &x, &t, &src;
    int axis;
    Tensor y, part;
    kernels::ScatterShape shape;

    ScatterCall(const char* op, const Operand& operand, int along, const Tensor& index, const Tensor& source)
        : call(op, operand), x(call.tensor(operand)), t(index), src(source), axis(along), y(x.detach().clone(call.site())) {
        part = cut(y, t.shape(), axis, call.site());
        shape = lines_along(part, t, src, axis);
    }

    template <class T>
    Tensor operator()(auto on) {
        if (t.numel() > 0) kernels::index_scatter(on, raw<std::int64_t>(t), raw<T>(src), raw<T>(part), shape);
        if (recording(x, src)) {
            auto* node = record<ScatterNode>(call, y, x, src);
            node->op = call.op(), node->axis = axis, node->index = Saved(t);
        }
        return std::move(y);
    }
};

// In the dtypes that are added up.
template <class F>
Tensor dispatch_sums(const Call& call, const Tensor& x, F&& f) {
    if (x.dtype() == DType::i32) return dispatch_device<std::int32_t>(call, x.device(), f);
    return dispatch_device<std::int64_t>(call, x.device(), f);
}

Tensor scatter_along(const char* name, Operand x, int axis, const Tensor& t, const Tensor& src) {
    ScatterCall op(name, x, axis, t, src);
    if (!is_floating(op.x.dtype())) return dispatch_sums(op.call, op.x, op);
    return dispatch_floats(op.call, op.x, op);
}

void check_summable(const Call& call, const Tensor& x) {
    call.check(is_floating(x.dtype()) || x.dtype() == DType::i32 || x.dtype() == DType::i64, "x is ", x.dtype(),
               "; allowed are f32, f64, i32 and i64", cast_hint(x.dtype()));
}

GatherCall check_gather(const Call& call, const Tensor& x, int axis, const Tensor& index) {
    check_index_tensor(call, index, "index", x);
    check_fits(call, x, axis, index);
    const Tensor t = check_along(call, x, axis, index);
    return {"gather", {cut(x, t.shape(), axis, call.site()), call.site()}, axis, t};
}

GatherCall check_take(const Call& call, const Tensor& x, int axis, const Tensor& index) {
    check_index_tensor(call, index, "index", x);
    bool meet = index.dim() == x.dim();
    Shape shape = x.shape(), taken = index.shape();
    for (int d = 0; meet && d < x.dim(); ++d) {
        if (d == axis) continue;
        meet = shape[d] == taken[d] || shape[d] == 1 || taken[d] == 1;
        shape[d] = taken[d] = shape[d] == 1 ? taken[d] : shape[d];
    }
    call.check(meet, "x is ", x.shape(), " and index ", index.shape(), "; they must broadcast on every axis but ", axis);
    const Tensor t = check_along(call, x, axis, index).expand(taken, call.site());
    return {"take_along_dim", {x.expand(shape, call.site()), call.site()}, axis, t};
}

// The checked indices.
Tensor check_scatter(const Call& call, const Tensor& x, int axis, const Tensor& index, const Tensor& src) {
    check_summable(call, x);
    call.check_alike(x, src, "x", "src");
    check_index_tensor(call, index, "index", x);
    check_fits(call, x, axis, index);
    bool fits = src.dim() == index.dim();
    for (int d = 0; fits && d < src.dim(); ++d) fits = index.shape()[d] <= src.shape()[d];
    call.check(fits, "index is ", index.shape(), " and src ", src.shape(), "; index cannot be longer than src");
    return check_along(call, x, axis, index);
}

Tensor check_index_add(const Call& call, const Tensor& x, int axis, const Tensor& index, const Tensor& src) {
    check_summable(call, x);
    call.check_alike(x, src, "x", "src");
    const Tensor t = check_vector(call, x, axis, index);
    call.check(src.shape() == t.shape(), "src ", src.shape(), " for x ", x.shape(), " and ", t.shape()[axis], " indices; allowed is ", t.shape());
    return t;
}

}  // namespace

Tensor gather(Operand operand, std::int64_t axis, const Tensor& index) {
    const Call call("gather", operand);
    const int a = call.axis(call.tensor(operand), axis);
    GatherCall op = check_gather(call, operand.tensor(), a, index);
    return dispatch_all<with_halves>(call, op.x, op);
}

Tensor take_along_dim(Operand operand, const Tensor& index, std::int64_t axis) {
    const Call call("take_along_dim", operand);
    const int a = call.axis(call.tensor(operand), axis);
    GatherCall op = check_take(call, operand.tensor(), a, index);
    return dispatch_all<with_halves>(call, op.x, op);
}

Tensor index_select(Operand operand, std::int64_t axis, const Tensor& index) {
    const Call call("index_select", operand);
    GatherCall op("index_select", operand, call.axis(call.tensor(operand), axis), check_vector(call, operand.tensor(), call.axis(operand.tensor(), axis), index));
    return dispatch_all<with_halves>(call, op.x, op);
}

Tensor scatter_add(Operand operand, std::int64_t axis, const Tensor& index, const Tensor& src) {
    const Call call("scatter_add", operand);
    const int a = call.axis(call.tensor(operand), axis);
    const Tensor t = check_scatter(call, operand.tensor(), a, index, src), part = cut(src, t.shape(), -1, call.site());
    ScatterCall op("scatter_add", operand, a, t, part);
    return is_floating(src.dtype()) ? dispatch_floats(call, op.x, op) : dispatch_sums(call, op.x, op);
}

Tensor index_add(Operand operand, std::int64_t axis, const Tensor& index, const Tensor& src) {
    const Call call("index_add", operand);
    const int a = call.axis(call.tensor(operand), axis);
    const Tensor t = check_index_add(call, operand.tensor(), a, index, src);
    ScatterCall op("index_add", operand, a, t, src);
    return is_floating(src.dtype()) ? dispatch_floats(call, op.x, op) : dispatch_sums(call, op.x, op);
}

Tensor one_hot(Operand operand, std::int64_t classes, DType dtype) {
    const Call call("one_hot", operand);
    const Tensor& ids = call.tensor(operand, "ids");
    check_index_tensor(call, ids, "ids", ids);
    call.check(classes >= 1, "classes ", classes, "; allowed are 1 and more");
    call.check(ids.dim() < Shape::max_dims, "ids ", ids.shape(), " has too many dimensions; allowed are ",
               Shape::max_dims - 1);
    const Tensor t = check_index(call, ids, "ids", classes, join(classes, " classes"));
    const Tensor places = arange(0, static_cast<double>(classes), 1, {.device = ids.device()}, call.site());
    return eq(t.unsqueeze(-1, call.site()), places).to(dtype, call.site());
}

}  // namespace vitrine

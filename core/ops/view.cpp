#include "view.h"

#include <algorithm>

#include "vitrine/core/layout.h"
#include "vitrine/core/node.h"
#include "vitrine/core/ops/creation.h"
#include "vitrine/core/ops/reduce.h"

namespace vitrine {
namespace {

struct ReshapeNode final : Node {
    Shape x_shape;
    const char* name() const override { return "reshape"; }
    void forward(const NodeValues& v) override { v.out[0] = reshape(v.in[0], output_shape(0)); }
    void backward(const Grads& g) override { g.in[0] = reshape(g.out[0], x_shape); }
};

struct PermuteNode final : Node {
    Shape axes;
    const char* name() const override { return "permute"; }
    NodeArguments arguments() const override { return {{"axes", axes}}; }
    void forward(const NodeValues& v) override { v.out[0] = permute(v.in[0], axes); }
    void backward(const Grads& g) override {
        Shape inverse = axes;
        for (int i = 0; i < axes.dims(); ++i) inverse[static_cast<int>(axes[i])] = i;
        g.in[0] = permute(g.out[0], inverse);
    }
};

struct ExpandNode final : Node {
    Shape x_shape;
    const char* name() const override { return "expand"; }
    void forward(const NodeValues& v) override { v.out[0] = expand(v.in[0], output_shape(0)); }
    void backward(const Grads& g) override { g.in[0] = sum_to(g.out[0], x_shape); }
};

// dx is 0 outside the slice.
Tensor slice_backward(Operand dy, const Shape& x_shape, int axis, std::int64_t begin, std::int64_t step);

struct SliceNode final : Node {
    Shape x_shape;
    int axis = 0;
    std::int64_t begin = 0, step = 1;
    const char* name() const override { return "slice"; }
    NodeArguments arguments() const override { return {{"axis", axis}, {"begin", begin}, {"step", step}}; }
    void forward(const NodeValues& v) override {
        v.out[0] = slice(v.in[0], axis, begin, begin + output_shape(0)[axis] * step, step);
    }
    void backward(const Grads& g) override { g.in[0] = slice_backward(g.out[0], x_shape, axis, begin, step); }
};

struct SliceBackwardNode final : Node {
    int axis = 0;
    std::int64_t begin = 0, end = 0, step = 1;
    const char* name() const override { return "slice_backward"; }
    void forward(const NodeValues& v) override { v.out[0] = slice_backward(v.in[0], output_shape(0), axis, begin, step); }
    void backward(const Grads& g) override { g.in[0] = slice(g.out[0], axis, begin, end, step); }
};

Tensor slice_backward(Operand operand, const Shape& x_shape, int axis, std::int64_t begin, std::int64_t step) {
    const Call call("slice_backward", operand);
    const Tensor dy = call.tensor(operand, "dy");
    Tensor dx = zeros(x_shape, {.dtype = dy.dtype(), .device = dy.device()});
    const std::int64_t end = begin + dy.shape()[axis] * step;
    {
        const NoGrad no_grad;
        Tensor part = slice(dx, axis, begin, end, step);
        part.copy_(dy);
    }
    if (recording(dy)) {
        auto* node = record<SliceBackwardNode>(call, dx, dy);
        node->axis = axis, node->begin = begin, node->end = end, node->step = step;
    }
    return dx;
}

// Strides with which x's elements, in row-major order, can be seen in `shape`; false when a copy is needed.
bool view_strides(const Tensor& x, const Shape& shape, Strides& strides) {
    strides = contiguous_strides(shape);
    if (x.numel() == 0 || x.is_contiguous()) return true;
    // Walk both shapes from the end; a group of x's dimensions that follow each other in memory may be cut anew.
    int to = shape.dims() - 1;
    std::int64_t group = 1, cut = 1, stride = -1;
    for (int from = x.dim() - 1; from >= 0; --from) {
        if (x.shape()[from] == 1) continue;
        if (stride < 0) stride = x.strides()[from];
        group *= x.shape()[from];
        int outer = from - 1;
        while (outer >= 0 && x.shape()[outer] == 1) --outer;
        const bool group_ends = outer < 0 || x.strides()[outer] != stride * group;
        if (!group_ends) continue;
        while (to >= 0 && (cut < group || shape[to] == 1)) {
            strides[to] = stride * cut;
            cut *= shape[to--];
        }
        if (cut != group) return false;
        group = cut = 1, stride = -1;
    }
    return true;
}

Shape with_inferred(const Call& call, const Tensor& x, Shape shape) {
    std::int64_t known = 1;
    int unknown = -1;
    for (int i = 0; i < shape.dims(); ++i) {
        call.check(shape[i] >= -1 && (shape[i] != -1 || unknown < 0), "shape ", shape, "; sizes are 0 or more, and one may be -1");
        if (shape[i] == -1) unknown = i;
        else known *= shape[i];
    }
    if (unknown >= 0) {
        call.check(known > 0 && x.numel() % known == 0, "x ", x.shape(), " has ", x.numel(), " elements; they cannot fill ", shape);
        shape[unknown] = x.numel() / known;
    }
    call.check(shape.numel() == x.numel(), "x ", x.shape(), " has ", x.numel(), " elements, ", shape, " has ", shape.numel());
    return shape;
}

}  // namespace

Tensor reshape(Operand operand, const Shape& wanted) {
    const Call call("reshape", operand);
    const Tensor& x = call.tensor(operand);
    const Shape shape = with_inferred(call, x, wanted);
    Strides strides;
    if (!view_strides(x, shape, strides)) return reshape(Operand(x.contiguous(call.site()), call.site()), shape);
    Tensor y = make_view(x, shape, strides, x.impl()->offset);
    if (recording(x)) record<ReshapeNode>(call, y, x)->x_shape = x.shape();
    return y;
}

Tensor flatten(Operand operand, std::int64_t first, std::int64_t last) {
    const Call call("flatten", operand);
    const Tensor& x = call.tensor(operand);
    if (x.dim() == 0) return reshape(operand, {1});
    const int from = call.axis(x, first), to = call.axis(x, last);
    call.check(from <= to, "first ", first, " lies behind last ", last, " of x ", x.shape());
    Shape shape;
    std::int64_t joined = 1;
    for (int i = 0; i < x.dim(); ++i) {
        if (i >= from && i <= to) joined *= x.shape()[i];
        if (i < from || i > to) shape.push_back(x.shape()[i]);
        else if (i == to) shape.push_back(joined);
    }
    return reshape(operand, shape);
}

Tensor permute(Operand operand, const Shape& axes) {
    const Call call("permute", operand);
    const Tensor& x = call.tensor(operand);
    call.check(axes.dims() == x.dim(), "axes ", axes, " for x ", x.shape(), "; each axis must be named once");
    Shape order = axes, shape = axes;
    Strides strides = axes;
    std::uint32_t seen = 0;
    for (int i = 0; i < axes.dims(); ++i) {
        const int a = call.axis(x, axes[i]);
        call.check(!(seen >> a & 1), "axes ", axes, " for x ", x.shape(), "; each axis must be named once");
        seen |= 1u << a;
        order[i] = a, shape[i] = x.shape()[a], strides[i] = x.strides()[a];
    }
    Tensor y = make_view(x, shape, strides, x.impl()->offset);
    if (recording(x)) record<PermuteNode>(call, y, x)->axes = order;
    return y;
}

Tensor transpose(Operand operand, std::int64_t a, std::int64_t b) {
    const Call call("transpose", operand);
    const Tensor& x = call.tensor(operand);
    Shape axes = Shape::filled(x.dim(), 0);
    for (int i = 0; i < x.dim(); ++i) axes[i] = i;
    const int i = call.axis(x, a), j = call.axis(x, b);
    axes[i] = j, axes[j] = i;
    return permute(operand, axes);
}

Tensor expand(Operand operand, const Shape& wanted) {
    const Call call("expand", operand);
    const Tensor& x = call.tensor(operand);
    const int added = wanted.dims() - x.dim();
    call.check(added >= 0, "x ", x.shape(), " to ", wanted, "; dimensions can only be added");
    Shape shape = wanted;
    Strides strides = Strides::filled(wanted.dims(), 0);
    for (int i = 0; i < shape.dims(); ++i) {
        const std::int64_t size = i < added ? 1 : x.shape()[i - added];
        if (shape[i] == -1 && i >= added) shape[i] = size;
        call.check(shape[i] >= 0 && (size == 1 || shape[i] == size), "x ", x.shape(), " to ", wanted,
                   "; only dimensions of size 1 can be repeated");
        if (i >= added && size == shape[i]) strides[i] = x.strides()[i - added];
    }
    Tensor y = make_view(x, shape, strides, x.impl()->offset);
    if (recording(x)) record<ExpandNode>(call, y, x)->x_shape = x.shape();
    return y;
}

Tensor squeeze(Operand operand, std::int64_t axis) {
    const Call call("squeeze", operand);
    const Tensor& x = call.tensor(operand);
    const int a = call.axis(x, axis);
    call.check(x.shape()[a] == 1, "axis ", axis, " of x ", x.shape(), " has size ", x.shape()[a], "; allowed is 1");
    Shape shape = x.shape();
    shape.erase(a);
    return reshape(operand, shape);
}

Tensor unsqueeze(Operand operand, std::int64_t axis) {
    const Call call("unsqueeze", operand);
    const Tensor& x = call.tensor(operand);
    const int dims = x.dim();
    call.check(axis >= -dims - 1 && axis <= dims, "axis ", axis, " of x ", x.shape(), "; allowed are ", -dims - 1, " to ", dims);
    Shape shape = x.shape();
    shape.insert(static_cast<int>(axis < 0 ? axis + dims + 1 : axis), 1);
    return reshape(operand, shape);
}

Tensor slice(Operand operand, std::int64_t axis, std::int64_t begin, std::int64_t end, std::int64_t step) {
    const Call call("slice", operand);
    const Tensor& x = call.tensor(operand);
    const int a = call.axis(x, axis);
    call.check(step >= 1, "step ", step, "; allowed are 1 and more");
    const std::int64_t size = x.shape()[a];
    const auto place = [size](std::int64_t at) { return std::clamp<std::int64_t>(at < 0 ? at + size : at, 0, size); };
    const std::int64_t from = place(begin), to = std::max(from, place(end));

    Shape shape = x.shape();
    Strides strides = x.strides();
    step = std::clamp<std::int64_t>(step, 1, std::max<std::int64_t>(1, size));  // a longer one goes as far
    shape[a] = (to - from + step - 1) / step;
    const std::int64_t offset = x.impl()->offset + (shape[a] ? from * strides[a] : 0);
    strides[a] *= step;
    Tensor y = make_view(x, shape, strides, offset);
    if (recording(x)) {
        auto* node = record<SliceNode>(call, y, x);
        node->x_shape = x.shape(), node->axis = a, node->begin = from, node->step = step;
    }
    return y;
}

Tensor select(Operand operand, std::int64_t axis, std::int64_t index) {
    const Call call("select", operand);
    const Tensor& x = call.tensor(operand);
    const int a = call.axis(x, axis);
    const std::int64_t size = x.shape()[a], at = index < 0 ? index + size : index;
    call.check(at >= 0 && at < size, "index ", index, " on axis ", axis, " of x ", x.shape(), "; allowed are ", -size, " to ", size - 1);
    return squeeze(Operand(slice(operand, a, at, at + 1), call.site()), a);
}

Tensor Tensor::reshape(const Shape& shape, Site site) const { return vitrine::reshape({*this, site}, shape); }
Tensor Tensor::flatten(std::int64_t first, std::int64_t last, Site site) const { return vitrine::flatten({*this, site}, first, last); }
Tensor Tensor::transpose(std::int64_t a, std::int64_t b, Site site) const { return vitrine::transpose({*this, site}, a, b); }
Tensor Tensor::permute(const Shape& axes, Site site) const { return vitrine::permute({*this, site}, axes); }
Tensor Tensor::expand(const Shape& shape, Site site) const { return vitrine::expand({*this, site}, shape); }
Tensor Tensor::squeeze(std::int64_t axis, Site site) const { return vitrine::squeeze({*this, site}, axis); }
Tensor Tensor::unsqueeze(std::int64_t axis, Site site) const { return vitrine::unsqueeze({*this, site}, axis); }
Tensor Tensor::slice(std::int64_t axis, std::int64_t begin, std::int64_t end, std::int64_t step, Site site) const {
    return vitrine::slice({*this, site}, axis, begin, end, step);
}
Tensor Tensor::select(std::int64_t axis, std::int64_t index, Site site) const { return vitrine::select({*this, site}, axis, index); }

}  // namespace vitrine

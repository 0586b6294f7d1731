#include "pad.h"

#include <algorithm>
#include <utility>

#include "vitrine/core/dispatch.h"
#include "vitrine/core/elementwise.h"
#include "vitrine/core/held_value.h"
#include "vitrine/core/layout.h"
#include "vitrine/core/memory_order.h"
#include "vitrine/core/node.h"
#include "vitrine/core/ops/copy.h"
#include "vitrine/core/ops/view.h"

namespace vitrine {
namespace {

using Amounts = std::vector<std::int64_t>;

// Places before and behind x along each of its dimensions.
struct Sides {
    Shape left, right;
};

Sides sides_of(const Call& call, int dims, const Amounts& amounts) {
    call.check(amounts.size() % 2 == 0 && amounts.size() <= 2 * static_cast<std::size_t>(dims), amounts.size(),
               " amounts for ", dims, " dimensions; allowed are a left and a right one for each of the last ones");
    Sides sides{Shape::filled(dims, 0), Shape::filled(dims, 0)};
    for (std::size_t i = 0; i < amounts.size(); i += 2) {
        const int d = dims - 1 - static_cast<int>(i / 2);
        sides.left[d] = amounts[i], sides.right[d] = amounts[i + 1];
    }
    return sides;
}

const char* mode_name(PadMode mode) {
    return mode == PadMode::constant ? "constant" : mode == PadMode::reflect ? "reflect" : "replicate";
}

constexpr std::int64_t largest = std::int64_t{1} << 48;  // sums of sizes below this do not overflow

void check_sides(const Call& call, const Tensor& x, const Sides& sides, PadMode mode) {
    for (int d = 0; d < x.dim(); ++d) {
        const std::int64_t n = x.shape()[d], left = sides.left[d], right = sides.right[d];
        const std::int64_t low = std::min(left, right), high = std::max(left, right);
        call.check(low > -largest && high < largest, "amounts ", left, " and ", right, " on axis ", d, " of x ", x.shape());
        if (mode == PadMode::constant) {
            call.check(n + std::min<std::int64_t>(left, 0) + std::min<std::int64_t>(right, 0) >= 0, "amounts ", left,
                       " and ", right, " on axis ", d, " of x ", x.shape(), "; they cut off more than there is");
            continue;
        }
        call.check(low >= 0, "amounts ", left, " and ", right, " on axis ", d, "; mode ", mode_name(mode),
                   " cannot cut off");
        if (high == 0) continue;
        call.check(mode == PadMode::replicate ? n > 0 : high < n, "amounts ", left, " and ", right, " on axis ", d,
                   " of x ", x.shape(), "; mode ", mode_name(mode),
                   mode == PadMode::replicate ? " wants at least one element" : " allows less than the size");
    }
}

// Negative amounts, cut off: views.
Tensor cropped(Tensor x, Sides& sides, Site site) {
    for (int d = 0; d < x.dim(); ++d) {
        const std::int64_t n = x.shape()[d], begin = std::max<std::int64_t>(0, -sides.left[d]);
        const std::int64_t end = n - std::max<std::int64_t>(0, -sides.right[d]);
        if (begin > 0 || end < n) x = x.slice(d, begin, end, 1, site);
        sides.left[d] = std::max<std::int64_t>(0, sides.left[d]), sides.right[d] = std::max<std::int64_t>(0, sides.right[d]);
    }
    return x;
}

// y's dimensions as the kernel walks them. One that follows its inner neighbour in x, where that has no padding, is joined
// with it: a place more is a whole row more.
kernels::PadShape walk_of(const Tensor& x, const Tensor& y, const Sides& sides, PadMode mode) {
    kernels::PadShape shape{};
    shape.mode = mode, shape.count = y.numel();
    int last = -1;
    if (x.numel() == 0) shape.y_sizes[++last] = y.numel();  // all of y lies outside
    for (const int d : x.numel() == 0 ? std::vector<int>() : memory_order(y)) {
        const std::int64_t left = sides.left[d], n = x.shape()[d], stride = x.strides()[d];
        const bool follows = last >= 0 && shape.y_sizes[last] == shape.x_sizes[last] &&
                             stride == shape.x_strides[last] * shape.x_sizes[last] &&
                             (mode == PadMode::constant || y.shape()[d] == n);
        const std::int64_t inner = follows ? shape.x_sizes[last] : 1;
        if (!follows) shape.x_strides[++last] = stride;
        shape.y_sizes[last] = y.shape()[d] * inner;
        shape.x_sizes[last] = n * inner;
        shape.left[last] = left * inner;
    }
    while (last < 1) ++last, shape.y_sizes[last] = shape.x_sizes[last] = 1;
    shape.dims = last + 1;
    return shape;
}

// dx of one dimension, both tensors row-major. Dispatched, it runs the kernel.
struct FoldCall {
    Tensor dy, dx;
    kernels::PadFold n;

    FoldCall(const Tensor& given, int axis, std::int64_t left, std::int64_t right, PadMode mode, Site site) : dy(given.contiguous(site)) {
        Shape shape = dy.shape();
        shape[axis] -= left + right;
        n = {1, shape[axis], 1, left, right, mode};
        for (int d = 0; d < axis; ++d) n.outer *= shape[d];
        for (int d = axis + 1; d < shape.dims(); ++d) n.inner *= shape[d];
        dx = make_tensor(shape, contiguous_strides(shape), dy.dtype(), dy.device());
    }

    template <class T>
    Tensor operator()(auto on) const {
        kernels::pad_fold(on, raw<T>(dy), raw<T>(dx), n);
        return dx;
    }
};

// dy outside the graph; sums of 16-bit floats are taken in f32.
Tensor work_copy(const Tensor& dy) { return is_half(dy.dtype()) ? dy.detach().to(DType::f32) : dy.detach(); }

// What was inside: the gradient of a constant padding, a view.
Tensor inside(Tensor dy, const Shape& x_shape, const Sides& sides, Site site) {
    for (int d = 0; d < dy.dim(); ++d)
        if (dy.shape()[d] != x_shape[d]) dy = dy.slice(d, sides.left[d], sides.left[d] + x_shape[d], 1, site);
    return dy;
}

struct PadNode final : Node {
    Shape x_shape;
    Amounts amounts;
    PadMode mode = PadMode::constant;
    double value = 0;

    const char* name() const override { return "pad"; }
    NodeArguments arguments() const override { return {{"amounts", amounts}, {"mode", mode}, {"value", value}}; }
    void forward(const NodeValues& v) override { v.out[0] = pad(v.in[0], amounts, mode, value); }
    void backward(const Grads& g) override { g.in[0] = pad_backward(g.out[0], x_shape, amounts, mode); }
};

// A checked call. Dispatched, it runs the kernel and gives the recorded result.
struct PadCall {
    Call call;
    Tensor x, y;
    const Amounts& amounts;
    double value;
    kernels::PadShape shape;

    PadCall(const Operand& operand, const Amounts& given, PadMode mode, double number)
        : call("pad", operand), x(call.tensor(operand)), amounts(given), value(number) {
        Sides sides = sides_of(call, x.dim(), amounts);
        check_sides(call, x, sides, mode);
        check_holds(call, x.dtype(), value);
        x = cropped(x, sides, call.site());
        Shape size = x.shape();
        for (int d = 0; d < x.dim(); ++d) size[d] += sides.left[d] + sides.right[d];
        y = make_tensor(size, dense_strides(size, x.strides()), x.dtype(), x.device());
        shape = walk_of(x, y, sides, mode);
    }

    template <class T>
    Tensor operator()(auto on) {
        kernels::pad(on, raw<T>(x), element_from<T>(value), raw<T>(y), shape);
        if (recording(x)) {
            auto* node = record<PadNode>(call, y, x);
            node->x_shape = x.shape(), node->mode = shape.mode, node->value = value;
            for (const std::int64_t amount : amounts) node->amounts.push_back(std::max<std::int64_t>(0, amount));
        }
        return std::move(y);
    }
};

// Linear in dy; here g is the gradient of dx.
struct PadBackwardNode final : Node {
    Amounts amounts;
    PadMode mode = PadMode::constant;

    const char* name() const override { return "pad_backward"; }
    NodeArguments arguments() const override { return {{"amounts", amounts}, {"mode", mode}}; }
    void forward(const NodeValues& v) override { v.out[0] = pad_backward(v.in[0], output_shape(0), amounts, mode); }
    void backward(const Grads& g) override { g.in[0] = pad(g.out[0], amounts, mode); }
};

// What is folded, dimension after dimension.
struct Folding {
    Call call;
    Sides sides;
    Tensor dx;
};

Folding check_backward(const Call& call, const Operand& operand, const Shape& x_shape, const Amounts& amounts) {
    const Tensor& dy = call.tensor(operand, "dy");
    const Sides sides = sides_of(call, dy.dim(), amounts);
    bool fits = x_shape.dims() == dy.dim();
    for (int d = 0; fits && d < dy.dim(); ++d)
        fits = sides.left[d] >= 0 && sides.right[d] >= 0 && x_shape[d] + sides.left[d] + sides.right[d] == dy.shape()[d];
    call.check(fits, "dy ", dy.shape(), " for x ", x_shape, " and these amounts");
    return {call, sides, work_copy(dy)};
}

// The next dimension from d on that has padding; the number of dimensions behind the last.
int shape_next(const Sides& sides, int d) {
    while (d < sides.left.dims() && sides.left[d] + sides.right[d] == 0) ++d;
    return d;
}

}  // namespace

Tensor pad(Operand operand, const Amounts& amounts, PadMode mode, double value) {
    PadCall op(operand, amounts, mode, value);
    return dispatch_all<with_halves>(op.call, op.x, op);
}

Tensor pad_backward(Operand operand, const Shape& x_shape, const Amounts& amounts, PadMode mode) {
    auto [call, sides, dx] = check_backward({"pad_backward", operand}, operand, x_shape, amounts);
    if (mode == PadMode::constant) return inside(operand.tensor(), x_shape, sides, call.site());
    for (int d = shape_next(sides, 0); d < dx.dim(); d = shape_next(sides, d + 1))
        dx = dispatch_floats(call, dx, FoldCall(dx, d, sides.left[d], sides.right[d], mode, call.site()));

    const Tensor& dy = operand.tensor();
    if (is_half(dy.dtype())) dx = dx.to(dy.dtype());
    if (dx.impl()->storage.get() == dy.impl()->storage.get()) return dy;  // nothing was padded
    if (recording(dy)) {
        auto* node = record<PadBackwardNode>(call, dx, dy);
        node->amounts = amounts, node->mode = mode;
    }
    return dx;
}

}  // namespace vitrine

#include "where.h"

#include <algorithm>
#include <utility>

#include "vitrine/core/dispatch.h"
#include "vitrine/core/elementwise.h"
#include "vitrine/core/held_value.h"
#include "vitrine/core/node.h"
#include "vitrine/core/ops/copy.h"
#include "vitrine/core/ops/creation.h"
#include "vitrine/core/ops/reduce.h"
#include "vitrine/kernels/where/where.h"

namespace vitrine {
namespace {

// What a broadcast operand gets of dy; 16-bit floats are added up in f32.
Tensor to_shape(const Tensor& dy, const Shape& shape) {
    if (dy.shape() == shape) return dy;
    return is_half(dy.dtype()) ? sum_to(dy.to(DType::f32), shape).to(dy.dtype()) : sum_to(dy, shape);
}

void check_mask(const Call& call, const Tensor& mask, const char* letter) {
    call.check(mask.defined(), letter, " is undefined");
    call.check(mask.dtype() == DType::boolean, letter, " is ", mask.dtype(),
               "; allowed is bool: compare it, or cast it with to(vt::bool_)");
}

void check_devices(const Call& call, const Tensor& mask, const char* letter, const Tensor& x, const char* x_letter) {
    call.check(mask.device() == x.device(), letter, " is on ", mask.device(), " and ", x_letter, " on ", x.device(),
               "; both must be on one device: copy one with to()");
}

// As broadcast_shape, for operands with other names.
Shape meet(const Call& call, const Shape& a, const char* a_letter, const Shape& b, const char* b_letter) {
    const int dims = std::max(a.dims(), b.dims());
    Shape shape = Shape::filled(dims, 1);
    for (int i = 1; i <= dims; ++i) {
        const std::int64_t an = i <= a.dims() ? a[a.dims() - i] : 1, bn = i <= b.dims() ? b[b.dims() - i] : 1;
        call.check(an == bn || an == 1 || bn == 1, a_letter, " ", a, " and ", b_letter, " ", b,
                   " do not broadcast; counted from the last, sizes must be equal or one of them 1");
        shape[dims - i] = an == 1 ? bn : an;
    }
    return shape;
}

// ---- where

struct WhereNode final : Node {
    Saved condition;
    Shape x_shape, w_shape;

    const char* name() const override { return "where"; }
    void forward(const NodeValues& v) override { v.out[0] = where(v.here(condition.unpack(*this)), v.in[0], v.in[1]); }
    void saved(SavedVisitor& v) override { v("condition", condition); }
    void backward(const Grads& g) override {
        const Tensor c = condition.unpack(*this);
        if (g.needs(0)) g.in[0] = to_shape(where(c, g.out[0], 0), x_shape);
        if (g.needs(1)) g.in[1] = to_shape(where(c, 0, g.out[0]), w_shape);
    }
};

// The dtype of the result: dtypes that are equal need no arithmetic.
DType dtype_of_both(const Call& call, const Operand& x, const Operand& w) {
    call.check(!x.is_number() || !w.is_number(), "x and w are numbers; one must be a tensor");
    const Tensor& a = call.tensor(x.is_number() ? w : x, x.is_number() ? "w" : "x");
    if (x.is_number() || w.is_number()) return is_half(a.dtype()) ? a.dtype() : promote(call, x, w);
    return call.tensor(w, "w").dtype() == a.dtype() ? a.dtype() : promote(call, x, w);
}

// y = c ? x : w, dispatched. Nothing is recorded.
struct Choice {
    Tensor c, x, w, y;
    kernels::Strided<4> n;

    Choice(const Tensor& mask, Tensor left, Tensor right, const Shape& shape) : c(mask), x(std::move(left)), w(std::move(right)) {
        y = make_result(shape, x.shape() == shape ? x : w.shape() == shape ? w : c, x.dtype());
        n = walk(shape, y, c, x, w);
    }

    template <class T>
    void operator()(auto on) const {
        kernels::where_forward(on, raw<bool>(c), raw<T>(x), raw<T>(w), raw<T>(y), n);
    }
};

Choice check_where(const Call& call, const Operand& condition, const Operand& x, const Operand& w) {
    const Tensor& c = call.tensor(condition, "condition");
    check_mask(call, c, "condition");
    const DType dtype = dtype_of_both(call, x, w);
    const auto side = [&](const Operand& operand, const char* letter) {
        if (operand.is_number()) return full({}, operand.number(), {.dtype = dtype, .device = c.device()}, call.site());
        check_devices(call, c, "condition", operand.tensor(), letter);
        return operand.tensor().to(dtype, call.site());
    };
    Tensor a = side(x, "x"), b = side(w, "w");
    const Shape both = meet(call, a.shape(), "x", b.shape(), "w");
    const Shape shape = meet(call, c.shape(), "condition", both, both == a.shape() ? "x" : "w");
    return {c, std::move(a), std::move(b), shape};
}

Choice check_masked_fill(const Call& call, const Tensor& x, const Tensor& mask, double value) {
    check_mask(call, mask, "mask");
    check_devices(call, mask, "mask", x, "x");
    check_holds(call, x.dtype(), value);
    call.check(meet(call, mask.shape(), "mask", x.shape(), "x") == x.shape(), "mask ", mask.shape(), " does not broadcast to x ", x.shape());
    return {mask, full({}, value, {.dtype = x.dtype(), .device = x.device()}, call.site()), x, x.shape()};
}

// ---- masked_select

// x's elements at the true places of a row-major mask of its shape, and how they are found: see kernels/where/where.h.
struct Mask {
    Tensor c, offsets;
    std::int64_t count = 0;
};

Tensor unpack(Operand dy, const Mask& mask);

struct SavedMask {
    Saved c, offsets;
    std::int64_t count = 0;

    SavedMask() = default;
    explicit SavedMask(const Mask& mask) : c(mask.c), offsets(mask.offsets), count(mask.count) {}
    Mask here(const NodeValues& v, Node& node) const { return {v.here(c.unpack(node)), v.here(offsets.unpack(node)), count}; }
    Mask unpack(Node& node) const { return {c.unpack(node), offsets.unpack(node), count}; }
};

Tensor pack(const Call& call, const Tensor& x, const Mask& mask);

// Where the elements to select are: true places counted by a kernel.
Mask check_places(const Call& call, const Tensor& x, const Tensor& given) {
    check_mask(call, given, "mask");
    check_devices(call, given, "mask", x, "x");
    const Shape shape = meet(call, x.shape(), "x", given.shape(), "mask");

    Mask mask;
    mask.c = given.expand(shape, call.site()).contiguous(call.site());
    const std::int64_t n = shape.numel(), chunks = kernels::mask_chunks(n);
    mask.offsets = empty({chunks + 1}, {.dtype = DType::i64, .device = x.device()});
    dispatch_device<bool>(call, x.device(), [&]<class T>(auto on) {
        kernels::mask_offsets(on, raw<T>(mask.c), raw<std::int64_t>(mask.offsets), n);
    });
    mask.count = mask.offsets.slice(0, chunks, chunks + 1).item<std::int64_t>();
    return mask;
}

struct MaskedSelectNode final : Node {
    SavedMask mask;

    const char* name() const override { return "masked_select"; }
    void forward(const NodeValues& v) override {
        v.out[0] = pack(Call("masked_select", site()), v.in[0], mask.here(v, *this));
    }
    void saved(SavedVisitor& v) override { v("mask", mask.c), v("offsets", mask.offsets); }
    void backward(const Grads& g) override { g.in[0] = unpack(g.out[0], mask.unpack(*this)); }
};

struct MaskedSelectBackwardNode final : Node {
    SavedMask mask;

    const char* name() const override { return "masked_select_backward"; }
    void forward(const NodeValues& v) override { v.out[0] = unpack(v.in[0], mask.here(v, *this)); }
    void saved(SavedVisitor& v) override { v("mask", mask.c), v("offsets", mask.offsets); }
    void backward(const Grads& g) override {
        g.in[0] = pack(Call("masked_select", Site::here()), g.out[0], mask.unpack(*this));
    }
};

// x's elements at the true places. Dispatched, it runs the kernel and gives the recorded result.
struct PackCall {
    Call call;
    Tensor x, xd, y;
    Mask mask;

    PackCall(const Call& c, const Tensor& given, const Mask& m) : call(c), x(given), mask(m) {
        if (x.shape() != mask.c.shape()) x = x.expand(mask.c.shape(), call.site());
        xd = x.contiguous(call.site());
        y = empty({mask.count}, {.dtype = x.dtype(), .device = x.device()});
    }

    template <class T>
    Tensor operator()(auto on) {
        kernels::mask_pack(on, raw<bool>(mask.c), raw<std::int64_t>(mask.offsets), raw<T>(xd), raw<T>(y), x.numel());
        if (recording(x)) record<MaskedSelectNode>(call, y, x)->mask = SavedMask(mask);
        return std::move(y);
    }
};

Tensor pack(const Call& call, const Tensor& x, const Mask& mask) {
    PackCall op(call, x, mask);
    return dispatch_all<with_halves>(call, op.x, op);
}

struct UnpackCall {
    Call call;
    Tensor dy, dyd, dx;
    Mask mask;

    UnpackCall(const Operand& operand, const Mask& m) : call("masked_select_backward", operand), dy(call.tensor(operand, "dy")), mask(m) {
        dyd = dy.contiguous(call.site());
        dx = empty(mask.c.shape(), {.dtype = dy.dtype(), .device = dy.device()});
    }

    template <class T>
    Tensor operator()(auto on) {
        kernels::mask_unpack(on, raw<bool>(mask.c), raw<std::int64_t>(mask.offsets), raw<T>(dyd), raw<T>(dx), dx.numel());
        if (recording(dy)) record<MaskedSelectBackwardNode>(call, dx, dy)->mask = SavedMask(mask);
        return std::move(dx);
    }
};

Tensor unpack(Operand dy, const Mask& mask) {
    UnpackCall op(dy, mask);
    return dispatch_all<with_halves>(op.call, op.dy, op);
}

// ---- masked_fill

struct MaskedFillNode final : Node {
    Saved mask;
    double value = 0;

    const char* name() const override { return "masked_fill"; }
    NodeArguments arguments() const override { return {{"value", value}}; }
    void forward(const NodeValues& v) override { v.out[0] = masked_fill(v.in[0], v.here(mask.unpack(*this)), value); }
    void saved(SavedVisitor& v) override { v("mask", mask); }
    void backward(const Grads& g) override { g.in[0] = masked_fill(g.out[0], mask.unpack(*this), 0); }
};

}  // namespace

Tensor where(Operand condition, Operand x, Operand w) {
    const Call call("where", condition);
    Choice op = check_where(call, condition, x, w);
    dispatch_all<with_halves>(call, op.x, op);
    if (recording(op.x, op.w)) {
        auto* node = record<WhereNode>(call, op.y, op.x, op.w);
        node->condition = Saved(op.c);
        node->x_shape = op.x.shape(), node->w_shape = op.w.shape();
    }
    return std::move(op.y);
}

Tensor masked_fill(Operand operand, const Tensor& mask, double value) {
    const Call call("masked_fill", operand);
    Choice op = check_masked_fill(call, call.tensor(operand), mask, value);
    dispatch_all<with_halves>(call, op.x, op);
    if (recording(op.w)) {
        auto* node = record<MaskedFillNode>(call, op.y, op.w);
        node->mask = Saved(mask), node->value = value;
    }
    return std::move(op.y);
}

Tensor masked_select(Operand operand, const Tensor& given) {
    const Call call("masked_select", operand);
    PackCall op(call, call.tensor(operand), check_places(call, call.tensor(operand), given));
    return dispatch_all<with_halves>(call, op.x, op);
}

}  // namespace vitrine

#include "binary.h"

#include <utility>

#include "binary_compute.h"
#include "vitrine/core/ops/creation.h"
#include "vitrine/core/ops/reduce.h"
#include "vitrine/core/ops/unary.h"

namespace vitrine {
namespace {

// What a broadcast operand gets of dy: its sum over the broadcast dimensions.
Tensor to_shape(Tensor dy, const Shape& shape) { return dy.shape() == shape ? std::move(dy) : sum_to(dy, shape); }

// One side of an op: a tensor kept for backward, or a number.
struct Side {
    Saved saved;
    double number = 0;
    bool is_number = false;
    Shape shape;

    void keep(const Operand& x) {
        is_number = x.is_number();
        if (is_number)
            number = x.number();
        else
            saved = Saved(x.tensor()), shape = x.tensor().shape();
    }
};

// For a replay: the tensor, or the number that stood in its place.
Operand side(const Tensor& x, double number) { return x.defined() ? Operand(x) : Operand(number); }

// dx = dy df/dx and dw = dy df/dw in one pass, of dy's shape; undefined where not needed. Nothing is recorded.
template <class F>
struct Slopes {
    Call call;
    const Tensor &x, &w, &dy;
    Tensor dx, dw;
    kernels::Strided<5> n;

    Slopes(const char* op, const Tensor& left, const Tensor& right, const Tensor& gradient, bool need_x, bool need_w)
        : call(op, Operand(gradient)), x(left), w(right), dy(gradient) {
        if (need_x) dx = empty_like(dy);
        if (need_w) dw = empty_like(dy);
        // A gradient that nobody needs walks along dy; its pointer is null.
        n = walk(dy.shape(), need_x ? dx : dy, need_w ? dw : dy, dy, x, w);
    }

    template <class T>
    void operator()(auto on) const {
        kernels::binary_backward(on, F{}, raw<T>(x), raw<T>(w), raw<T>(dy), raw_or_null<T>(dx), raw_or_null<T>(dw), n);
    }
};

template <class F>
std::pair<Tensor, Tensor> slopes(const char* op, F, const Tensor& x, const Tensor& w, const Tensor& dy, bool need_x, bool need_w) {
    Slopes<F> both(op, x, w, dy, need_x, need_w);
    dispatch_floats(both.call, dy, both);
    return {std::move(both.dx), std::move(both.dw)};
}

// dx = dy df/dx(x, number).
template <class F>
Tensor slope(const char* op, F fn, const Tensor& x, double number, const Tensor& dy) {
    const Call call(op, Operand(dy));
    const Tensor dx = empty_like(dy);
    dispatch_floats(call, dy, [&]<class T>(auto on) {
        const kernels::Strided<3> n = walk(dy.shape(), dx, dy, x);
        kernels::binary_scalar_backward(on, fn, raw<T>(x), static_cast<T>(number), raw<T>(dy), raw<T>(dx), n);
    });
    return dx;
}

// Keeps the sides' shapes.
struct ShapesNode : Node {
    Shape x_shape, w_shape;
    double number = 0;  // the side that is no tensor
    NodeArguments arguments() const override { return {{"number", number}}; }
    void keep(const Operand& x, const Operand& w, const Tensor& y) {
        x_shape = x.is_number() ? y.shape() : x.tensor().shape();
        w_shape = w.is_number() ? y.shape() : w.tensor().shape();
        number = x.is_number() ? x.number() : w.is_number() ? w.number() : 0;
    }
};

// Keeps both sides.
struct SidesNode : Node {
    Side x, w;
    NodeArguments arguments() const override { return {{"number", x.is_number ? x.number : w.number}}; }
    void keep(const Operand& left, const Operand& right, const Tensor&) { x.keep(left), w.keep(right); }
    void saved(SavedVisitor& v) override {
        if (!x.is_number) v("x", x.saved);
        if (!w.is_number) v("w", w.saved);
    }
};

struct AddNode final : ShapesNode {
    const char* name() const override { return "add"; }
    void forward(const NodeValues& v) override { v.out[0] = add(side(v.in[0], number), side(v.in[1], number)); }
    void backward(const Grads& g) override {
        if (g.needs(0)) g.in[0] = to_shape(g.out[0], x_shape);
        if (g.needs(1)) g.in[1] = to_shape(g.out[0], w_shape);
    }
};

struct SubNode final : ShapesNode {
    const char* name() const override { return "sub"; }
    void forward(const NodeValues& v) override { v.out[0] = sub(side(v.in[0], number), side(v.in[1], number)); }
    void backward(const Grads& g) override {
        if (g.needs(0)) g.in[0] = to_shape(g.out[0], x_shape);
        if (g.needs(1)) g.in[1] = neg(to_shape(g.out[0], w_shape));
    }
};

struct MulNode final : SidesNode {
    const char* name() const override { return "mul"; }
    void forward(const NodeValues& v) override { v.out[0] = mul(side(v.in[0], x.number), side(v.in[1], w.number)); }
    void backward(const Grads& g) override {
        if (x.is_number || w.is_number) return void(g.in[w.is_number ? 0 : 1] = g.out[0] * (w.is_number ? w : x).number);
        if (is_grad_enabled() || !g.needs(0) || !g.needs(1)) return by_ops(g, g.out[0]);
        auto [dx, dw] = slopes("mul", kernels::Mul{}, x.saved.unpack(*this), w.saved.unpack(*this), g.out[0], true, true);
        g.in[0] = to_shape(std::move(dx), x.shape);
        g.in[1] = to_shape(std::move(dw), w.shape);
    }
    void by_ops(const Grads& g, const Tensor& dy) {
        if (g.needs(0)) g.in[0] = to_shape(dy * w.saved.unpack(*this), x.shape);
        if (g.needs(1)) g.in[1] = to_shape(dy * x.saved.unpack(*this), w.shape);
    }
};

struct DivNode final : SidesNode {
    const char* name() const override { return "div"; }
    void forward(const NodeValues& v) override { v.out[0] = div(side(v.in[0], x.number), side(v.in[1], w.number)); }
    void backward(const Grads& g) override {
        if (is_grad_enabled() || x.is_number || w.is_number) return by_ops(g, g.out[0]);
        auto [dx, dw] =
            slopes("div", kernels::Div{}, x.saved.unpack(*this), w.saved.unpack(*this), g.out[0], g.needs(0), g.needs(1));
        if (g.needs(0)) g.in[0] = to_shape(std::move(dx), x.shape);
        if (g.needs(1)) g.in[1] = to_shape(std::move(dw), w.shape);
    }
    // One side is a number, or the backward is recorded.
    void by_ops(const Grads& g, const Tensor& dy) {
        if (w.is_number) {
            g.in[0] = dy / w.number;
            return;
        }
        const Tensor w_ = w.saved.unpack(*this);
        if (x.is_number) {
            g.in[1] = is_grad_enabled() ? neg(dy * x.number / square(w_)) : slope("div", kernels::ReverseDiv{}, w_, x.number, dy);
            return;
        }
        if (g.needs(0)) g.in[0] = to_shape(dy / w_, x.shape);
        if (g.needs(1)) g.in[1] = to_shape(neg(dy * x.saved.unpack(*this) / square(w_)), w.shape);
    }
};

// maximum and minimum. Their slopes are constants, 0, 1/2 or 1: recorded, the backward is dy times them.
template <class F>
struct ExtremeNode final : SidesNode {
    static constexpr const char* op = std::is_same_v<F, kernels::Maximum> ? "maximum" : "minimum";
    const char* name() const override { return op; }
    void forward(const NodeValues& v) override {
        const auto function = std::is_same_v<F, kernels::Maximum> ? maximum : minimum;
        v.out[0] = function(side(v.in[0], x.number), side(v.in[1], w.number));
    }
    void backward(const Grads& g) override {
        const Tensor start = is_grad_enabled() ? ones_like(g.out[0]) : g.out[0];
        if (x.is_number || w.is_number) return by_number(g, start);
        auto [dx, dw] = slopes(op, F{}, x.saved.unpack(*this), w.saved.unpack(*this), start, g.needs(0), g.needs(1));
        if (g.needs(0)) g.in[0] = to_shape(is_grad_enabled() ? g.out[0] * dx : std::move(dx), x.shape);
        if (g.needs(1)) g.in[1] = to_shape(is_grad_enabled() ? g.out[0] * dw : std::move(dw), w.shape);
    }
    void by_number(const Grads& g, const Tensor& start) {
        const std::size_t i = x.is_number ? 1 : 0;
        const Tensor dx = slope(op, F{}, (i ? w : x).saved.unpack(*this), (i ? x : w).number, start);
        g.in[i] = is_grad_enabled() ? g.out[0] * dx : dx;
    }
};

using Addition = Binary<kernels::Add, kernels::Add, AddNode>;
using Subtraction = Binary<kernels::Sub, kernels::ReverseSub, SubNode>;
using Multiplication = Binary<kernels::Mul, kernels::Mul, MulNode>;
using Division = Binary<kernels::Div, kernels::ReverseDiv, DivNode>;
using LargerOne = Binary<kernels::Maximum, kernels::Maximum, ExtremeNode<kernels::Maximum>>;
using SmallerOne = Binary<kernels::Minimum, kernels::Minimum, ExtremeNode<kernels::Minimum>>;

}  // namespace

// An operator is the op itself: no frame more.
Tensor add(Operand x, Operand w) { Addition op("add", x, w); return dispatch_all(op.call, op.like(), op); }
Tensor operator+(Operand x, Operand w) { Addition op("add", x, w); return dispatch_all(op.call, op.like(), op); }
Tensor sub(Operand x, Operand w) { Subtraction op("sub", x, w); return dispatch_all(op.call, op.like(), op); }
Tensor operator-(Operand x, Operand w) { Subtraction op("sub", x, w); return dispatch_all(op.call, op.like(), op); }
Tensor mul(Operand x, Operand w) { Multiplication op("mul", x, w); return dispatch_all(op.call, op.like(), op); }
Tensor operator*(Operand x, Operand w) { Multiplication op("mul", x, w); return dispatch_all(op.call, op.like(), op); }
Tensor div(Operand x, Operand w) { Division op("div", x, w); return dispatch_floats(op.call, op.like(), op); }
Tensor operator/(Operand x, Operand w) { Division op("div", x, w); return dispatch_floats(op.call, op.like(), op); }
Tensor maximum(Operand x, Operand w) { LargerOne op("maximum", x, w); return dispatch_all(op.call, op.like(), op); }
Tensor minimum(Operand x, Operand w) { SmallerOne op("minimum", x, w); return dispatch_all(op.call, op.like(), op); }

}  // namespace vitrine

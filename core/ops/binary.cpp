#include "binary.h"

#include <utility>

#include "binary_compute.h"
#include "vitrine/core/ops/creation.h"
#include "vitrine/core/ops/reduce.h"
#include "vitrine/core/ops/unary.h"

namespace vitrine {
namespace {

// What a broadcast operand gets of dy: its sum over the broadcast dimensions.
Tensor to_shape(const Tensor& dy, const Shape& shape) { return dy.shape() == shape ? dy : sum_to(dy, shape); }

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
std::pair<Tensor, Tensor> slopes(const char* op, F fn, const Tensor& x, const Tensor& w, const Tensor& dy, bool need_x,
                                 bool need_w) {
    const Call call(op, Operand(dy));
    Tensor dx, dw;
    if (need_x) dx = empty_like(dy);
    if (need_w) dw = empty_like(dy);
    // A gradient that nobody needs walks along dy; its pointer is null.
    const kernels::Strided<5> n = walk(dy.shape(), need_x ? dx : dy, need_w ? dw : dy, dy, x, w);
    dispatch_floats(call, dy, [&]<class T>(auto on) {
        kernels::binary_backward(on, fn, raw<T>(x), raw<T>(w), raw<T>(dy), need_x ? raw<T>(dx) : nullptr,
                                 need_w ? raw<T>(dw) : nullptr, n);
    });
    return {dx, dw};
}

// dx = dy df/dx(x, number).
template <class F>
Tensor slope(const char* op, F fn, const Tensor& x, double number, const Tensor& dy) {
    const Call call(op, Operand(dy));
    const Tensor dx = empty_like(dy);
    const kernels::Strided<3> n = walk(dy.shape(), dx, dy, x);
    dispatch_floats(call, dy, [&]<class T>(auto on) {
        kernels::binary_scalar_backward(on, fn, raw<T>(x), static_cast<T>(number), raw<T>(dy), raw<T>(dx), n);
    });
    return dx;
}

struct AddNode final : Node {
    Shape x_shape, w_shape;
    double number = 0;  // the side that is no tensor
    const char* name() const override { return "add"; }
    void forward(const NodeValues& v) override { v.out[0] = add(side(v.in[0], number), side(v.in[1], number)); }
    void backward(const Grads& g) override {
        if (g.needs(0)) g.in[0] = to_shape(g.out[0], x_shape);
        if (g.needs(1)) g.in[1] = to_shape(g.out[0], w_shape);
    }
};

struct SubNode final : Node {
    Shape x_shape, w_shape;
    double number = 0;  // the side that is no tensor
    const char* name() const override { return "sub"; }
    void forward(const NodeValues& v) override { v.out[0] = sub(side(v.in[0], number), side(v.in[1], number)); }
    void backward(const Grads& g) override {
        if (g.needs(0)) g.in[0] = to_shape(g.out[0], x_shape);
        if (g.needs(1)) g.in[1] = neg(to_shape(g.out[0], w_shape));
    }
};

struct MulNode final : Node {
    Side x, w;
    const char* name() const override { return "mul"; }
    void saved(SavedVisitor& v) override {
        if (!x.is_number) v("x", x.saved);
        if (!w.is_number) v("w", w.saved);
    }
    void forward(const NodeValues& v) override { v.out[0] = mul(side(v.in[0], x.number), side(v.in[1], w.number)); }
    void backward(const Grads& g) override {
        const Tensor& dy = g.out[0];
        if (g.needs(0) && g.needs(1) && !is_grad_enabled()) {
            const auto [dx, dw] =
                slopes("mul", kernels::Mul{}, x.saved.unpack(*this), w.saved.unpack(*this), dy, true, true);
            g.in[0] = to_shape(dx, x.shape);
            g.in[1] = to_shape(dw, w.shape);
            return;
        }
        if (g.needs(0)) g.in[0] = w.is_number ? dy * w.number : to_shape(dy * w.saved.unpack(*this), x.shape);
        if (g.needs(1)) g.in[1] = x.is_number ? dy * x.number : to_shape(dy * x.saved.unpack(*this), w.shape);
    }
};

struct DivNode final : Node {
    Side x, w;
    const char* name() const override { return "div"; }
    void saved(SavedVisitor& v) override {
        if (!x.is_number) v("x", x.saved);
        if (!w.is_number) v("w", w.saved);
    }
    void forward(const NodeValues& v) override { v.out[0] = div(side(v.in[0], x.number), side(v.in[1], w.number)); }
    void backward(const Grads& g) override {
        const Tensor& dy = g.out[0];
        if (w.is_number) {
            g.in[0] = dy / w.number;
            return;
        }
        const Tensor w_ = w.saved.unpack(*this);
        if (x.is_number) {
            g.in[1] = is_grad_enabled() ? neg(dy * x.number / square(w_))
                                        : slope("div", kernels::ReverseDiv{}, w_, x.number, dy);
            return;
        }
        const Tensor x_ = x.saved.unpack(*this);
        if (is_grad_enabled()) {
            if (g.needs(0)) g.in[0] = to_shape(dy / w_, x.shape);
            if (g.needs(1)) g.in[1] = to_shape(neg(dy * x_ / square(w_)), w.shape);
            return;
        }
        const auto [dx, dw] = slopes("div", kernels::Div{}, x_, w_, dy, g.needs(0), g.needs(1));
        if (g.needs(0)) g.in[0] = to_shape(dx, x.shape);
        if (g.needs(1)) g.in[1] = to_shape(dw, w.shape);
    }
};

// maximum and minimum. Their slopes are constants, 0, 1/2 or 1: recorded, the backward is dy times them.
template <class F>
struct ExtremeNode final : Node {
    Side x, w;
    const char* name() const override { return std::is_same_v<F, kernels::Maximum> ? "maximum" : "minimum"; }
    void saved(SavedVisitor& v) override {
        if (!x.is_number) v("x", x.saved);
        if (!w.is_number) v("w", w.saved);
    }
    void forward(const NodeValues& v) override {
        const auto function = std::is_same_v<F, kernels::Maximum> ? maximum : minimum;
        v.out[0] = function(side(v.in[0], x.number), side(v.in[1], w.number));
    }
    void backward(const Grads& g) override {
        const bool recorded = is_grad_enabled();
        const Tensor& dy = g.out[0];
        const Tensor start = recorded ? ones_like(dy) : dy;
        if (x.is_number || w.is_number) {
            const std::size_t i = x.is_number ? 1 : 0;
            const Tensor dx = slope(name(), F{}, (i ? w : x).saved.unpack(*this), (i ? x : w).number, start);
            g.in[i] = recorded ? dy * dx : dx;
            return;
        }
        const auto [dx, dw] =
            slopes(name(), F{}, x.saved.unpack(*this), w.saved.unpack(*this), start, g.needs(0), g.needs(1));
        if (g.needs(0)) g.in[0] = to_shape(recorded ? dy * dx : dx, x.shape);
        if (g.needs(1)) g.in[1] = to_shape(recorded ? dy * dw : dw, w.shape);
    }
};

// Records a node that keeps both sides.
template <class N>
void record_sides(const Call& call, Tensor& y, const Operand& x, const Operand& w) {
    if (!recording(tensor_or_none(x), tensor_or_none(w))) return;
    auto* node = record<N>(call, y, tensor_or_none(x), tensor_or_none(w));
    node->x.keep(x);
    node->w.keep(w);
}

// Records a node that keeps the sides' shapes.
template <class N>
void record_shapes(const Call& call, Tensor& y, const Operand& x, const Operand& w) {
    if (!recording(tensor_or_none(x), tensor_or_none(w))) return;
    auto* node = record<N>(call, y, tensor_or_none(x), tensor_or_none(w));
    node->x_shape = x.is_number() ? y.shape() : x.tensor().shape();
    node->w_shape = w.is_number() ? y.shape() : w.tensor().shape();
    node->number = x.is_number() ? x.number() : w.is_number() ? w.number() : 0;
}

}  // namespace

Tensor add(Operand x, Operand w) {
    const Call call("add", x);
    Tensor y = compute_binary(call, kernels::Add{}, kernels::Add{}, x, w, promote(call, x, w));
    record_shapes<AddNode>(call, y, x, w);
    return y;
}

Tensor sub(Operand x, Operand w) {
    const Call call("sub", x);
    const DType dtype = promote(call, x, w);
    call.check(dtype != DType::boolean, "x and w are bool; use x != w, or cast them with to()");
    Tensor y = compute_binary(call, kernels::Sub{}, kernels::ReverseSub{}, x, w, dtype);
    record_shapes<SubNode>(call, y, x, w);
    return y;
}

Tensor mul(Operand x, Operand w) {
    const Call call("mul", x);
    Tensor y = compute_binary(call, kernels::Mul{}, kernels::Mul{}, x, w, promote(call, x, w));
    record_sides<MulNode>(call, y, x, w);
    return y;
}

Tensor div(Operand x, Operand w) {
    const Call call("div", x);
    const DType dtype = promote(call, x, w);
    Tensor y =
        compute_binary(call, kernels::Div{}, kernels::ReverseDiv{}, x, w, is_floating(dtype) ? dtype : DType::f32);
    record_sides<DivNode>(call, y, x, w);
    return y;
}

Tensor maximum(Operand x, Operand w) {
    const Call call("maximum", x);
    Tensor y = compute_binary(call, kernels::Maximum{}, kernels::Maximum{}, x, w, promote(call, x, w));
    record_sides<ExtremeNode<kernels::Maximum>>(call, y, x, w);
    return y;
}

Tensor minimum(Operand x, Operand w) {
    const Call call("minimum", x);
    Tensor y = compute_binary(call, kernels::Minimum{}, kernels::Minimum{}, x, w, promote(call, x, w));
    record_sides<ExtremeNode<kernels::Minimum>>(call, y, x, w);
    return y;
}

}  // namespace vitrine

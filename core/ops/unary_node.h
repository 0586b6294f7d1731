// The op and the nodes that all functions of the unary family share. Private to core/ops/unary*.cpp.
#pragma once

#include "vitrine/core/dispatch.h"

#include <utility>

#include "vitrine/core/elementwise.h"
#include "vitrine/core/node.h"
#include "vitrine/core/ops/binary.h"
#include "vitrine/kernels/unary/unary.h"

namespace vitrine {

/// y = f(x), recorded.
template <class F>
Tensor unary(const char* op, Operand x, F fn);

/// dx = dy f'(v), v the function's x or y.
template <class F>
Tensor unary_backward(F fn, Operand v, const Tensor& dy);

/// What a function was told, by the names of its op: pow has kernels of its own for some exponents.
template <class F>
NodeArguments arguments_of(const F& fn) {
    if constexpr (std::is_same_v<F, kernels::Square>) return {{"exponent", 2}};
    if constexpr (std::is_same_v<F, kernels::Sqrt>) return {{"exponent", 0.5}};
    if constexpr (std::is_same_v<F, kernels::Rsqrt>) return {{"exponent", -0.5}};
    if constexpr (std::is_same_v<F, kernels::Reciprocal>) return {{"exponent", -1}};
    if constexpr (std::is_same_v<F, kernels::GeluTanh>) return {{"approximation", 1}};
    if constexpr (requires { fn.p; }) return {{"exponent", fn.p}};
    if constexpr (requires { fn.lo; }) return {{"lo", fn.lo}, {"hi", fn.hi}};
    if constexpr (requires { fn.slope; }) return {{"negative_slope", fn.slope}};
    if constexpr (requires { fn.beta; }) return {{"beta", fn.beta}, {"threshold", fn.threshold}};
    return {};
}

/// y = f(x).
template <class F>
struct UnaryNode final : Node {
    const char* op = "";
    F fn{};
    Saved v;  // x or y, whichever f' is computed from

    const char* name() const override { return op; }
    NodeArguments arguments() const override { return arguments_of(fn); }
    void saved(SavedVisitor& visit) override { visit(F::saved == kernels::Saved::x ? "x" : "y", v); }
    void forward(const NodeValues& values) override { values.out[0] = unary(op, values.in[0], fn); }
    void backward(const Grads& g) override { g.in[0] = unary_backward(fn, v.unpack(*this), g.out[0]); }
};

/// dx = dy f'(v); here g is the gradient of dx. The derivative of f' is change_of_slope(f, v, w) = w f''(v), an
/// overload for each function beside its op, written with ops: so any derivative exists.
template <class F>
struct UnaryBackwardNode final : Node {
    F fn{};
    Saved v, dy;

    const char* name() const override { return "unary_backward"; }
    void saved(SavedVisitor& visit) override { visit("v", v), visit("dy", dy); }
    void forward(const NodeValues& values) override { values.out[0] = unary_backward(fn, values.in[0], values.in[1]); }
    void backward(const Grads& g) override {
        const Tensor v_ = v.unpack(*this);
        if (g.needs(0)) g.in[0] = change_of_slope(fn, v_, g.out[0] * dy.unpack(*this));
        if (g.needs(1)) g.in[1] = unary_backward(fn, v_, g.out[0]);
    }
};

/// A checked call. Dispatched, it runs the kernel and gives the recorded result.
template <class F>
struct Unary {
    Call call;
    F fn;
    const Tensor& x;
    Tensor y;
    kernels::Strided<2> n;

    Unary(const char* op, const Operand& operand, F f = {})
        : call(op, operand), fn(f), x(call.floating(operand)), y(make_result(x.shape(), x, x.dtype())), n(walk(x.shape(), y, x)) {}

    template <class T>
    Tensor operator()(auto on) {
        kernels::unary_forward(on, fn, raw<T>(x), raw<T>(y), n);
        if (recording(x)) {
            auto* node = record<UnaryNode<F>>(call, y, x);
            node->op = call.op();
            node->fn = fn;
            node->v = F::saved == kernels::Saved::x ? Saved(x) : Saved::output(y);
        }
        return std::move(y);
    }
};

template <class F>
Tensor unary(const char* name, Operand x, F fn) {
    Unary<F> op(name, x, fn);
    return dispatch_floats(op.call, op.x, op);
}

template <class F>
struct UnaryBackward {
    Call call;
    F fn;
    const Tensor &v, &dy;
    Tensor dx;
    kernels::Strided<3> n;

    UnaryBackward(const Operand& operand, const Tensor& gradient, F f)
        : call("unary_backward", operand), fn(f), v(call.floating(operand, "v")), dy(gradient) {
        call.check_same(v, dy, "v", "dy");
        dx = make_result(v.shape(), v, v.dtype());
        n = walk(v.shape(), dx, v, dy);
    }

    template <class T>
    Tensor operator()(auto on) {
        kernels::unary_backward(on, fn, raw<T>(v), raw<T>(dy), raw<T>(dx), n);
        if (recording(v, dy)) {
            auto* node = record<UnaryBackwardNode<F>>(call, dx, v, dy);
            node->fn = fn;
            node->v = Saved(v), node->dy = Saved(dy);
        }
        return std::move(dx);
    }
};

template <class F>
Tensor unary_backward(F fn, Operand v, const Tensor& dy) {
    UnaryBackward<F> op(v, dy, fn);
    return dispatch_floats(op.call, op.v, op);
}

}  // namespace vitrine

#include "unary.h"

#include <cmath>
#include <numbers>
#include <utility>

#include "unary_node.h"
#include "vitrine/core/ops/creation.h"

namespace vitrine {

// w f''(v), where f' is a function of v: of y for exp, sqrt, rsqrt and reciprocal, of x for the others. No tensor where
// it is 0 everywhere.
static Tensor change_of_slope(kernels::Exp, const Tensor&, const Tensor& w) { return w; }
static Tensor change_of_slope(kernels::Log, const Tensor& x, const Tensor& w) { return neg(w / square(x)); }
static Tensor change_of_slope(kernels::Sqrt, const Tensor& y, const Tensor& w) { return -0.5 * w / square(y); }
static Tensor change_of_slope(kernels::Rsqrt, const Tensor& y, const Tensor& w) { return -1.5 * w * square(y); }
static Tensor change_of_slope(kernels::Square, const Tensor&, const Tensor& w) { return 2 * w; }
static Tensor change_of_slope(kernels::Abs, const Tensor&, const Tensor&) { return {}; }
static Tensor change_of_slope(kernels::Reciprocal, const Tensor& y, const Tensor& w) { return -2 * y * w; }
static Tensor change_of_slope(kernels::Sin, const Tensor& x, const Tensor& w) { return neg(w * sin(x)); }
static Tensor change_of_slope(kernels::Cos, const Tensor& x, const Tensor& w) { return neg(w * cos(x)); }
static Tensor change_of_slope(kernels::Erf, const Tensor& x, const Tensor& w) {
    return -2 * w * x * (2 / std::sqrt(std::numbers::pi)) * exp(neg(square(x)));
}
static Tensor change_of_slope(kernels::Clamp, const Tensor&, const Tensor&) { return {}; }
static Tensor change_of_slope(kernels::Pow fn, const Tensor& x, const Tensor& w) {
    if (fn.p == 0 || fn.p == 1) return {};
    return fn.p * (fn.p - 1) * w * pow(x, fn.p - 2);
}

Tensor exp(Operand x) { Unary<kernels::Exp> op("exp", x); return dispatch_floats(op.call, op.x, op); }
Tensor log(Operand x) { Unary<kernels::Log> op("log", x); return dispatch_floats(op.call, op.x, op); }
Tensor sqrt(Operand x) { Unary<kernels::Sqrt> op("sqrt", x); return dispatch_floats(op.call, op.x, op); }
Tensor rsqrt(Operand x) { Unary<kernels::Rsqrt> op("rsqrt", x); return dispatch_floats(op.call, op.x, op); }
Tensor square(Operand x) { Unary<kernels::Square> op("square", x); return dispatch_floats(op.call, op.x, op); }
Tensor abs(Operand x) { Unary<kernels::Abs> op("abs", x); return dispatch_floats(op.call, op.x, op); }
Tensor reciprocal(Operand x) { Unary<kernels::Reciprocal> op("reciprocal", x); return dispatch_floats(op.call, op.x, op); }
Tensor sin(Operand x) { Unary<kernels::Sin> op("sin", x); return dispatch_floats(op.call, op.x, op); }
Tensor erf(Operand x) { Unary<kernels::Erf> op("erf", x); return dispatch_floats(op.call, op.x, op); }
Tensor cos(Operand x) { Unary<kernels::Cos> op("cos", x); return dispatch_floats(op.call, op.x, op); }

Tensor pow(Operand x, double exponent) {
    switch (exponent == 2 ? 2 : exponent == 0.5 ? 1 : exponent == -0.5 ? -1 : exponent == -1 ? -2 : 0) {
        case 2: { Unary<kernels::Square> op("pow", x); return dispatch_floats(op.call, op.x, op); }
        case 1: { Unary<kernels::Sqrt> op("pow", x); return dispatch_floats(op.call, op.x, op); }
        case -1: { Unary<kernels::Rsqrt> op("pow", x); return dispatch_floats(op.call, op.x, op); }
        case -2: { Unary<kernels::Reciprocal> op("pow", x); return dispatch_floats(op.call, op.x, op); }
        default: { Unary<kernels::Pow> op("pow", x, {exponent}); return dispatch_floats(op.call, op.x, op); }
    }
}

Tensor clamp(Operand x, double lo, double hi) {
    Call("clamp", x).check(lo == lo && hi == hi, "the bounds are ", lo, " and ", hi, "; NaN is not allowed");
    Unary<kernels::Clamp> op("clamp", x, {lo, hi});
    return dispatch_floats(op.call, op.x, op);
}

namespace {

struct NegNode final : Node {
    const char* name() const override { return "neg"; }
    void forward(const NodeValues& v) override { v.out[0] = neg(v.in[0]); }
    void backward(const Grads& g) override { g.in[0] = neg(g.out[0]); }
};

// True for integers. Throws Error unless -x has a meaning.
bool check_integer(const Call& call, const Operand& operand) {
    const Tensor& x = call.tensor(operand);
    call.check(x.dtype() != DType::boolean, "x is bool; use x == false, or cast it with to()");
    return !is_half(x.dtype()) && !is_floating(x.dtype());
}

struct NegCall {
    Call call;
    const Tensor& x;
    Tensor y;
    kernels::Strided<2> n;

    explicit NegCall(const Operand& operand)
        : call("neg", operand), x(call.floating(operand)), y(make_result(x.shape(), x, x.dtype())), n(walk(x.shape(), y, x)) {}

    template <class T>
    Tensor operator()(auto on) {
        kernels::unary_forward(on, kernels::Neg{}, raw<T>(x), raw<T>(y), n);
        if (recording(x)) record<NegNode>(call, y, x);
        return std::move(y);
    }
};

}  // namespace

Tensor neg(Operand x) {
    if (check_integer({"neg", x}, x)) return sub({0, Call("neg", x).site()}, x.tensor());
    NegCall op(x);
    return dispatch_floats(op.call, op.x, op);
}

}  // namespace vitrine

#include "unary.h"

#include <cmath>
#include <numbers>

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

Tensor exp(Operand x) { return unary("exp", x, kernels::Exp{}); }
Tensor log(Operand x) { return unary("log", x, kernels::Log{}); }
Tensor sqrt(Operand x) { return unary("sqrt", x, kernels::Sqrt{}); }
Tensor rsqrt(Operand x) { return unary("rsqrt", x, kernels::Rsqrt{}); }
Tensor square(Operand x) { return unary("square", x, kernels::Square{}); }
Tensor abs(Operand x) { return unary("abs", x, kernels::Abs{}); }
Tensor reciprocal(Operand x) { return unary("reciprocal", x, kernels::Reciprocal{}); }
Tensor sin(Operand x) { return unary("sin", x, kernels::Sin{}); }
Tensor erf(Operand x) { return unary("erf", x, kernels::Erf{}); }
Tensor cos(Operand x) { return unary("cos", x, kernels::Cos{}); }

Tensor pow(Operand x, double exponent) {
    if (exponent == 2) return unary("pow", x, kernels::Square{});
    if (exponent == 0.5) return unary("pow", x, kernels::Sqrt{});
    if (exponent == -0.5) return unary("pow", x, kernels::Rsqrt{});
    if (exponent == -1) return unary("pow", x, kernels::Reciprocal{});
    return unary("pow", x, kernels::Pow{exponent});
}

Tensor clamp(Operand x, double lo, double hi) {
    Call("clamp", x).check(lo == lo && hi == hi, "the bounds are ", lo, " and ", hi, "; NaN is not allowed");
    return unary("clamp", x, kernels::Clamp{lo, hi});
}

namespace {

struct NegNode final : Node {
    const char* name() const override { return "neg"; }
    void forward(const NodeValues& v) override { v.out[0] = neg(v.in[0]); }
    void backward(const Grads& g) override { g.in[0] = neg(g.out[0]); }
};

}  // namespace

Tensor neg(Operand operand) {
    const Call call("neg", operand);
    const Tensor& x = call.tensor(operand);
    call.check(x.dtype() != DType::boolean, "x is bool; use x == false, or cast it with to()");
    if (is_half(x.dtype())) call.floating(operand);
    if (!is_floating(x.dtype())) return sub({0, call.site()}, x);
    Tensor y = make_result(x.shape(), x, x.dtype());
    const kernels::Strided<2> n = walk(x.shape(), y, x);
    dispatch_floats(call, x,
                    [&]<class T>(auto on) { kernels::unary_forward(on, kernels::Neg{}, raw<T>(x), raw<T>(y), n); });
    if (recording(x)) record<NegNode>(call, y, x);
    return y;
}

}  // namespace vitrine

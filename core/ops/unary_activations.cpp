#include "unary.h"
#include "unary_gradients.h"
#include "unary_node.h"

namespace vitrine {

// w f''(v), where f' is a function of v: of y for sigmoid, tanh and relu, of x for the others. No tensor where it is 0
// everywhere.
static Tensor change_of_slope(kernels::Sigmoid, const Tensor& y, const Tensor& w) { return w * (1 - 2 * y); }
static Tensor change_of_slope(kernels::Tanh, const Tensor& y, const Tensor& w) { return -2 * y * w; }
static Tensor change_of_slope(kernels::Relu, const Tensor&, const Tensor&) { return {}; }
static Tensor change_of_slope(kernels::LeakyRelu, const Tensor&, const Tensor&) { return {}; }

// (x s)'' = s (1 - s) (2 + x (1 - 2s)) with s = sigmoid(x).
static Tensor change_of_slope(kernels::Silu, const Tensor& x, const Tensor& w) {
    const Tensor s = sigmoid(x);
    return w * s * (1 - s) * (2 + x * (1 - 2 * s));
}

// beta s (1 - s) with s = sigmoid(beta x), 0 above the threshold.
static Tensor change_of_slope(kernels::Softplus fn, const Tensor& x, const Tensor& w) {
    const Tensor s = sigmoid(fn.beta * x);
    const Tensor curved = (x <= fn.threshold / fn.beta).to(x.dtype());
    return fn.beta * w * s * (1 - s) * curved;
}

// (2 - x^2) p(x), p the normal density.
static Tensor change_of_slope(kernels::Gelu, const Tensor& x, const Tensor& w) {
    const double scale = 0.39894228040143268;  // 1 / sqrt(2 pi)
    const Tensor x2 = square(x);
    return w * (2 - x2) * (scale * exp(-0.5 * x2));
}

// With t = tanh u, u' = k (1 + 3 a x^2), u'' = 6 k a x: (1 - t^2) (u' + x (u'' / 2 - t u'^2)).
static Tensor change_of_slope(kernels::GeluTanh, const Tensor& x, const Tensor& w) {
    constexpr double k = kernels::GeluTanh::k, a = kernels::GeluTanh::a;
    const Tensor x2 = square(x);
    const Tensor t = tanh(k * x * (1 + a * x2)), slope = k + 3 * k * a * x2;
    return w * (1 - square(t)) * (slope + x * (3 * k * a * x - t * square(slope)));
}

Tensor sigmoid(Operand x) { Unary<kernels::Sigmoid> op("sigmoid", x); return dispatch_floats(op.call, op.x, op); }
Tensor tanh(Operand x) { Unary<kernels::Tanh> op("tanh", x); return dispatch_floats(op.call, op.x, op); }
Tensor relu(Operand x) { Unary<kernels::Relu> op("relu", x); return dispatch_floats(op.call, op.x, op); }
Tensor leaky_relu(Operand x, double negative_slope) {
    Unary<kernels::LeakyRelu> op("leaky_relu", x, {negative_slope});
    return dispatch_floats(op.call, op.x, op);
}
Tensor silu(Operand x) { Unary<kernels::Silu> op("silu", x); return dispatch_floats(op.call, op.x, op); }

Tensor softplus(Operand x, double beta, double threshold) {
    Call("softplus", x).check(beta > 0, "beta is ", beta, "; allowed are numbers above 0");
    Unary<kernels::Softplus> op("softplus", x, {beta, threshold});
    return dispatch_floats(op.call, op.x, op);
}

Tensor gelu(Operand x, GeluApproximation approximation) {
    if (approximation == GeluApproximation::tanh) { Unary<kernels::GeluTanh> op("gelu", x); return dispatch_floats(op.call, op.x, op); }
    Unary<kernels::Gelu> op("gelu", x);
    return dispatch_floats(op.call, op.x, op);
}

Tensor relu_gradient(const Tensor& y, const Tensor& dy) { return unary_backward(kernels::Relu{}, y, dy); }

}  // namespace vitrine

#include "linear_relu.h"

#include "matmul.h"
#include "matmul_call.h"
#include "unary_gradients.h"
#include "vitrine/core/node.h"

namespace vitrine {
namespace {

// y = max(0, x weight^T + bias): where y > 0 says all that the gradient needs to know of what relu was given.
struct LinearReluNode final : Node {
    Saved x, weight, y;

    const char* name() const override { return "linear_relu"; }
    void saved(SavedVisitor& v) override { v("x", x), v("weight", weight), v("y", y); }
    void forward(const NodeValues& v) override { v.out[0] = linear_relu(v.in[0], v.in[1], v.in[2]); }
    void backward(const Grads& g) override {
        const Tensor dz = relu_gradient(y.unpack(*this), g.out[0]);
        if (g.needs(0)) g.in[0] = matmul(dz, weight.unpack(*this));
        linear_backward_parameters(*this, x, weight, dz, g);
    }
};

struct LinearRelu : LinearCall {
    using LinearCall::LinearCall;

    template <class T>
    Tensor operator()(auto on) {
        kernels::MatmulEpilogue<T> e = epilogue_of<T>();
        e.activation = kernels::MatmulActivation::relu;
        const Workspace w(x.device(), kernels::matmul_workspace_bytes<T>(on, s));
        kernels::matmul<T>(on, raw<T>(x), raw<T>(weight), raw<T>(y), s, {w.data(), w.bytes()}, e);
        if (recording(x, weight, bias)) {
            auto* node = record<LinearReluNode>(call, y, x, weight, bias);
            node->x = Saved(x), node->weight = Saved(weight), node->y = Saved::output(y);
        }
        return std::move(y);
    }
};

}  // namespace

Tensor linear_relu(Operand x, const Tensor& weight, const Tensor& bias) {
    LinearRelu op("linear_relu", x, weight, bias);
    op.call.floating(x);  // linear takes bf16, relu does not
    return dispatch_floats(op.call, op.x, op);
}

}  // namespace vitrine

#include "matmul.h"

#include "matmul_call.h"
#include "vitrine/core/node.h"
#include "vitrine/core/ops/copy.h"
#include "vitrine/core/ops/reduce.h"
#include "vitrine/core/ops/view.h"

namespace vitrine {
namespace {

// sum_to and sum for a gradient: 16-bit floats are added up in f32.
Tensor gradient_sum_to(const Tensor& g, const Shape& shape) {
    if (g.dtype() != DType::bf16 || g.shape() == shape) return sum_to(g, shape);
    return to(sum_to(to(g, DType::f32), shape), DType::bf16);
}
Tensor sum_of_rows(const Tensor& g) {
    return g.dtype() == DType::bf16 ? to(sum(to(g, DType::f32), 0), DType::bf16) : sum(g, 0);
}

struct MatmulNode final : Node {
    Saved a, b;  // of two dimensions or more

    const char* name() const override { return "matmul"; }
    void saved(SavedVisitor& v) override { v("a", a), v("b", b); }
    void forward(const NodeValues& v) override { v.out[0] = matmul(v.in[0], v.in[1]); }
    void backward(const Grads& g) override {
        if (g.needs(0)) g.in[0] = gradient_sum_to(matmul(g.out[0], b.unpack(*this).transpose(-1, -2)), a.peek().shape());
        if (!g.needs(1)) return;
        const Tensor a_ = a.unpack(*this), &dy = g.out[0];
        // One matrix b for a whole batch: its gradient is one product over all rows, not a sum of products.
        if (b.peek().dim() == 2)
            g.in[1] = matmul(joined_rows(a_, site()).transpose(0, 1), joined_rows(dy, site()));
        else
            g.in[1] = gradient_sum_to(matmul(a_.transpose(-1, -2), dy), b.peek().shape());
    }
};

struct LinearNode final : Node {
    Saved x, weight;

    const char* name() const override { return "linear"; }
    void saved(SavedVisitor& v) override { v("x", x), v("weight", weight); }
    void forward(const NodeValues& v) override {
        v.out[0] = linear(v.in[0], v.in[1], v.in.size() == 3 ? v.in[2] : Tensor());
    }
    void backward(const Grads& g) override {
        if (g.needs(0)) g.in[0] = matmul(g.out[0], weight.unpack(*this));
        linear_backward_parameters(*this, x, weight, g.out[0], g);
    }
};

// Dispatched, it multiplies and records.
struct Product : MatmulCall {
    using MatmulCall::MatmulCall;

    template <class T>
    Tensor operator()(auto on) {
        if constexpr (std::same_as<decltype(on), kernels::Cuda>)
            if (by_cublas<T>(on, raw<T>(a), raw<T>(b), raw<T>(y), s, {})) return recorded();
        const Workspace w(a.device(), kernels::matmul_workspace_bytes<T>(on, s));
        kernels::matmul<T>(on, raw<T>(a), raw<T>(b), raw<T>(y), s, {w.data(), w.bytes()});
        return recorded();
    }
    Tensor of_bf16() {
        multiply_bf16(call, a, b, {}, y, s);
        return recorded();
    }
    Tensor recorded() {
        if (recording(a, b)) {
            auto* node = record<MatmulNode>(call, y, a, b);
            node->a = Saved(a), node->b = Saved(b);
        }
        if (a_vector) y = y.squeeze(-2, call.site());
        if (b_vector) y = y.squeeze(-1, call.site());
        return std::move(y);
    }
};

struct LinearProduct : LinearCall {
    using LinearCall::LinearCall;

    template <class T>
    Tensor operator()(auto on) {
        if constexpr (std::same_as<decltype(on), kernels::Cuda>)
            if (by_cublas<T>(on, raw<T>(x), raw<T>(weight), raw<T>(y), s, epilogue_of<T>())) return recorded();
        const Workspace w(x.device(), kernels::matmul_workspace_bytes<T>(on, s));
        kernels::matmul<T>(on, raw<T>(x), raw<T>(weight), raw<T>(y), s, {w.data(), w.bytes()}, epilogue_of<T>());
        return recorded();
    }
    Tensor of_bf16() {
        multiply_bf16(call, x, weight, dense_bias, y, s);
        return recorded();
    }
    Tensor recorded() {
        if (recording(x, weight, bias)) {
            auto* node = bias.defined() ? record<LinearNode>(call, y, x, weight, bias) : record<LinearNode>(call, y, x, weight);
            node->x = Saved(x), node->weight = Saved(weight);
        }
        return std::move(y);
    }
};

}  // namespace

void linear_backward_parameters(Node& node, const Saved& x, const Saved& weight, const Tensor& dz, const Grads& g) {
    const Tensor rows = joined_rows(dz, node.site());
    if (g.needs(1)) {
        // A product comes out row-major; dw must lie as w does, and Linear keeps w the other way round.
        const bool row_major = weight.unpack(node).is_contiguous();
        const Tensor x_rows = joined_rows(x.unpack(node), node.site());
        g.in[1] = row_major ? matmul(rows.transpose(0, 1), x_rows) : matmul(x_rows.transpose(0, 1), rows).transpose(0, 1);
    }
    if (g.in.size() > 2 && g.needs(2)) g.in[2] = sum_of_rows(rows);
}

Tensor matmul(Operand a, const Tensor& b) {
    Product op(a, b);
    return op.a.dtype() == DType::bf16 ? op.of_bf16() : dispatch_floats(op.call, op.a, op);
}

Tensor linear(Operand x, const Tensor& weight, const Tensor& bias) {
    LinearProduct op("linear", x, weight, bias);
    return op.x.dtype() == DType::bf16 ? op.of_bf16() : dispatch_floats(op.call, op.x, op);
}

}  // namespace vitrine

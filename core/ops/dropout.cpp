#include "dropout.h"

#include <utility>

#include "vitrine/core/dispatch.h"
#include "vitrine/core/layout.h"
#include "vitrine/core/node.h"
#include "vitrine/core/ops/binary.h"
#include "vitrine/core/ops/creation.h"
#include "vitrine/kernels/dropout/dropout.h"

namespace vitrine {
namespace {

NodeArguments arguments_of(const DropoutMask& mask) {
    return {{"p", mask.p}, {"seed", mask.from.seed}, {"offset", mask.from.offset}, {"order", mask.order}};
}

// Forward and backward multiply by the same mask.
struct DropoutNode final : Node {
    DropoutMask mask;

    const char* name() const override { return "dropout"; }
    NodeArguments arguments() const override { return arguments_of(mask); }
    void forward(const NodeValues& v) override { v.out[0] = dropout_backward(v.in[0], mask); }
    void backward(const Grads& g) override { g.in[0] = dropout_backward(g.out[0], mask); }
};

// Linear in dy: the gradient takes the same mask once more.
struct DropoutBackwardNode final : Node {
    DropoutMask mask;

    const char* name() const override { return "dropout_backward"; }
    NodeArguments arguments() const override { return arguments_of(mask); }
    void forward(const NodeValues& v) override { v.out[0] = dropout_backward(v.in[0], mask); }
    void backward(const Grads& g) override { g.in[0] = dropout_backward(g.out[0], mask); }
};

// Outputs y = r + dropout(x); inputs x and r.
struct DropoutAddNode final : Node {
    DropoutMask mask;

    const char* name() const override { return "dropout_add"; }
    NodeArguments arguments() const override { return arguments_of(mask); }
    void forward(const NodeValues& v) override { v.out[0] = v.in[1] + dropout_backward(v.in[0], mask); }
    void backward(const Grads& g) override {
        if (g.needs(0)) g.in[0] = dropout_backward(g.out[0], mask);
        if (g.needs(1)) g.in[1] = g.out[0];
    }
};

// A checked call: forward and backward are the same kernel.
struct DropoutCall {
    Call call;
    Tensor x, xd, y;
    DropoutMask mask;

    DropoutCall(const Operand& operand, double p, Generator& generator) : call("dropout", operand), x(call.floating(operand)), xd(dense(x, call.site())) {
        y = empty_like(xd);
        mask = {p, generator.take(kernels::dropout_blocks(xd.numel())), xd.strides()};
    }
    DropoutCall(const Operand& operand, const DropoutMask& given)
        : call("dropout_backward", operand), x(call.floating(operand, "dy")), xd(with_strides(x, given.order)), y(empty_like(xd)), mask(given) {}

    template <class T>
    void operator()(auto on) const {
        kernels::dropout_forward(on, raw<T>(xd), raw<T>(y), xd.numel(), mask.p, mask.from);
    }
};

struct DropoutAddCall {
    Call call;
    Tensor x, r, xd, rd, y;
    DropoutMask mask;

    DropoutAddCall(const Operand& operand, const Tensor& residual, double p, Generator& generator)
        : call("dropout_add", operand), x(call.floating(operand)), r(residual) {
        xd = dense(x, call.site()), rd = with_strides(r, xd.strides()), y = empty_like(xd);
        mask = {p, generator.take(kernels::dropout_blocks(xd.numel())), xd.strides()};
    }

    template <class T>
    void operator()(auto on) const {
        kernels::dropout_add_forward(on, raw<T>(xd), raw<T>(rd), raw<T>(y), xd.numel(), mask.p, mask.from);
    }
};

bool check_keeps_all(const Call& call, const Operand& x, double p, bool training) {
    call.floating(x);
    call.check(p >= 0 && p <= 1, "p ", p, "; allowed is 0 to 1");
    return !training || p == 0;
}

}  // namespace

Tensor dropout(Operand x, double p, bool training, Generator& generator) {
    if (check_keeps_all({"dropout", x}, x, p, training)) return x.tensor();
    DropoutCall op(x, p, generator);
    dispatch_floats(op.call, op.x, op);
    if (recording(op.x)) record<DropoutNode>(op.call, op.y, op.x)->mask = op.mask;
    return std::move(op.y);
}

Tensor dropout_add(Operand x, const Tensor& residual, double p, bool training, Generator& generator) {
    const Call call("dropout_add", x);
    const bool keeps_all = check_keeps_all(call, x, p, training);
    call.check_same(x.tensor(), residual, "x", "residual");
    if (keeps_all) return residual + x;
    DropoutAddCall op(x, residual, p, generator);
    dispatch_floats(op.call, op.x, op);
    if (recording(op.x, op.r)) record<DropoutAddNode>(op.call, op.y, op.x, op.r)->mask = op.mask;
    return std::move(op.y);
}

Tensor dropout_backward(Operand dy, const DropoutMask& mask) {
    DropoutCall op(dy, mask);
    dispatch_floats(op.call, op.x, op);
    if (recording(op.x)) record<DropoutBackwardNode>(op.call, op.y, op.x)->mask = mask;
    return std::move(op.y);
}

}  // namespace vitrine

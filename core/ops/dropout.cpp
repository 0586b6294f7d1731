#include "dropout.h"

#include "vitrine/core/dispatch.h"
#include "vitrine/core/layout.h"
#include "vitrine/core/node.h"
#include "vitrine/core/ops/creation.h"
#include "vitrine/kernels/dropout/dropout.h"

namespace vitrine {
namespace {

// Forward and backward multiply by the same mask.
struct DropoutNode final : Node {
    DropoutMask mask;

    const char* name() const override { return "dropout"; }
    void forward(const NodeValues& v) override { v.out[0] = dropout_backward(v.in[0], mask); }
    void backward(const Grads& g) override { g.in[0] = dropout_backward(g.out[0], mask); }
};

// Linear in dy: the gradient takes the same mask once more.
struct DropoutBackwardNode final : Node {
    DropoutMask mask;

    const char* name() const override { return "dropout_backward"; }
    void forward(const NodeValues& v) override { v.out[0] = dropout_backward(v.in[0], mask); }
    void backward(const Grads& g) override { g.in[0] = dropout_backward(g.out[0], mask); }
};

}  // namespace

Tensor dropout(Operand operand, double p, bool training, Generator& generator) {
    const Call call("dropout", operand);
    const Tensor x = call.floating(operand);
    call.check(p >= 0 && p <= 1, "p ", p, "; allowed is 0 to 1");
    if (!training || p == 0) return x;

    const Tensor xd = dense(x, call.site());
    Tensor y = empty_like(xd);
    const std::int64_t n = xd.numel();
    const kernels::Philox from = generator.take(kernels::dropout_blocks(n));
    dispatch_floats(call, x,
                    [&]<class T>(auto on) { kernels::dropout_forward(on, raw<T>(xd), raw<T>(y), n, p, from); });

    if (recording(x)) record<DropoutNode>(call, y, x)->mask = {p, from, xd.strides()};
    return y;
}

Tensor dropout_backward(Operand operand, const DropoutMask& mask) {
    const Call call("dropout_backward", operand);
    const Tensor dy = call.floating(operand, "dy");

    const Tensor dyd = with_strides(dy, mask.order);
    Tensor dx = empty_like(dyd);
    const std::int64_t n = dyd.numel();
    dispatch_floats(call, dy, [&]<class T>(auto on) {
        kernels::dropout_forward(on, raw<T>(dyd), raw<T>(dx), n, mask.p, mask.from);
    });

    if (recording(dy)) record<DropoutBackwardNode>(call, dx, dy)->mask = mask;
    return dx;
}

}  // namespace vitrine

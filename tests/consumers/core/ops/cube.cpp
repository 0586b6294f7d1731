#include "cube.h"

#include "kernels/cube/cube.h"
#include "vitrine/core/dispatch.h"
#include "vitrine/core/layout.h"
#include "vitrine/core/node.h"
#include "vitrine/core/ops/binary.h"
#include "vitrine/core/ops/creation.h"

namespace consumer {
namespace {

using vitrine::Call, vitrine::Grads, vitrine::Saved, vitrine::SavedVisitor, vitrine::Tensor, vitrine::raw;

struct CubeNode final : vitrine::Node {
    Saved x;

    const char* name() const override { return "cube"; }
    void saved(SavedVisitor& v) override { v("x", x); }
    void backward(const Grads& g) override { g.in[0] = cube_backward(x.unpack(*this), g.out[0]); }
};

// dx = 3 x^2 dy; here g is the gradient of dx.
struct CubeBackwardNode final : vitrine::Node {
    Saved x, dy;

    const char* name() const override { return "cube_backward"; }
    void saved(SavedVisitor& v) override { v("x", x), v("dy", dy); }
    void backward(const Grads& g) override {
        const Tensor x_ = x.unpack(*this), &g_ = g.out[0];
        if (g.needs(0)) g.in[0] = 6 * x_ * dy.unpack(*this) * g_;
        if (g.needs(1)) g.in[1] = cube_backward(x_, g_);
    }
};

}  // namespace

Tensor cube(vitrine::Operand operand) {
    const Call call("cube", operand);
    const Tensor x = call.floating(operand);

    const Tensor xd = vitrine::dense(x, call.site());
    Tensor y = vitrine::empty_like(xd);
    vitrine::dispatch_floats(call, x, [&]<class T>(auto on) { cube_forward(on, raw<T>(xd), raw<T>(y), x.numel()); });

    if (vitrine::recording(x)) vitrine::record<CubeNode>(call, y, x)->x = Saved(x);
    return y;
}

Tensor cube_backward(vitrine::Operand operand, const Tensor& dy) {
    const Call call("cube_backward", operand);
    const Tensor x = call.floating(operand);
    call.check_same(x, dy, "x", "dy");

    const Tensor xd = vitrine::dense(x, call.site()), dyd = vitrine::with_strides(dy, xd.strides());
    Tensor dx = vitrine::empty_like(xd);
    vitrine::dispatch_floats(call, x, [&]<class T>(auto on) { cube_backward(on, raw<T>(xd), raw<T>(dyd), raw<T>(dx), x.numel()); });

    if (vitrine::recording(x, dy)) {
        auto* node = vitrine::record<CubeBackwardNode>(call, dx, x, dy);
        node->x = Saved(x), node->dy = Saved(dy);
    }
    return dx;
}

}  // namespace consumer

// Exercise 2: a node whose backward is wrong. Step to it with `vitrine backward until swish` and look at its dy and dx.
#include "exercises.h"

namespace exercises {
namespace {

namespace vt = vitrine;

struct SwishNode final : vt::Node {
    vt::Saved x;

    const char* name() const override { return "swish"; }
    void saved(vt::SavedVisitor& v) override { v("x", x); }
    void backward(const vt::Grads& g) override {
        const vt::Tensor x_ = x.unpack(*this), s = vt::sigmoid(x_);
        g.in[0] = s + x_ * s * (1 - s);
    }
};

}  // namespace

vt::Tensor swish(const vt::Tensor& x) {
    const vt::Call call("swish", vt::Operand(x));
    vt::Tensor y;
    {
        const vt::NoGrad no_grad;
        y = x * vt::sigmoid(x);
    }
    if (vt::recording(x)) vt::record<SwishNode>(call, y, x)->x = vt::Saved(x);
    return y;
}

}  // namespace exercises

#include "slice_scatter.h"

#include "vitrine/core/node.h"
#include "vitrine/core/ops/copy.h"
#include "vitrine/core/ops/creation.h"
#include "vitrine/core/ops/view.h"

namespace vitrine {
namespace {

struct SliceScatterNode final : Node {
    Shape src_shape;
    int axis = 0;
    std::int64_t begin = 0, end = 0, step = 1;

    const char* name() const override { return "slice_scatter"; }
    NodeArguments arguments() const override { return {{"axis", axis}, {"begin", begin}, {"end", end}, {"step", step}}; }
    void forward(const NodeValues& v) override { v.out[0] = slice_scatter(v.in[0], v.in[1], axis, begin, end, step); }
    void backward(const Grads& g) override {
        const Tensor& dy = g.out[0];
        if (g.needs(0)) {
            const Tensor zero = zeros(src_shape, {.dtype = dy.dtype(), .device = dy.device()});
            g.in[0] = slice_scatter(dy, zero, axis, begin, end, step);
        }
        if (g.needs(1)) g.in[1] = slice(dy, axis, begin, end, step);
    }
};

}  // namespace

Tensor slice_scatter(Operand operand, const Tensor& src, std::int64_t axis, std::int64_t begin, std::int64_t end,
                     std::int64_t step) {
    const Call call("slice_scatter", operand);
    const Tensor& x = call.tensor(operand);
    call.check_alike(x, src, "x", "src");
    const int a = call.axis(x, axis);
    call.check(step >= 1, "step ", step, "; allowed are 1 and more");
    Tensor y = x.detach().clone(call.site());
    Tensor part = y.slice(a, begin, end, step, call.site());
    call.check(part.shape() == src.shape(), "src ", src.shape(), " for a slice ", part.shape(), " of x ", x.shape(),
               "; both must have one shape");
    {
        const NoGrad no_grad;
        part.copy_(src, call.site());
    }
    if (recording(x, src)) {
        auto* node = record<SliceScatterNode>(call, y, x, src);
        node->src_shape = src.shape(), node->axis = a;
        node->begin = begin, node->end = end, node->step = step;
    }
    return y;
}

}  // namespace vitrine

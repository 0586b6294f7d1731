#include "scan.h"

#include "vitrine/core/dispatch.h"
#include "vitrine/core/layout.h"
#include "vitrine/core/node.h"
#include "vitrine/core/ops/creation.h"
#include "vitrine/kernels/scan/scan.h"

namespace vitrine {
namespace {

Tensor scan(const Call& call, const Tensor& x, int axis, bool reverse);

// Both directions are linear, and each is the gradient of the other.
struct CumsumNode final : Node {
    int axis = 0;
    bool reverse = false;

    const char* name() const override { return reverse ? "cumsum_backward" : "cumsum"; }
    void forward(const NodeValues& v) override { v.out[0] = scan(Call(name(), site()), v.in[0], axis, reverse); }
    void backward(const Grads& g) override { g.in[0] = scan(Call("cumsum_backward", Site::here()), g.out[0], axis, !reverse); }
};

Tensor scan(const Call& call, const Tensor& x, int axis, bool reverse) {
    kernels::ScanShape n{1, x.shape()[axis], 1};
    for (int d = 0; d < axis; ++d) n.outer *= x.shape()[d];
    for (int d = axis + 1; d < x.dim(); ++d) n.inner *= x.shape()[d];

    const Tensor rows = with_strides(x, contiguous_strides(x.shape()));
    Tensor y = empty_like(rows);
    dispatch_floats(call, x, [&]<class T>(auto on) { kernels::cumsum_forward(on, raw<T>(rows), raw<T>(y), n, reverse); });

    if (recording(x)) {
        auto* node = record<CumsumNode>(call, y, x);
        node->axis = axis, node->reverse = reverse;
    }
    return y;
}

}  // namespace

Tensor cumsum(Operand operand, std::int64_t axis) {
    const Call call("cumsum", operand);
    const Tensor& x = call.floating(operand);
    call.check(x.dim() > 0, "x has no dimensions; at least one is needed");
    return scan(call, x, call.axis(x, axis), false);
}

}  // namespace vitrine

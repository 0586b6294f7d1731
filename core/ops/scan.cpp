#include "scan.h"

#include <utility>

#include "vitrine/core/dispatch.h"
#include "vitrine/core/layout.h"
#include "vitrine/core/node.h"
#include "vitrine/core/ops/creation.h"
#include "vitrine/kernels/scan/scan.h"

namespace vitrine {
namespace {

Tensor scan(const char* op, const Tensor& x, int axis, bool reverse);

// Both directions are linear, and each is the gradient of the other.
struct CumsumNode final : Node {
    int axis = 0;
    bool reverse = false;

    const char* name() const override { return reverse ? "cumsum_backward" : "cumsum"; }
    NodeArguments arguments() const override { return {{"axis", axis}}; }
    void forward(const NodeValues& v) override { v.out[0] = scan(name(), v.in[0], axis, reverse); }
    void backward(const Grads& g) override { g.in[0] = scan(reverse ? "cumsum" : "cumsum_backward", g.out[0], axis, !reverse); }
};

// A checked call. Dispatched, it runs the kernel and gives the recorded result.
struct ScanCall {
    Call call;
    const Tensor& x;
    int axis;
    bool reverse;
    Tensor rows, y;
    kernels::ScanShape n;

    ScanCall(const Call& c, const Tensor& operand, std::int64_t given, bool backwards) : call(c), x(operand), reverse(backwards) {
        call.check(x.dim() > 0, "x has no dimensions; at least one is needed");
        axis = call.axis(x, given);
        n = {1, x.shape()[axis], 1};
        for (int d = 0; d < axis; ++d) n.outer *= x.shape()[d];
        for (int d = axis + 1; d < x.dim(); ++d) n.inner *= x.shape()[d];
        rows = with_strides(x, contiguous_strides(x.shape()));
        y = empty_like(rows);
    }

    template <class T>
    Tensor operator()(auto on) {
        kernels::cumsum_forward(on, raw<T>(rows), raw<T>(y), n, reverse);
        if (recording(x)) {
            auto* node = record<CumsumNode>(call, y, x);
            node->axis = axis, node->reverse = reverse;
        }
        return std::move(y);
    }
};

Tensor scan(const char* op, const Tensor& x, int axis, bool reverse) {
    ScanCall scan({op, Site::here()}, x, axis, reverse);
    return dispatch_floats(scan.call, x, scan);
}

}  // namespace

Tensor cumsum(Operand x, std::int64_t axis) {
    const Call call("cumsum", x);
    ScanCall op(call, call.floating(x), axis, false);
    return dispatch_floats(call, op.x, op);
}

}  // namespace vitrine

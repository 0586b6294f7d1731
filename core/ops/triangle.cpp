#include "triangle.h"

#include <algorithm>
#include <utility>

#include "vitrine/core/dispatch.h"
#include "vitrine/core/node.h"
#include "vitrine/kernels/triangle/triangle.h"

namespace vitrine {
namespace {

struct TriangleNode final : Node {
    std::int64_t diagonal = 0;
    bool upper = false;

    const char* name() const override { return upper ? "triu" : "tril"; }
    NodeArguments arguments() const override { return {{"diagonal", diagonal}}; }
    void forward(const NodeValues& v) override { v.out[0] = upper ? triu(v.in[0], diagonal) : tril(v.in[0], diagonal); }
    void backward(const Grads& g) override { g.in[0] = upper ? triu(g.out[0], diagonal) : tril(g.out[0], diagonal); }
};

// A checked call. Dispatched, it runs the kernel and gives the recorded result.
struct TriangleCall {
    Call call;
    const Tensor& x;
    std::int64_t diagonal;
    bool upper;
    Tensor xd, y;
    kernels::TriangleShape n;

    TriangleCall(const Operand& operand, std::int64_t line, bool above)
        : call(above ? "triu" : "tril", operand), x(call.tensor(operand)), diagonal(line), upper(above) {
        call.check(x.dim() >= 2, "x ", x.shape(), "; allowed are matrices, (..., M, N)");
        const std::int64_t rows = x.shape()[x.dim() - 2], cols = x.shape()[x.dim() - 1];
        const std::int64_t batch = rows * cols == 0 ? 0 : x.numel() / (rows * cols);
        n = {batch, rows, cols, std::clamp(diagonal, -rows - 1, cols + 1), upper};
        xd = x.contiguous(call.site());
        y = make_tensor(x.shape(), contiguous_strides(x.shape()), x.dtype(), x.device());
    }

    template <class T>
    Tensor operator()(auto on) {
        kernels::triangle(on, raw<T>(xd), raw<T>(y), n);
        if (recording(x)) {
            auto* node = record<TriangleNode>(call, y, x);
            node->diagonal = diagonal, node->upper = upper;
        }
        return std::move(y);
    }
};

}  // namespace

Tensor tril(Operand x, std::int64_t diagonal) {
    TriangleCall op(x, diagonal, false);
    return dispatch_all<with_halves>(op.call, op.x, op);
}

Tensor triu(Operand x, std::int64_t diagonal) {
    TriangleCall op(x, diagonal, true);
    return dispatch_all<with_halves>(op.call, op.x, op);
}

}  // namespace vitrine

#include "triangle.h"

#include <algorithm>

#include "vitrine/core/dispatch.h"
#include "vitrine/core/node.h"
#include "vitrine/kernels/triangle/triangle.h"

namespace vitrine {
namespace {

Tensor triangle(const char* op, Operand x, std::int64_t diagonal, bool upper);

struct TriangleNode final : Node {
    std::int64_t diagonal = 0;
    bool upper = false;

    const char* name() const override { return upper ? "triu" : "tril"; }
    void forward(const NodeValues& v) override { v.out[0] = triangle(name(), v.in[0], diagonal, upper); }
    void backward(const Grads& g) override { g.in[0] = triangle(name(), g.out[0], diagonal, upper); }
};

Tensor triangle(const char* op, Operand operand, std::int64_t diagonal, bool upper) {
    const Call call(op, operand);
    const Tensor& x = call.tensor(operand);
    call.check(x.dim() >= 2, "x ", x.shape(), "; allowed are matrices, (..., M, N)");
    const std::int64_t rows = x.shape()[x.dim() - 2], cols = x.shape()[x.dim() - 1];
    const std::int64_t batch = rows * cols == 0 ? 0 : x.numel() / (rows * cols);
    const kernels::TriangleShape n{batch, rows, cols, std::clamp(diagonal, -rows - 1, cols + 1), upper};

    const Tensor xd = x.contiguous(call.site());
    Tensor y = make_tensor(x.shape(), contiguous_strides(x.shape()), x.dtype(), x.device());
    dispatch_all<with_halves>(call, x, [&]<class T>(auto on) { kernels::triangle(on, raw<T>(xd), raw<T>(y), n); });
    if (recording(x)) {
        auto* node = record<TriangleNode>(call, y, x);
        node->diagonal = diagonal, node->upper = upper;
    }
    return y;
}

}  // namespace

Tensor tril(Operand x, std::int64_t diagonal) { return triangle("tril", x, diagonal, false); }
Tensor triu(Operand x, std::int64_t diagonal) { return triangle("triu", x, diagonal, true); }

}  // namespace vitrine

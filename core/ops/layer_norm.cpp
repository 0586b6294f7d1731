#include "layer_norm.h"

#include "group_norm_plan.h"
#include "vitrine/core/dispatch.h"
#include "vitrine/core/ladder.h"

namespace vitrine {
namespace {

bool ends_with(const Shape& x, const Shape& shape) {
    const int outer = x.dims() - shape.dims();
    if (outer < 0) return false;
    for (int d = 0; d < shape.dims(); ++d)
        if (x[outer + d] != shape[d]) return false;
    return true;
}

void check_weight(const Call& call, const Tensor& x, const Tensor& w, const Shape& shape, const char* letter) {
    if (!w.defined()) return;
    call.check_alike(x, w, "x", letter);
    call.check(w.shape() == shape, letter, " ", w.shape(), "; it must be ", shape, ", the normalised shape");
}

GroupNormPlan plan_layer_norm(const Call& call, const Operand& operand, const Shape& shape, const Tensor& weight, const Tensor& bias, double eps) {
    const Tensor& x = call.floating(operand);
    call.check(!shape.empty() && ends_with(x.shape(), shape), "x ", x.shape(),
               "; its last sizes must be the normalised shape ", shape,
               shape.empty() ? ", which needs a dimension" : "");
    check_weight(call, x, weight, shape, "weight");
    check_weight(call, x, bias, shape, "bias");

    const std::int64_t width = shape.numel();
    std::int64_t rows = 1;
    for (int d = 0; d < x.dim() - shape.dims(); ++d) rows *= x.shape()[d];
    return {.op = "layer_norm",
            .backward_op = "layer_norm_backward",
            .n = {rows, 1, 1, width, kernel_step(Ladder::layer_norm)},
            .channels_last = false,
            .eps = eps,
            .w_shape = shape,
            .x_view = {rows, width},
            .w_view = {1, width},
            .group = 1,
            .shared = 0};
}

struct Forward : GroupNormCall {
    Forward(const Call& c, const Operand& operand, const Shape& shape, const Tensor& scale, const Tensor& shift, double eps)
        : GroupNormCall(c, c.tensor(operand), scale, shift, plan_layer_norm(c, operand, shape, scale, shift, eps)) {}
};

}  // namespace

Tensor layer_norm(Operand x, const Shape& shape, const Tensor& weight, const Tensor& bias, double eps) {
    Forward op({"layer_norm", x}, x, shape, weight, bias, eps);
    return dispatch_floats(op.call, op.x, op);
}

}  // namespace vitrine

#include "group_norm.h"

#include "group_norm_plan.h"
#include "vitrine/core/dispatch.h"

namespace vitrine {
namespace {

void check_per_channel(const Call& call, const Tensor& x, const Tensor& c, const char* letter) {
    if (!c.defined()) return;
    call.check_alike(x, c, "x", letter);
    call.check(c.shape() == Shape{x.shape()[1]}, letter, " ", c.shape(), " for x ", x.shape(), "; it must be ",
               Shape{x.shape()[1]}, ", one value for each channel");
}

GroupNormPlan plan_group_norm(const Call& call, const Operand& operand, std::int64_t groups, const Tensor& weight, const Tensor& bias, double eps) {
    const Tensor& x = call.floating(operand);
    call.check(x.dim() >= 2, "x ", x.shape(), "; it must be (N, C, ...)");
    const std::int64_t images = x.shape()[0], channels = x.shape()[1];
    call.check(groups > 0 && channels % groups == 0, groups, " groups for x ", x.shape(), "; groups must divide its ",
               channels, " channels");
    check_per_channel(call, x, weight, "weight");
    check_per_channel(call, x, bias, "bias");

    std::int64_t pixels = 1;
    for (int d = 2; d < x.dim(); ++d) pixels *= x.shape()[d];
    const std::int64_t width = channels / groups;
    return {.op = "group_norm",
            .backward_op = "group_norm_backward",
            .n = {images, pixels, groups, width},
            .channels_last = true,
            .eps = eps,
            .w_shape = {channels},
            .x_view = {images, groups, width, pixels},
            .w_view = {1, groups, width, 1},
            .group = {2, 3},
            .shared = {0, 3}};
}

struct Forward : GroupNormCall {
    Forward(const Call& c, const Operand& operand, std::int64_t groups, const Tensor& scale, const Tensor& shift, double eps)
        : GroupNormCall(c, c.tensor(operand), scale, shift, plan_group_norm(c, operand, groups, scale, shift, eps)) {}
};

}  // namespace

Tensor group_norm(Operand x, std::int64_t groups, const Tensor& weight, const Tensor& bias, double eps) {
    Forward op({"group_norm", x}, x, groups, weight, bias, eps);
    return dispatch_floats(op.call, op.x, op);
}

}  // namespace vitrine

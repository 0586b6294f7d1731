// What group_norm and layer_norm share: one op over groups of elements. Private to core/ops.
#pragma once

#include "vitrine/core/axes.h"
#include "vitrine/core/operand.h"
#include "vitrine/core/place.h"
#include "vitrine/core/workspace.h"
#include "vitrine/kernels/group_norm/group_norm.h"

namespace vitrine {

/// How a normalisation sees x.
struct GroupNormPlan {
    const char *op = "", *backward_op = "";
    kernels::GroupNormShape n{};  // for the kernels
    bool channels_last = false;   // the memory that they want; else row-major
    double eps = 0;
    Shape w_shape;  // of weight and bias
    // For second derivatives: x and w reshaped so that they broadcast, and the axes that a group has and that share w.
    Shape x_view, w_view;
    Axes group, shared;
};

/// A checked call of either op: weight and bias fit x, or are undefined. Dispatched, it runs the kernel and gives the
/// recorded result.
struct GroupNormCall {
    Call call;
    const Tensor &x, &weight, &bias;
    GroupNormPlan plan;
    Tensor xd, w, b;  // as the kernel reads them
    Tensor y, mean, rstd;
    Workspace workspace;

    GroupNormCall(const Call& call, const Tensor& x, const Tensor& weight, const Tensor& bias, const GroupNormPlan& plan);

    template <class T>
    Tensor operator()(auto on) {
        if (x.numel() > 0) kernels::group_norm_forward(on, raw<T>(xd), raw_or_null<T>(w), raw_or_null<T>(b), raw<T>(y), raw<T>(mean), raw<T>(rstd), plan.eps, plan.n, workspace.data());
        return recorded();
    }

private:
    Tensor recorded();
};

}  // namespace vitrine

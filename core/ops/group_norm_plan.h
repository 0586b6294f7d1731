// What group_norm and layer_norm share: one op over groups of elements. Private to core/ops.
#pragma once

#include "vitrine/core/axes.h"
#include "vitrine/core/operand.h"
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

/// y, with its node. weight and bias have been checked, or are undefined.
Tensor group_norm_by(const Call& call, const Tensor& x, const Tensor& weight, const Tensor& bias,
                     const GroupNormPlan& plan);

struct GroupNormGrads {
    Tensor dx, dw, db;
};
/// Gradients from x, the forward's mean and rstd and dy, with their node.
GroupNormGrads group_norm_backward_by(Site site, const Tensor& x, const Tensor& weight, const Tensor& mean,
                                      const Tensor& rstd, const Tensor& dy, const GroupNormPlan& plan);

}  // namespace vitrine

// One step of an optimizer on one parameter, fused (the formulas: kernels/optimizer/optimizer.h). For users there are
// the classes in optim/; these are their engine.
#pragma once

#include <span>

#include "vitrine/core/tensor.h"
#include "vitrine/kernels/optimizer/optimizer.h"

namespace vitrine {

/// w -= lr (g + ...), in place. g, and b where there is momentum, have w's shape, dtype and device; b is undefined
/// without momentum. w may have any strides, b those of zeros_like(w). Bumps w's and b's version. Throws Error when
/// they do not match.
void sgd_step(Tensor& w, const Tensor& g, Tensor& b, const kernels::SgdStep& step, Site site = Site::here());

/// One step of Adam or AdamW in place, on w and its running means m and v.
void adam_step(Tensor& w, const Tensor& g, Tensor& m, Tensor& v, const kernels::AdamStep& step,
               Site site = Site::here());

/// One step of RMSprop in place, on w and its running means; a is undefined unless step.centered, b without momentum.
void rmsprop_step(Tensor& w, const Tensor& g, Tensor& v, Tensor& a, Tensor& b, const kernels::RmspropStep& step,
                  Site site = Site::here());

// ---- all tensors (f32 or f64, on any devices) in one pass: a launch for each 64 of one device and dtype

/// The 2-norm of all elements of the tensors together, summed in double in a fixed order. Undefined tensors count as
/// zero.
double total_norm(std::span<const Tensor> tensors, Site site = Site::here());
/// x = factor x for every tensor, in place, outside the graph.
void scale_all(std::span<const Tensor> tensors, double factor, Site site = Site::here());
/// x = min(max(x, -limit), limit) for every tensor, in place, outside the graph; NaN stays NaN.
void clamp_all(std::span<const Tensor> tensors, double limit, Site site = Site::here());
/// y = y + rest (x - y) for every pair, in place, outside the graph. Throws Error unless pairs agree in shape, dtype
/// and device.
void lerp_all(std::span<const Tensor> y, std::span<const Tensor> x, double rest, Site site = Site::here());

}  // namespace vitrine

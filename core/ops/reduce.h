// Reductions: one value made of many, along axes. Letters as in kernels/reduce/reduce.h.
//
//     sum(x)   sum(x, 0)   mean(x, {0, -1})   max(x, {1, 2}, true)
//
// x has any shape and strides and dtype f32 or f64. `axes` may be negative and are named once each; none means all.
// With keepdim the reduced axes stay, with size 1; without they go. All throw Error for another dtype or axis.
#pragma once

#include "vitrine/core/axes.h"
#include "vitrine/core/operand.h"

namespace vitrine {

/// y = sum of x along the axes; 0 of nothing.
Tensor sum(Operand x, Axes axes = {}, bool keepdim = false);
/// y = mean of x along the axes; NaN of nothing, as in PyTorch.
Tensor mean(Operand x, Axes axes = {}, bool keepdim = false);
struct VarOptions {
    double correction = 1;  ///< the sum of squares is divided by the number of elements less this; 0: of a population
    bool keepdim = false;
};
/// y = sum (x - mean)^2 / (n - correction) along the axes, in two passes: a large mean costs no digits. NaN where n is
/// not above the correction, as in PyTorch.
Tensor var(Operand x, Axes axes = {}, VarOptions options = {});
/// y = sqrt(var(x)).
Tensor std(Operand x, Axes axes = {}, VarOptions options = {});
/// y = the largest of x along the axes; NaN if one is NaN. Equal largest elements share the gradient evenly. That is
/// PyTorch's amax. Throws Error where there is nothing to choose from.
Tensor max(Operand x, Axes axes = {}, bool keepdim = false);
/// y = the smallest of x along the axes, otherwise like max.
Tensor min(Operand x, Axes axes = {}, bool keepdim = false);
/// y = the position (i64) of the first largest element along the axes, counted in row-major order over them; that of a
/// NaN if there is one. Throws Error where there is nothing to choose from.
Tensor argmax(Operand x, Axes axes = {}, bool keepdim = false);
/// The same for the first smallest element.
Tensor argmin(Operand x, Axes axes = {}, bool keepdim = false);
/// y = log sum exp(x) along the axes, computed without overflow; -inf of nothing.
Tensor logsumexp(Operand x, Axes axes = {}, bool keepdim = false);

/// x summed to `shape`, which could be broadcast to x's: the gradient of broadcasting. x itself where they are the
/// same. Throws Error where `shape` does not broadcast to x's.
Tensor sum_to(Operand x, const Shape& shape);

/// dx of max and min: dy, shared by the elements of x that are equal to y. y and dy as keepdim gives them.
Tensor max_backward(Operand x, const Tensor& y, const Tensor& dy);
/// dx of logsumexp: dy exp(x - y). y and dy as keepdim gives them.
Tensor logsumexp_backward(Operand x, const Tensor& y, const Tensor& dy);

}  // namespace vitrine

// Second derivatives of every normalisation, by simple ops that can themselves be differentiated. Private to core/ops.
#pragma once

#include "vitrine/core/axes.h"
#include "vitrine/core/tensor.h"

namespace vitrine {

/// A normalisation y = w xhat + b, xhat = (x - mean) rstd, seen as tensors that broadcast against each other.
struct Normalisation {
    Tensor x, w = {}, dy;  ///< w: sizes of 1 where it is repeated; undefined: 1
    Axes group;            ///< axes of x over which mean and variance are taken
    Axes shared;           ///< axes of x along which w is repeated
    double eps = 0;
    Tensor mean = {}, rstd = {};  ///< given ones (inference): constants. Undefined: computed from x
};
struct NormalisationGrads {
    Tensor x, w, dy;  ///< w with the repeated axes as sizes of 1
};

/// Gradients of sum(u dx) + sum(v dw) + sum(t db) by x, w and dy, where dx, dw, db are the normalisation's gradients;
/// u, v, t may be undefined: 0. v and t have w's shape. Formulas: docs/derivations/batch_norm.md.
NormalisationGrads normalisation_backward_twice(const Normalisation& n, const Tensor& u, const Tensor& v,
                                                const Tensor& t);

}  // namespace vitrine

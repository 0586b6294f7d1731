// Clipping gradients, in one pass over all of them.
#pragma once

#include <vector>

#include "vitrine/core/tensor.h"

namespace vitrine::optim {

/// The 2-norm of the gradients of all parameters together; those without a gradient count as zero.
double grad_norm(const std::vector<Tensor>& parameters, Site site = Site::here());

/// Multiplies every gradient, in place, by max_norm / (norm + 1e-6) where that is below 1, and returns the norm before.
/// A norm that is not finite makes gradients NaN: look at what is returned. Throws Error unless max_norm >= 0.
/// As torch.nn.utils.clip_grad_norm_. (Pascanu, Mikolov, Bengio, ICML 2013.)
double clip_grad_norm_(const std::vector<Tensor>& parameters, double max_norm, Site site = Site::here());

/// Every element of every gradient becomes min(max(g, -clip_value), clip_value), in place; NaN stays NaN. Throws Error
/// unless clip_value >= 0. As torch.nn.utils.clip_grad_value_.
void clip_grad_value_(const std::vector<Tensor>& parameters, double clip_value, Site site = Site::here());

}  // namespace vitrine::optim

// Clipping gradients by their norm.
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

}  // namespace vitrine::optim

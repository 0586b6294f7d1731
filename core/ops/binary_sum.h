// Gradients that meet. Private to the engine.
#pragma once

#include "vitrine/core/tensor.h"

namespace vitrine {

/// sum = sum + g, both of one shape, device and floating dtype. Nobody else may see sum's elements: no version is counted.
void add_in_place(const Tensor& sum, const Tensor& g);

}  // namespace vitrine

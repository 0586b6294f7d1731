// Joining tensors.
#pragma once

#include <vector>

#include "vitrine/core/operand.h"

namespace vitrine {

/// The tensors one behind the other along `axis`, in the first one's order of dimensions; every dtype. Throws Error for an
/// empty list, for sizes on other axes, dtypes or devices that differ.
Tensor cat(const std::vector<Tensor>& tensors, std::int64_t axis = 0, Site site = Site::here());

/// Tensors of one shape side by side along a new axis (-dim-1 to dim). Throws Error for an empty list, for shapes, dtypes
/// or devices that differ.
Tensor stack(const std::vector<Tensor>& tensors, std::int64_t axis = 0, Site site = Site::here());

}  // namespace vitrine

// Joining tensors.
#pragma once

#include <vector>

#include "vitrine/core/operand.h"

namespace vitrine {

/// The tensors one behind the other along `axis`; all other sizes, dtypes and devices must agree. Throws Error for an
/// empty list.
Tensor cat(const std::vector<Tensor>& tensors, std::int64_t axis = 0, Site site = Site::here());

}  // namespace vitrine

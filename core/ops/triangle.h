// Triangles of matrices.
#pragma once

#include "vitrine/core/operand.h"

namespace vitrine {

/// y = x on and below a diagonal of the last two dimensions, j <= i + diagonal, else 0. Every dtype. Throws Error when x has
/// fewer than two dimensions.
Tensor tril(Operand x, std::int64_t diagonal = 0);
/// y = x on and above a diagonal, j >= i + diagonal, else 0.
Tensor triu(Operand x, std::int64_t diagonal = 0);

}  // namespace vitrine

// A tensor several times over.
#pragma once

#include "vitrine/core/operand.h"

namespace vitrine {

/// x laid side by side: y's size is x's times `repeats`, dimension by dimension; more repeats than x has dimensions make
/// new leading ones. A copy (expand() repeats without one). Throws Error for fewer repeats than dimensions or negative ones.
Tensor repeat(Operand x, const Shape& repeats);

}  // namespace vitrine

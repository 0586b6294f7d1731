// Sums of products, in Einstein's notation.
#pragma once

#include <string_view>
#include <vector>

#include "vitrine/core/operand.h"

namespace vitrine {

/// The sum of products that `equation` spells: einsum("bij,bjk->bik", {a, b}) is a batched matrix product.
///
/// A letter names a dimension of every operand that has it; letters that the output does not have are summed over.
/// Without "->" the output has the letters that stand once, in alphabetical order. A letter twice in one operand takes
/// its diagonal ("ii->i"). "..." stands for leading dimensions that broadcast. Spaces do not count.
///
/// Two operands at a time, from the left, meet in one matmul: "the shared letters that stay" is its batch, those that go
/// its sum. All operands f32 or all f64. Throws Error for an equation that does not fit.
Tensor einsum(std::string_view equation, const std::vector<Tensor>& operands, Site site = Site::here());

}  // namespace vitrine

// Copies, casts and moves between devices. The members of Tensor of the same names call these, and so do the members
// fill_, zero_ and copy_.
#pragma once

#include "vitrine/core/operand.h"

namespace vitrine {

/// x's elements in storage of their own, in x's order of dimensions.
Tensor clone(Operand x);
/// x itself if it is row-major without gaps, else a copy that is.
Tensor contiguous(Operand x);
/// x itself if it has that dtype, else a copy: numbers become true where they are not 0, fractions are cut towards 0.
/// bf16 and f16 round once, to the nearest, ties to even, from every dtype. Gradients flow back between the dtypes of
/// fractions, in the dtype of x.
Tensor to(Operand x, DType dtype);
/// x itself if it is on that device, else a copy there. Throws Error if the device is not available. Gradients flow
/// back.
Tensor to(Operand x, Device device);

}  // namespace vitrine

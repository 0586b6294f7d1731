// Dropout, and its gradient: the same mask again.
#pragma once

#include "vitrine/core/generator.h"
#include "vitrine/core/operand.h"

namespace vitrine {

/// y = x k / (1 - p) with k = 0 with probability p, else 1, each element for itself. x itself when not training or
/// p = 0. Element i in x's order in memory draws the i-th number, so that the mask is the same on every device.
/// Throws Error unless 0 <= p <= 1 and x is f32 or f64. (Srivastava et al., JMLR 2014.)
Tensor dropout(Operand x, double p = 0.5, bool training = true, Generator& generator = default_generator());

/// residual + dropout(x, p, training, generator), the end of a branch of a transformer, in one pass; x's order in memory
/// counts the elements. residual has x's shape, dtype and device, else Error.
Tensor dropout_add(Operand x, const Tensor& residual, double p = 0.5, bool training = true,
                   Generator& generator = default_generator());

/// What dropout drew: enough to make its mask again for any tensor of the shape.
struct DropoutMask {
    double p = 0.5;
    kernels::Philox from;
    Strides order;  ///< strides of the tensor whose order in memory counts the elements
};
/// dx = dy k / (1 - p) with the mask of an earlier dropout.
Tensor dropout_backward(Operand dy, const DropoutMask& mask);

}  // namespace vitrine

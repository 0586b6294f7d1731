// An op of the consumer's own.
#pragma once

#include "vitrine/core/operand.h"

namespace consumer {

/// y = x^3. x: any shape, f32 or f64.
vitrine::Tensor cube(vitrine::Operand x);
/// dx of cube: 3 x^2 dy.
vitrine::Tensor cube_backward(vitrine::Operand x, const vitrine::Tensor& dy);

}  // namespace consumer

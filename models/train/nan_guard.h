// Private to models/train: finding where a NaN or an infinity came from. Slow: for when there is one.
#pragma once

#include <string>

#include "vitrine/core/tensor.h"
#include "vitrine/nn/any_module.h"

namespace vitrine::models {

/// True when every element is finite; also for tensors that are not floating.
bool all_finite(const Tensor& x);

/// The name of a parameter that is not finite, or "".
std::string parameter_not_finite(const nn::AnyModule& model);
/// The name of a parameter whose gradient is not finite, or "".
std::string gradient_not_finite(const nn::AnyModule& model);

}  // namespace vitrine::models

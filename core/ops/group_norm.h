// Group normalisation.
#pragma once

#include <cstdint>

#include "vitrine/core/operand.h"

namespace vitrine {

/// y = (x - mean) / sqrt(var + eps) weight + bias: x (N, C, ...) f32 or f64, its channels cut into `groups` runs of
/// neighbours; mean and var are those of one image's group, weight and bias (C) or undefined. y's channels lie together
/// in memory. groups = 1: over the whole image; groups = C: each channel for itself (instance normalisation). Throws
/// Error for other shapes or dtypes, or when groups does not divide C. (Wu and He, ECCV 2018.)
Tensor group_norm(Operand x, std::int64_t groups, const Tensor& weight = {}, const Tensor& bias = {},
                  double eps = 1e-5);

}  // namespace vitrine

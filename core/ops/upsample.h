// Upsampling of images and sequences.
#pragma once

#include "vitrine/core/operand.h"
#include "vitrine/core/pair2.h"
#include "vitrine/kernels/upsample/upsample.h"

namespace vitrine {

/// x (N, C, H, W) or (N, C, L), f32 or f64, in another size: each pixel of y is a copy of the one of x at floor(p in /
/// out). size: of y, for a sequence size.w alone. y's channels lie together in memory. Throws Error for another number
/// of dimensions, an x without pixels or a size below 1.
Tensor upsample_nearest(Operand x, Pair2 size);

/// How many times as large; floor(in scale) pixels along each axis.
struct UpsampleScale {
    double h = 1, w = 1;
    constexpr UpsampleScale(double both) : h(both), w(both) {}  // NOLINT: implicit, a number means both
    constexpr UpsampleScale(double along_height, double along_width) : h(along_height), w(along_width) {}
};
/// The same by a factor: 2 repeats each pixel twice along each axis. Throws Error also for a scale that is not above 0.
Tensor upsample_nearest_by(Operand x, UpsampleScale scale);

/// dx: the sum of the copies' gradients.
Tensor upsample_nearest_backward(Operand dy, const kernels::UpsampleShape& n);

}  // namespace vitrine

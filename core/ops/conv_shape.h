// The sizes of a convolution, checked. Private to core/ops.
#pragma once

#include "conv.h"
#include "vitrine/kernels/conv/conv.h"

namespace vitrine {

/// The convolution of x (N, C, H, W) with w (O, C/groups, U, V) or, for dims = 3, of (N, C, L) with (O, C/groups, V) as
/// one of height 1, with the chosen algorithm. Throws Error, in terms of the given shapes, unless all sizes fit.
kernels::ConvShape conv_shape(const Call& call, const Shape& x, const Shape& w, const ConvOptions& options,
                              int dims = 4);
/// The convolution whose gradient for its x takes x (N, C, H, W) and w (C, O/groups, U, V) to y.
kernels::ConvShape conv_transpose_shape(const Call& call, const Shape& x, const Shape& w,
                                        const ConvTransposeOptions& options);
/// Throws Error unless b is undefined, or has `channels` elements and x's dtype and device.
void check_conv_bias(const Call& call, const Tensor& x, const Tensor& b, std::int64_t channels);

}  // namespace vitrine

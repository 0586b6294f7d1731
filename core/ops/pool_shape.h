// The checks that poolings share. Private to core/ops.
#pragma once

#include "vitrine/core/node_argument.h"
#include "vitrine/core/operand.h"
#include "vitrine/core/pair2.h"
#include "vitrine/kernels/pool/pool.h"

namespace vitrine {

struct PoolWindows {
    Pair2 kernel, stride, padding, dilation = 1;
    bool ceil_mode = false, count_padding = true;
};

/// x (N, C, H, W) with a pixel at least, as kernels see it. Throws Error for other shapes, settings that are not
/// allowed, or a kernel that does not fit.
kernels::PoolShape pool_shape(const Call& call, const Tensor& x, const PoolWindows& windows);
/// The same for windows that cover the image evenly.
kernels::PoolShape adaptive_pool_shape(const Call& call, const Tensor& x, Pair2 size);

/// x (N, C, L) as images of height 1. Throws Error for another number of dimensions.
Tensor as_images(const Call& call, const Tensor& x);

/// What the windows' op was told.
NodeArguments arguments_of(const kernels::PoolShape& n);

inline Shape x_shape(const kernels::PoolShape& n) { return {n.images, n.channels, n.h.in, n.w.in}; }
inline Shape y_shape(const kernels::PoolShape& n) { return {n.images, n.channels, n.h.out, n.w.out}; }

}  // namespace vitrine

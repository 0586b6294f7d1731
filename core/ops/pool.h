// Pooling of images (N, C, H, W) and sequences (N, C, L), f32 or f64: what stands in a window, as its maximum or
// average. y's channels lie together in memory. out = floor((in + 2 padding - dilation (kernel - 1) - 1) / stride) + 1,
// as in PyTorch; ceil_mode rounds up, so that the last window may hang over the edge. All throw Error for other shapes
// or dtypes, a kernel larger than the padded image, a kernel, stride or dilation below 1, or a padding of more than
// half the kernel.
#pragma once

#include <cstdint>

#include "vitrine/core/operand.h"
#include "vitrine/core/pair2.h"
#include "vitrine/kernels/pool/pool.h"

namespace vitrine {

struct MaxPool2dOptions {
    Pair2 stride = 0;  ///< 0: as the kernel
    Pair2 padding = 0;
    Pair2 dilation = 1;
    bool ceil_mode = false;
};
struct MaxPool1dOptions {
    std::int64_t stride = 0, padding = 0, dilation = 1;
    bool ceil_mode = false;
};

/// The largest value of each window; padding counts as -inf, a NaN is the largest. The gradient goes to the first of
/// equals.
Tensor max_pool2d(Operand x, Pair2 kernel, MaxPool2dOptions options = {});
Tensor max_pool1d(Operand x, std::int64_t kernel, MaxPool1dOptions options = {});

/// A maximum and where it stands in its image: h W + w, i64.
struct MaxPool {
    Tensor values, indices;
};
MaxPool max_pool2d_with_indices(Operand x, Pair2 kernel, MaxPool2dOptions options = {});

struct AvgPool2dOptions {
    Pair2 stride = 0;  ///< 0: as the kernel
    Pair2 padding = 0;
    bool ceil_mode = false;
    bool count_include_pad = true;  ///< divide by the kernel's size even where it hangs over the edge into the padding
};
struct AvgPool1dOptions {
    std::int64_t stride = 0, padding = 0;
    bool ceil_mode = false, count_include_pad = true;
};

/// The average of each window; padding counts as 0, or not at all.
Tensor avg_pool2d(Operand x, Pair2 kernel, AvgPool2dOptions options = {});
Tensor avg_pool1d(Operand x, std::int64_t kernel, AvgPool1dOptions options = {});

/// Averages of windows that cover the image evenly: output o of `size` sees inputs floor(o in / size) up to
/// ceil((o + 1) in / size). Size 1: the average of each channel. Throws Error for a size below 1.
Tensor adaptive_avg_pool2d(Operand x, Pair2 size);
Tensor adaptive_avg_pool1d(Operand x, std::int64_t size);

/// dx of max_pool2d from where each maximum stood, i32, -1: nowhere. Its gradient is dx at those places.
Tensor max_pool2d_backward(Operand dy, const Tensor& index, const kernels::PoolShape& n);
/// dx of the averages. Its gradient is the average again.
Tensor avg_pool2d_backward(Operand dy, const kernels::PoolShape& n);

}  // namespace vitrine

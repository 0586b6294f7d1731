// Convolutions and transposed convolutions of images and of sequences.
//
// Images are (N, C, H, W); their channels lie together in memory (core/layout.h), others are copied so once. Weights
// are (O, C/groups, kernel height, kernel width) and best lie as conv_weight_strides says. f32 or f64. Every op has
// second derivatives.
#pragma once

#include "vitrine/core/operand.h"
#include "vitrine/core/pair2.h"
#include "vitrine/kernels/conv/algorithm.h"

namespace vitrine {

struct ConvOptions {
    Pair2 stride = 1;         ///< 1 or more
    Pair2 padding = 0;        ///< rows and columns of 0 on each side of x, 0 or more
    Pair2 dilation = 1;       ///< distance of neighbouring kernel elements in x, 1 or more
    std::int64_t groups = 1;  ///< divides the channels of x and of y: each group of y sees its group of x alone
};

struct Conv1dOptions {
    std::int64_t stride = 1, padding = 0, dilation = 1, groups = 1;
};

struct ConvTransposeOptions {
    Pair2 stride = 1;
    Pair2 padding = 0;         ///< rows and columns cut off on each side of y
    Pair2 output_padding = 0;  ///< rows and columns added to y below and right; less than the stride
    Pair2 dilation = 1;
    std::int64_t groups = 1;
};

/// y_nopq = b_o + sum_cuv x_nchw w_ocuv with h = p stride - padding + u dilation and w alike; x is 0 outside.
/// x (N, C, H, W), w (O, C/groups, U, V), b (O) or undefined, y (N, O, P, Q) with
/// P = (H + 2 padding - dilation (U - 1) - 1) / stride + 1, rounded down, and Q alike. groups = C = O is a depthwise
/// convolution. N may be 0. Throws Error for sizes or options that do not fit, e.g. a kernel larger than the padded x.
Tensor conv2d(Operand x, const Tensor& w, const Tensor& b = {}, const ConvOptions& options = {});

/// The same along one dimension: x (N, C, L), w (O, C/groups, V), y (N, O, Q).
Tensor conv1d(Operand x, const Tensor& w, const Tensor& b = {}, const Conv1dOptions& options = {});

/// conv2d the other way round, the gradient of one for its x: each pixel of x adds a kernel to y. x (N, C, H, W),
/// w (C, O/groups, U, V), b (O) or undefined, y (N, O, P, Q) with
/// P = (H - 1) stride - 2 padding + dilation (U - 1) + output_padding + 1. Throws Error for sizes or options that do
/// not fit.
Tensor conv_transpose2d(Operand x, const Tensor& w, const Tensor& b = {}, const ConvTransposeOptions& options = {});

/// dx of conv2d from dy and w; x_shape is the shape of x.
Tensor conv2d_backward_data(Operand dy, const Tensor& w, const Shape& x_shape, const ConvOptions& options = {});
/// dw of conv2d from x and dy; w_shape is the shape of w.
Tensor conv2d_backward_weight(Operand x, const Tensor& dy, const Shape& w_shape, const ConvOptions& options = {});

/// Strides of a weight (O, C/groups, U, V), or (O, C/groups, V), that lies as the kernels read it: [U][V][C/groups][O].
/// A weight with other strides is copied for each call.
Strides conv_weight_strides(const Shape& shape);

using kernels::ConvAlgorithm;
/// How convolutions are computed from now on, by all threads. The default is ConvAlgorithm::automatic.
void set_conv_algorithm(ConvAlgorithm algorithm);
ConvAlgorithm conv_algorithm();

}  // namespace vitrine

// Forward and backward for data seen as one: both gather, for a result, what the elements of the kernel meet.
#pragma once

#include "conv.h"
#include "conv_cpu_canvas.h"

namespace vitrine::kernels {

/// out_nij = bias + sum over taps (u, v) of in_nhw B_uv, h and w being where the taps meet (i, j).
struct ConvGather {
    std::int64_t N, G;
    ConvAxis rows, columns;
    std::int64_t C, K;                                       ///< channels of the source and of the result
    std::int64_t V;                                          ///< columns of a kernel
    bool transposed;                                         ///< B_uv is w_uv as it lies, [c][k], or its transpose
    std::int64_t out_first, out_image, out_row, out_column;  ///< where results go, in elements

    std::int64_t Cg() const { return C / G; }
    std::int64_t Kg() const { return K / G; }
    std::int64_t taps() const { return rows.taps * columns.taps; }
    /// Which element of the kernel tap (u, v) is.
    std::int64_t element(std::int64_t u, std::int64_t v) const {
        return (rows.kernel_first + u * rows.kernel_step) * V + columns.kernel_first + v * columns.kernel_step;
    }
};

inline ConvGather conv_gather_forward(const ConvShape& s) {
    return {.N = s.N,
            .G = s.G,
            .rows = {s.P, s.H, s.stride_h, s.U, -s.pad_h, s.dilation_h},
            .columns = {s.Q, s.W, s.stride_w, s.V, -s.pad_w, s.dilation_w},
            .C = s.C,
            .K = s.O,
            .V = s.V,
            .transposed = false,
            .out_first = 0,
            .out_image = s.P * s.Q * s.O,
            .out_row = s.Q * s.O,
            .out_column = s.O};
}

// Positions rest, rest + stride, ... of dx: those kernel elements u meet them for which rest + pad - u * dilation is a
// multiple of the stride, the last one first, so that the sources come in order.
inline ConvAxis conv_axis_of_rest(std::int64_t rest, std::int64_t size, std::int64_t source, std::int64_t kernel,
                                  std::int64_t stride, std::int64_t pad, std::int64_t dilation) {
    ConvAxis a{(size - rest + stride - 1) / stride, source, 1, 0, 0, 1};
    std::int64_t previous = 0;
    for (std::int64_t u = kernel - 1; u >= 0; --u) {
        const std::int64_t steps = rest + pad - u * dilation;
        if (steps % stride != 0) continue;
        if (a.taps == 0) a.first = steps / stride, a.kernel_first = u;
        if (a.taps == 1) a.tap_step = steps / stride - a.first, a.kernel_step = u - previous;
        previous = u;
        ++a.taps;
    }
    return a;
}

/// The pixels (rest_h, rest_w), + strides, of dx.
inline ConvGather conv_gather_backward_data(const ConvShape& s, std::int64_t rest_h, std::int64_t rest_w) {
    return {.N = s.N,
            .G = s.G,
            .rows = conv_axis_of_rest(rest_h, s.H, s.P, s.U, s.stride_h, s.pad_h, s.dilation_h),
            .columns = conv_axis_of_rest(rest_w, s.W, s.Q, s.V, s.stride_w, s.pad_w, s.dilation_w),
            .C = s.O,
            .K = s.C,
            .V = s.V,
            .transposed = true,
            .out_first = (rest_h * s.W + rest_w) * s.C,
            .out_image = s.H * s.W * s.C,
            .out_row = s.stride_h * s.W * s.C,
            .out_column = s.stride_w * s.C};
}

}  // namespace vitrine::kernels

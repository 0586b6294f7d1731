// How a convolution is computed.
#pragma once

namespace vitrine::kernels {

/// The result is the same but for rounding.
enum class ConvAlgorithm {
    automatic,      ///< the fastest for the shape
    direct,         ///< the formula as it stands: a loop over the kernel's elements for each element of the result
    implicit_gemm,  ///< tiles of a matrix product, whose operands are gathered from the image on the way
    /// F(4x4, 3x3) of Lavin and Gray, "Fast algorithms for convolutional neural networks" (2016), on the CPU: a quarter of
    /// the products for more rounding. Only 3x3 kernels with dilation and groups 1 can, with stride 1, or with stride 2 and
    /// padding 1 (81 products of 144); the others, and the other devices, go on as with `automatic`.
    winograd,
};

}  // namespace vitrine::kernels

// How a convolution is computed.
#pragma once

namespace vitrine::kernels {

/// The result is the same but for rounding.
enum class ConvAlgorithm {
    automatic,      ///< the fastest for the shape
    direct,         ///< the formula as it stands: a loop over the kernel's elements for each element of the result
    implicit_gemm,  ///< tiles of a matrix product, whose operands are gathered from the image on the way
};

}  // namespace vitrine::kernels

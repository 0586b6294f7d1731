// Convolution with factors of 16 bits and sums of 32: twice the products an instruction.
//
//   forward   y_nopq = bias_o + sum_cuv bf16(x_nchw) bf16(w_ocuv)
//   backward  dx_nchw = bias_c + sum_opquv bf16(dy_nopq) bf16(w_ocuv)
//             dw_ocuv = sum_npq bf16(dy_nopq) bf16(x_nchw)
//
// The convolution of conv.h, with the same shape and the same order in memory, and what conv_forward<float>(Cpu, ...)
// and its gradients do where ConvShape::bf16_factors says so and where it pays. All tensors are f32: factors are
// rounded while they are copied to where the kernel multiplies them.
//
// Numerics: as in kernels/matmul/matmul_bf16.h. |error| <= (2^-8 + 2^-18 + K 2^-23) sum |products|, K being the number
// of products of a sum; for random signs it is nearer to 2^-9 sqrt(sum of the products' squares). Where the processor
// has AVX512_BF16 (isa_has_bf16()) this is an implicit matrix product with VDPBF16PS, which takes subnormal factors for
// 0 and gives 0 for subnormal sums; elsewhere the factors are rounded and convolved as f32 (conv.h). NaN and infinity
// go where the formula sends them. The same bits at any number of threads, but not on every processor.
#pragma once

#include "conv.h"

namespace vitrine::kernels {

/// Which of the three a convolution is.
enum class ConvPass { forward, backward_data, backward_weight };

/// Whether the convolution in bf16 is faster than in f32: where pairs of factors are there, and f32 is an implicit
/// matrix product, too, or Winograd's algorithm with stride 2. With stride 1 and a quarter of the products that stays
/// ahead of twice the rate.
bool conv_bf16_pays(const ConvShape& s, ConvPass pass);

std::size_t conv_forward_bf16_workspace_bytes(Cpu, const ConvShape& s);
std::size_t conv_backward_data_bf16_workspace_bytes(Cpu, const ConvShape& s);
std::size_t conv_backward_weight_bf16_workspace_bytes(Cpu, const ConvShape& s);
void conv_forward_bf16(Cpu, const float* x, const float* w, const float* bias, float* y, const ConvShape& s,
                       ConvWorkspace ws);
void conv_backward_data_bf16(Cpu, const float* dy, const float* w, const float* bias, float* dx, const ConvShape& s,
                             ConvWorkspace ws);
void conv_backward_weight_bf16(Cpu, const float* x, const float* dy, float* dw, const ConvShape& s, ConvWorkspace ws);

}  // namespace vitrine::kernels

// What the drivers of the convolution in bf16 (conv_cpu_bf16*.cpp) ask of AVX512_BF16.
//
// A pair is two bf16 numbers that one instruction multiplies with two others and adds up: 4 bytes, and in the memory of
// canvases and panels it lies in the place of a float, so that the tiles of f32 (conv_cpu_tiles.h) walk over pairs
// unchanged. Pairs are neighbouring channels where a sum goes over channels, and the same element of two images where
// it goes over pixels: then no tap, stride, dilation or odd width ever cuts a pair in two.
#pragma once

#include "conv_bf16.h"
#include "conv_cpu_gemm.h"

namespace vitrine::kernels {

/// conv_tiles_...(): a, b in pairs; c, bias in f32.
void conv_tiles_avx512bf16(const ConvTiles<float>& x);

/// Neighbours in pairs: (from[0], from[1]), ...; beyond an odd n is 0.
void conv_pairs_of_neighbours(const float* from, std::int64_t n, float* pairs);
/// (first[0], second[0]), ...; a null `second` is zeros.
void conv_pairs_of_two(const float* first, const float* second, std::int64_t n, float* pairs);

#if !defined(__x86_64__)  // isa_has_bf16() says no, and nobody calls them
inline void conv_tiles_avx512bf16(const ConvTiles<float>&) {}
inline void conv_pairs_of_neighbours(const float*, std::int64_t, float*) {}
inline void conv_pairs_of_two(const float*, const float*, std::int64_t, float*) {}
#endif

/// How many pairs n numbers are.
inline std::int64_t conv_pairs(std::int64_t n) { return (n + 1) / 2; }

/// Whether it is a plain product: a kernel of one element that each pixel meets once.
inline bool conv_is_product(const ConvShape& s) {
    return s.U == 1 && s.V == 1 && s.G == 1 && s.stride_h == 1 && s.stride_w == 1 && s.pad_h == 0 && s.pad_w == 0;
}

// On AVX512_BF16, as in conv_bf16.h.
std::size_t conv_forward_pairs_bytes(const ConvShape& s);
std::size_t conv_backward_data_pairs_bytes(const ConvShape& s);
std::size_t conv_backward_weight_pairs_bytes(const ConvShape& s);
void conv_forward_pairs(const float* x, const float* w, const float* bias, float* y, const ConvShape& s,
                        ConvWorkspace ws);
void conv_backward_data_pairs(const float* dy, const float* w, const float* bias, float* dx, const ConvShape& s,
                              ConvWorkspace ws);
void conv_backward_weight_pairs(const float* x, const float* dy, float* dw, const ConvShape& s, ConvWorkspace ws);

}  // namespace vitrine::kernels

// What conv_cpu.cpp chooses from.
#pragma once

#include "conv.h"
#include "vitrine/kernels/base/parallel.h"

namespace vitrine::kernels {

// The formula as it stands.
template <class T>
void conv_forward_direct(const T* x, const T* w, const T* bias, T* y, const ConvShape& s);
template <class T>
void conv_backward_data_direct(const T* dy, const T* w, const T* bias, T* dx, const ConvShape& s);
template <class T>
void conv_backward_weight_direct(const T* x, const T* dy, T* dw, const ConvShape& s);

// Its loops, for some pixels of y, pixels of x, or rows of dw: element (u, v) of the kernel and channel c of each
// group.
template <class T>
void conv_forward_pixels(const T* x, const T* w, const T* bias, T* y, const ConvShape& s, Range pixels);
template <class T>
void conv_backward_data_pixels(const T* dy, const T* w, const T* bias, T* dx, const ConvShape& s, Range pixels);
template <class T>
void conv_backward_weight_rows(const T* x, const T* dy, T* dw, const ConvShape& s, Range rows);

// Tiles of a matrix product; `ws` as large as the ..._bytes say.
template <class T>
std::size_t conv_forward_gemm_bytes(const ConvShape& s);
template <class T>
std::size_t conv_backward_data_gemm_bytes(const ConvShape& s);
template <class T>
std::size_t conv_backward_weight_gemm_bytes(const ConvShape& s);
template <class T>
void conv_forward_gemm(const T* x, const T* w, const T* bias, T* y, const ConvShape& s, ConvWorkspace ws);
template <class T>
void conv_backward_data_gemm(const T* dy, const T* w, const T* bias, T* dx, const ConvShape& s, ConvWorkspace ws);
template <class T>
void conv_backward_weight_gemm(const T* x, const T* dy, T* dw, const ConvShape& s, ConvWorkspace ws);

// Winograd's convolution of 3x3 kernels with dilation and groups 1, and stride 1 or stride 2 and padding 1; `ws` as
// large as the ..._bytes say.
template <class T>
std::size_t conv_forward_winograd_bytes(const ConvShape& s);
template <class T>
std::size_t conv_backward_data_winograd_bytes(const ConvShape& s);
template <class T>
std::size_t conv_backward_weight_winograd_bytes(const ConvShape& s);
template <class T>
void conv_forward_winograd(const T* x, const T* w, const T* bias, T* y, const ConvShape& s, ConvWorkspace ws);
template <class T>
void conv_backward_data_winograd(const T* dy, const T* w, const T* bias, T* dx, const ConvShape& s, ConvWorkspace ws);
template <class T>
void conv_backward_weight_winograd(const T* x, const T* dy, T* dw, const ConvShape& s, ConvWorkspace ws);

// A kernel of one element with a stride, without padding and groups, forward and for the data; `ws` as large as the ..._bytes say.
template <class T>
std::size_t conv_forward_strided_bytes(const ConvShape& s);
template <class T>
std::size_t conv_backward_data_strided_bytes(const ConvShape& s);
template <class T>
void conv_forward_strided(const T* x, const T* w, const T* bias, T* y, const ConvShape& s, ConvWorkspace ws);
template <class T>
void conv_backward_data_strided(const T* dy, const T* w, const T* bias, T* dx, const ConvShape& s, ConvWorkspace ws);

// As many groups as channels of x and of y.
template <class T>
std::size_t conv_backward_weight_depthwise_bytes(const ConvShape& s);
template <class T>
void conv_forward_depthwise(const T* x, const T* w, const T* bias, T* y, const ConvShape& s);
template <class T>
void conv_backward_data_depthwise(const T* dy, const T* w, const T* bias, T* dx, const ConvShape& s);
template <class T>
void conv_backward_weight_depthwise(const T* x, const T* dy, T* dw, const ConvShape& s, ConvWorkspace ws);

}  // namespace vitrine::kernels

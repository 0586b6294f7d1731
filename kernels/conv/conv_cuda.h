// What conv_cuda.cu chooses from. For .cu files.
#pragma once

#include "conv.h"
#include "vitrine/kernels/base/gpu.h"

namespace vitrine::kernels {
inline namespace VITRINE_GPU_NAMESPACE {

// The formula as it stands.
template <class T>
void conv_forward_direct(Gpu on, const T* x, const T* w, const T* bias, T* y, const ConvShape& s);
template <class T>
void conv_backward_data_direct(Gpu on, const T* dy, const T* w, const T* bias, T* dx, const ConvShape& s);
template <class T>
void conv_backward_weight_direct(Gpu on, const T* x, const T* dy, T* dw, const ConvShape& s);

// Tiles of a matrix product; `ws` as large as conv_backward_weight_gemm_bytes() says.
template <class T>
std::size_t conv_backward_weight_gemm_bytes(Gpu on, const ConvShape& s);
template <class T>
void conv_forward_gemm(Gpu on, const T* x, const T* w, const T* bias, T* y, const ConvShape& s);
template <class T>
void conv_backward_data_gemm(Gpu on, const T* dy, const T* w, const T* bias, T* dx, const ConvShape& s);
template <class T>
void conv_backward_weight_gemm(Gpu on, const T* x, const T* dy, T* dw, const ConvShape& s, ConvWorkspace ws);

}  // namespace VITRINE_GPU_NAMESPACE
}  // namespace vitrine::kernels

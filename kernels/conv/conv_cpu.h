// What conv_cpu.cpp chooses from.
#pragma once

#include "conv.h"

namespace vitrine::kernels {

// The formula as it stands.
template <class T>
void conv_forward_direct(const T* x, const T* w, const T* bias, T* y, const ConvShape& s);
template <class T>
void conv_backward_data_direct(const T* dy, const T* w, const T* bias, T* dx, const ConvShape& s);
template <class T>
void conv_backward_weight_direct(const T* x, const T* dy, T* dw, const ConvShape& s);

}  // namespace vitrine::kernels

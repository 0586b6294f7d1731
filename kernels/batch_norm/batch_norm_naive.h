// The formulas of batch_norm.h as plain loops on the CPU: one thread, sums in double and in the order of the rows. isa() ==
// Isa::naive takes them (the preset learn, VITRINE_ISA=naive); a test compares the fast kernels with them.
#pragma once

#include "batch_norm.h"

namespace vitrine::kernels {

template <class T>
void batch_norm_forward_naive(const T* x, const T* w, const T* b, T* y, T* mean, T* rstd, BatchNormRunning<T> running, double eps, BatchNormShape n,
                              BatchNormRelu<T> relu);
template <class T>
void batch_norm_inference_naive(const T* x, const T* w, const T* b, const T* mean, const T* rstd, T* y, BatchNormShape n, BatchNormRelu<T> relu);
template <class T>
void batch_norm_backward_naive(const T* x, const T* w, const T* mean, const T* rstd, const T* dy, T* dx, T* dw, T* db, bool training, BatchNormShape n,
                               BatchNormReluGrad<T> relu);

}  // namespace vitrine::kernels

// The formulas of group_norm.h as plain loops on the CPU: one thread, sums in double and in the order of the elements.
// isa() == Isa::naive takes them (the preset learn, VITRINE_ISA=naive); a test compares the fast kernels with them.
#pragma once

#include "group_norm.h"

namespace vitrine::kernels {

template <class T>
void group_norm_forward_naive(const T* x, const T* w, const T* b, T* y, T* mean, T* rstd, double eps, GroupNormShape n);
template <class T>
void group_norm_backward_naive(const T* x, const T* w, const T* mean, const T* rstd, const T* dy, T* dx, T* dw, T* db, GroupNormShape n);

}  // namespace vitrine::kernels

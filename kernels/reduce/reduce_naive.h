// The formulas of reduce.h as plain loops on the CPU: one thread, every sum in double and in the order of the elements.
// isa() == Isa::naive takes them (the preset learn, VITRINE_ISA=naive); a test compares the fast kernels with them.
#pragma once

#include "reduce.h"

namespace vitrine::kernels {

template <class T>
void reduce_sum_naive(const T* x, T* y, double divisor, const ReduceShape& n);
template <class T>
void reduce_variance_naive(const T* x, T* mean, T* y, double divisor, const ReduceShape& n);
template <class T>
void reduce_max_naive(const T* x, T* y, const ReduceShape& n);
template <class T>
void reduce_min_naive(const T* x, T* y, const ReduceShape& n);
template <class T>
void reduce_logsumexp_naive(const T* x, T* y, const ReduceShape& n);
template <class T>
void reduce_argmax_naive(const T* x, std::int64_t* index, const ReduceShape& n);

template <class T>
void reduce_extreme_backward_naive(const T* x, const T* y, const T* dy, T* dx, const ReduceShape& n);
template <class T>
void reduce_logsumexp_backward_naive(const T* x, const T* y, const T* dy, T* dx, const ReduceShape& n);

}  // namespace vitrine::kernels

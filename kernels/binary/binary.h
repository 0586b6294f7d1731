// Functions of two numbers, element by element, with broadcasting (strides of 0) and any other
// strides.
//
//   forward           y_i  = f(a_i, b_i)              R is T, or bool for comparisons
//   backward          da_i = dy_i df/da(a_i, b_i),  db_i = dy_i df/db(a_i, b_i)
//                     in one pass; da or db may be null
//   scalar forward    y_i  = f(a_i, b)                b a number
//   scalar backward   da_i = dy_i df/da(a_i, b)
//
// F is a struct of functions.h. The gradients have the shape of y: what a broadcast operand gets is
// their sum over the broadcast dimensions, another kernel's work. Every output may be the same
// elements of a buffer as one input.
#pragma once

#include "functions.h"
#include "vitrine/kernels/base/device.h"
#include "vitrine/kernels/base/strided.h"

namespace vitrine::kernels {

/// Strides: n.strides[0] y, [1] a, [2] b.
template <class F, class T, class R>
void binary_forward(Cpu, F fn, const T* a, const T* b, R* y, const Strided<3>& n);
template <class F, class T, class R>
void binary_forward(Cuda, F fn, const T* a, const T* b, R* y, const Strided<3>& n);
template <class F, class T, class R>
void binary_forward(Simt, F fn, const T* a, const T* b, R* y, const Strided<3>& n);

/// Strides: n.strides[0] da, [1] db, [2] dy, [3] a, [4] b.
template <class F, class T>
void binary_backward(Cpu, F fn, const T* a, const T* b, const T* dy, T* da, T* db,
                     const Strided<5>& n);
template <class F, class T>
void binary_backward(Cuda, F fn, const T* a, const T* b, const T* dy, T* da, T* db,
                     const Strided<5>& n);
template <class F, class T>
void binary_backward(Simt, F fn, const T* a, const T* b, const T* dy, T* da, T* db,
                     const Strided<5>& n);

/// Strides: n.strides[0] y, [1] a.
template <class F, class T, class R>
void binary_scalar_forward(Cpu, F fn, const T* a, T b, R* y, const Strided<2>& n);
template <class F, class T, class R>
void binary_scalar_forward(Cuda, F fn, const T* a, T b, R* y, const Strided<2>& n);
template <class F, class T, class R>
void binary_scalar_forward(Simt, F fn, const T* a, T b, R* y, const Strided<2>& n);

/// Strides: n.strides[0] da, [1] dy, [2] a.
template <class F, class T>
void binary_scalar_backward(Cpu, F fn, const T* a, T b, const T* dy, T* da, const Strided<3>& n);
template <class F, class T>
void binary_scalar_backward(Cuda, F fn, const T* a, T b, const T* dy, T* da, const Strided<3>& n);
template <class F, class T>
void binary_scalar_backward(Simt, F fn, const T* a, T b, const T* dy, T* da, const Strided<3>& n);

}  // namespace vitrine::kernels

// Functions of one number, element by element, over any strides.
//
//   forward    y_i  = f(x_i)
//   backward   dx_i = dy_i f'(v_i)      v is x or y, as F::saved says; one pass
//
// F is a struct of functions.h or activations.h. x and y, v or dy and dx may be the same elements
// of a buffer.
#pragma once

#include "activations.h"
#include "functions.h"
#include "vitrine/kernels/base/device.h"
#include "vitrine/kernels/base/strided.h"

namespace vitrine::kernels {

/// Strides: n.strides[0] y, [1] x.
template <class F, class T>
void unary_forward(Cpu, F fn, const T* x, T* y, const Strided<2>& n);
template <class F, class T>
void unary_forward(Cuda, F fn, const T* x, T* y, const Strided<2>& n);
template <class F, class T>
void unary_forward(Simt, F fn, const T* x, T* y, const Strided<2>& n);

/// Strides: n.strides[0] dx, [1] v, [2] dy.
template <class F, class T>
void unary_backward(Cpu, F fn, const T* v, const T* dy, T* dx, const Strided<3>& n);
template <class F, class T>
void unary_backward(Cuda, F fn, const T* v, const T* dy, T* dx, const Strided<3>& n);
template <class F, class T>
void unary_backward(Simt, F fn, const T* v, const T* dy, T* dx, const Strided<3>& n);

}  // namespace vitrine::kernels

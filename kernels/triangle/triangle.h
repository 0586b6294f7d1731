// The lower or upper triangle of matrices x (batch, rows, cols), row-major.
//
//   lower   y_ij = x_ij for j <= i + d, else 0
//   upper   y_ij = x_ij for j >= i + d, else 0
//
// The backward is the same of dy. Every dtype.
#pragma once

#include <cstdint>

#include "vitrine/kernels/base/device.h"
#include "vitrine/kernels/base/half.h"

namespace vitrine::kernels {

struct TriangleShape {
    std::int64_t batch, rows, cols, diagonal;
    bool upper;
};

template <class T>
void triangle(Cpu, const T* x, T* y, TriangleShape n);
template <class T>
void triangle(Simt, const T* x, T* y, TriangleShape n);
template <class T>
void triangle(Cuda, const T* x, T* y, TriangleShape n);

}  // namespace vitrine::kernels

// Fill, copy and cast, over any strides.
//
//   fill    y = value
//   copy    y = x, converted where the types differ
//
// Types: float, double, int32, int64, uint8, bool, bf16, f16, every pair of them for copy. A number
// becomes true where it is not zero; a fraction is cut towards zero; bf16 and f16 are rounded to the
// nearest, ties to even; a number that the integer type cannot hold has no defined result (as in
// PyTorch). x and y do not overlap, unless they are the same
// elements in the same order.
#pragma once

#include "vitrine/kernels/base/device.h"
#include "vitrine/kernels/base/half.h"
#include "vitrine/kernels/base/strided.h"

namespace vitrine::kernels {

/// y has the strides n.strides[0].
template <class T>
void fill(Cpu, T* y, T value, const Strided<1>& n);
template <class T>
void fill(Cuda, T* y, T value, const Strided<1>& n);
template <class T>
void fill(Simt, T* y, T value, const Strided<1>& n);

/// y has the strides n.strides[0], x has n.strides[1].
template <class From, class To>
void copy(Cpu, const From* x, To* y, const Strided<2>& n);
template <class From, class To>
void copy(Cuda, const From* x, To* y, const Strided<2>& n);
template <class From, class To>
void copy(Simt, const From* x, To* y, const Strided<2>& n);

/// The dimension along which x lies one after the other where the innermost of y does not: a
/// transpose, best copied in square tiles, so that both are read and written in whole cache lines.
/// 0 where a plain loop does as well.
inline int transposed_dim(const Strided<2>& n) {
    if (n.dims < 2 || n.strides[1][0] == 1 || n.strides[1][0] == 0 || n.strides[0][0] != 1)
        return 0;
    for (int d = 1; d < n.dims; ++d)
        if (n.strides[1][d] == 1) return d;
    return 0;
}

/// What is left of n when the plane of dimensions 0 and d is taken out: one element for each plane.
inline Strided<2> planes_of(const Strided<2>& n, int d) {
    Strided<2> planes = flat<2>(1);
    planes.count = n.count / n.sizes[0] / n.sizes[d];
    int dims = 0;
    for (int j = 1; j < n.dims; ++j) {
        if (j == d) continue;
        planes.sizes[dims] = n.sizes[j];
        for (int k = 0; k < 2; ++k) planes.strides[k][dims] = n.strides[k][j];
        ++dims;
    }
    if (dims > 0) planes.dims = dims;
    return planes;
}

}  // namespace vitrine::kernels

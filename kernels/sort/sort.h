// Sorting the rows of x, (outer, cols, inner), row-major, along its middle dimension; the first `kept` of each row stay.
//
//   forward    p = the order of k that sorts x_k, equals by k;     y_j = x_{p_j},  index_j = p_j,  j < kept
//   backward   dx_k = dy_j where p_j = k, else 0
//
// A NaN is larger than every number, as in PyTorch. y, index and dy are (outer, kept, inner).
#pragma once

#include <cstddef>
#include <cstdint>

#include "vitrine/kernels/base/device.h"
#include "vitrine/kernels/base/hd.h"

namespace vitrine::kernels {

struct SortShape {
    std::int64_t outer, cols, inner, kept;
    bool descending = false;
};

/// True when element a (value x, place i) comes before b. Places make every order total: the sort is stable, and the
/// same on every device.
template <class T>
VITRINE_HD bool sorts_before(T xa, std::int64_t a, T xb, std::int64_t b, bool descending) {
    const bool nan_a = xa != xa, nan_b = xb != xb;
    if (nan_a != nan_b) return descending ? nan_a : nan_b;
    if (xa == xb || nan_a) return a < b;
    return descending ? xa > xb : xa < xb;
}

/// Bytes of workspace of sort_forward: places of every row, rounded up to a power of two.
std::size_t sort_workspace_bytes(SortShape n);

template <class T>
void sort_forward(Cpu, const T* x, T* y, std::int64_t* index, SortShape n, void* workspace);
template <class T>
void sort_backward(Cpu, const std::int64_t* index, const T* dy, T* dx, SortShape n);
/// y_j = x_{index_j}: the gradient of the backward.
template <class T>
void sort_gather(Cpu, const T* x, const std::int64_t* index, T* y, SortShape n);

template <class T>
void sort_forward(Cuda, const T* x, T* y, std::int64_t* index, SortShape n, void* workspace);
template <class T>
void sort_backward(Cuda, const std::int64_t* index, const T* dy, T* dx, SortShape n);
template <class T>
void sort_gather(Cuda, const T* x, const std::int64_t* index, T* y, SortShape n);

template <class T>
void sort_forward(Simt, const T* x, T* y, std::int64_t* index, SortShape n, void* workspace);
template <class T>
void sort_backward(Simt, const std::int64_t* index, const T* dy, T* dx, SortShape n);
template <class T>
void sort_gather(Simt, const T* x, const std::int64_t* index, T* y, SortShape n);

}  // namespace vitrine::kernels

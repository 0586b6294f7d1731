// Running sums of x, (outer, cols, inner), row-major, along its middle dimension.
//
//   forward    y_j = sum_{k <= j} x_k          reverse: y_j = sum_{k >= j} x_k
//   backward   dx_k = sum_{j >= k} dy_j        the scan the other way round: no kernel of its own
//
// Sums are kept in double and added in order; on a GPU the elements of a chunk of 256 are joined pairwise first. y may
// be x.
#pragma once

#include <cstdint>

#include "vitrine/kernels/base/device.h"

namespace vitrine::kernels {

struct ScanShape {
    std::int64_t outer, cols, inner;
};

template <class T>
void cumsum_forward(Cpu, const T* x, T* y, ScanShape n, bool reverse);
template <class T>
void cumsum_forward(Cuda, const T* x, T* y, ScanShape n, bool reverse);
template <class T>
void cumsum_forward(Simt, const T* x, T* y, ScanShape n, bool reverse);

}  // namespace vitrine::kernels

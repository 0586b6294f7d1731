// Kernels that multiply on tensor cores. On CUDA they compile as well.
#pragma once

#include "vitrine/kernels/base/device.h"
#include "vitrine/kernels/base/half.h"

namespace vitrine::kernels {

/// c = a b by one warp with nvcuda::wmma of M x N x 16, where a is M x k, by rows or by columns, b is
/// k x N, by columns or by rows, and k a multiple of 16.
template <int M, int N, class T, class On>
void test_wmma(On on, const T* a, const T* b, float* c, int k, bool a_by_rows, bool b_by_rows);

/// c = a b by one warp with mma.sync, of 16 x k by k x 8, both by rows; k a multiple of 16. Each step
/// is copied asynchronously while the one before is computed.
template <class T, class On>
void test_mma(On on, const T* a, const T* b, float* c, int k);

/// What ldmatrix gives lane l of 4 matrices of 8 x 8, row after row: out[l * 4 + m], and transposed
/// behind it.
template <class On>
void test_ldmatrix(On on, const f16* rows, unsigned* out);

/// y[i] = x[i] for the first `valid` of n bytes, 0 for the others, by copies of 4, 8 and 16 bytes; n a
/// multiple of 16 up to 1024.
template <class On>
void test_cp_async(On on, const unsigned char* x, unsigned char* y, int n, int valid, int bytes);

}  // namespace vitrine::kernels

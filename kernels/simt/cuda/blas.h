// What the functions of cuBLAS do (include/cublas_v2.h), on the host and without haste. Matrices
// are stored column by column; `ld` is the distance of two columns. An operand that is not the
// device's, or is too short, is a finding.
#pragma once

#include <cstddef>
#include <cstdint>

#include "types.h"

namespace vitrine_cuda::blas {

/// Whose work it is and where it was asked for.
struct Call {
    const char *operation, *file;
    int line;
};

/// Whether memory is the device's and as long as that; otherwise it is a finding, with `role`.
bool is_device(Call call, const void* memory, std::size_t bytes, const char* role);

template <class T>
struct Operand {
    const T* data;
    std::int64_t ld;
    bool transposed;
};

/// c = alpha op(a) op(b) + beta c, where op(a) is m x k and op(b) is k x n. c is not read for
/// beta = 0.
template <class In, class Out, class Sum>
bool gemm(Call call, int m, int n, int k, Sum alpha, Operand<In> a, Operand<In> b, Sum beta, Out* c,
          std::int64_t ldc);

/// y = alpha op(a) x + beta y, where a is m x n.
template <class T>
bool gemv(Call call, int m, int n, T alpha, Operand<T> a, const T* x, int x_step, T beta, T* y,
          int y_step);

/// c = alpha op(a) + beta op(b), m x n. An operand whose factor is 0 is not read.
template <class T>
bool geam(Call call, int m, int n, T alpha, Operand<T> a, T beta, Operand<T> b, T* c,
          std::int64_t ldc);

/// a += alpha x y^T, m x n.
template <class T>
bool ger(Call call, int m, int n, T alpha, const T* x, int x_step, const T* y, int y_step, T* a,
         std::int64_t ld);

/// y = alpha x + beta y.
template <class T>
bool axpby(Call call, int n, T alpha, const T* x, int x_step, T beta, T* y, int y_step);
template <class T>
bool scal(Call call, int n, T alpha, T* x, int step);
template <class T>
bool swap(Call call, int n, T* x, int x_step, T* y, int y_step);

// Sums go to the host or the device, wherever `result` points.
template <class T>
bool dot(Call call, int n, const T* x, int x_step, const T* y, int y_step, T* result);
template <class T>
bool nrm2(Call call, int n, const T* x, int step, T* result);
template <class T>
bool asum(Call call, int n, const T* x, int step, T* result);
/// From 1; of the greatest or the least absolute value.
template <class T>
bool extreme(Call call, int n, const T* x, int step, bool greatest, int* result);

}  // namespace vitrine_cuda::blas

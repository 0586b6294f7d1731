#include "blas.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <utility>
#include <vector>

#include "vitrine/kernels/base/error.h"
#include "vitrine/kernels/simt/check/events.h"
#include "vitrine/kernels/simt/half_types.h"

#include "allocations.h"
#include "findings.h"

namespace vitrine_cuda::blas {

bool is_device(Call call, const void* memory, std::size_t bytes, const char* role) {
    if (bytes == 0) return true;
    const std::string wrong = wrong_on_device(memory, bytes, role);
    if (wrong.empty()) return true;
    record_finding(vitrine::join(call.operation, ": ", wrong), call.file, call.line);
    return false;
}

namespace {

template <class T>
bool is_matrix(Call call, const T* data, std::int64_t rows, std::int64_t columns, std::int64_t ld,
               const char* role) {
    if (rows == 0 || columns == 0) return true;
    if (ld < rows) return false;
    return is_device(call, data, static_cast<std::size_t>((columns - 1) * ld + rows) * sizeof(T),
                     role);
}

/// op(a) has `rows` and `columns`.
template <class T>
bool is_matrix(Call call, const Operand<T>& a, std::int64_t rows, std::int64_t columns,
               const char* role) {
    if (a.transposed) std::swap(rows, columns);
    return is_matrix(call, a.data, rows, columns, a.ld, role);
}

std::size_t distance(int step) { return static_cast<std::size_t>(std::abs(step)); }

template <class T>
bool is_vector(Call call, const T* data, int n, int step, const char* role) {
    if (n <= 0) return true;
    const std::size_t elements = (static_cast<std::size_t>(n) - 1) * distance(step) + 1;
    return is_device(call, data, elements * sizeof(T), role);
}

/// Element i of n; a negative step begins at the end.
template <class T>
T& element(T* data, int n, int step, int i) {
    return data[static_cast<std::size_t>(step < 0 ? n - 1 - i : i) * distance(step)];
}

template <class T>
T value(const Operand<T>& a, std::int64_t row, std::int64_t column) {
    return a.transposed ? a.data[column + row * a.ld] : a.data[row + column * a.ld];
}

template <class T>
void written(const T* data, std::int64_t rows, std::int64_t columns, std::int64_t ld) {
    for (std::int64_t j = 0; j < columns; ++j)
        vitrine::kernels::simt::check::memory_written(data + j * ld,
                                                      static_cast<std::size_t>(rows) * sizeof(T));
}

template <class T>
void vector_written(const T* data, int n, int step) {
    written(data, 1, n, static_cast<std::int64_t>(distance(step)));
}

template <class T>
bool give(Call call, T value, T* result) {
    const auto found = allocations().find(result);
    if (found && !is_device(call, result, sizeof(T), "result")) return false;
    *result = value;
    if (found) vector_written(result, 1, 1);
    return true;
}

}  // namespace

template <class In, class Out, class Sum>
bool gemm(Call call, int m, int n, int k, Sum alpha, Operand<In> a, Operand<In> b, Sum beta, Out* c,
          std::int64_t ldc) {
    if (m < 0 || n < 0 || k < 0) return false;
    if (!is_matrix(call, a, m, k, "matrix A") || !is_matrix(call, b, k, n, "matrix B") ||
        !is_matrix(call, c, m, n, ldc, "matrix C"))
        return false;
    std::vector<Sum> sums(static_cast<std::size_t>(m));
    for (int j = 0; j < n; ++j) {
        std::fill(sums.begin(), sums.end(), Sum(0));
        for (int l = 0; l < k; ++l) {
            const auto factor = static_cast<Sum>(value(b, l, j));
            for (int i = 0; i < m; ++i)
                sums[static_cast<std::size_t>(i)] += static_cast<Sum>(value(a, i, l)) * factor;
        }
        for (int i = 0; i < m; ++i) {
            Out& place = c[i + j * ldc];
            Sum result = alpha * sums[static_cast<std::size_t>(i)];
            if (beta != Sum(0)) result += beta * static_cast<Sum>(place);
            place = static_cast<Out>(result);
        }
    }
    written(c, m, n, ldc);
    return true;
}

template <class T>
bool gemv(Call call, int m, int n, T alpha, Operand<T> a, const T* x, int x_step, T beta, T* y,
          int y_step) {
    if (m < 0 || n < 0 || x_step == 0 || y_step == 0) return false;
    const int rows = a.transposed ? n : m, columns = a.transposed ? m : n;
    if (!is_matrix(call, a, rows, columns, "matrix A") ||
        !is_vector(call, x, columns, x_step, "vector x") ||
        !is_vector(call, y, rows, y_step, "vector y"))
        return false;
    for (int i = 0; i < rows; ++i) {
        T sum = 0;
        for (int j = 0; j < columns; ++j) sum += value(a, i, j) * element(x, columns, x_step, j);
        T& place = element(y, rows, y_step, i);
        place = beta == T(0) ? alpha * sum : alpha * sum + beta * place;
    }
    vector_written(y, rows, y_step);
    return true;
}

template <class T>
bool geam(Call call, int m, int n, T alpha, Operand<T> a, T beta, Operand<T> b, T* c,
          std::int64_t ldc) {
    if (m < 0 || n < 0) return false;
    if ((alpha != T(0) && !is_matrix(call, a, m, n, "matrix A")) ||
        (beta != T(0) && !is_matrix(call, b, m, n, "matrix B")) ||
        !is_matrix(call, c, m, n, ldc, "matrix C"))
        return false;
    for (int j = 0; j < n; ++j)
        for (int i = 0; i < m; ++i)
            c[i + j * ldc] = (alpha != T(0) ? alpha * value(a, i, j) : T(0)) +
                             (beta != T(0) ? beta * value(b, i, j) : T(0));
    written(c, m, n, ldc);
    return true;
}

template <class T>
bool ger(Call call, int m, int n, T alpha, const T* x, int x_step, const T* y, int y_step, T* a,
         std::int64_t ld) {
    if (m < 0 || n < 0 || x_step == 0 || y_step == 0) return false;
    if (!is_vector(call, x, m, x_step, "vector x") || !is_vector(call, y, n, y_step, "vector y") ||
        !is_matrix(call, a, m, n, ld, "matrix A"))
        return false;
    for (int j = 0; j < n; ++j)
        for (int i = 0; i < m; ++i)
            a[i + j * ld] += alpha * element(x, m, x_step, i) * element(y, n, y_step, j);
    written(a, m, n, ld);
    return true;
}

template <class T>
bool axpby(Call call, int n, T alpha, const T* x, int x_step, T beta, T* y, int y_step) {
    if (!is_vector(call, x, n, x_step, "vector x") || !is_vector(call, y, n, y_step, "vector y"))
        return false;
    for (int i = 0; i < n; ++i) {
        T& place = element(y, n, y_step, i);
        const T added = alpha * element(x, n, x_step, i);
        place = beta == T(0) ? added : added + beta * place;
    }
    vector_written(y, n, y_step);
    return true;
}

template <class T>
bool scal(Call call, int n, T alpha, T* x, int step) {
    if (!is_vector(call, x, n, step, "vector x")) return false;
    for (int i = 0; i < n; ++i) element(x, n, step, i) *= alpha;
    return true;
}

template <class T>
bool swap(Call call, int n, T* x, int x_step, T* y, int y_step) {
    if (!is_vector(call, x, n, x_step, "vector x") || !is_vector(call, y, n, y_step, "vector y"))
        return false;
    for (int i = 0; i < n; ++i) std::swap(element(x, n, x_step, i), element(y, n, y_step, i));
    return true;
}

template <class T>
bool dot(Call call, int n, const T* x, int x_step, const T* y, int y_step, T* result) {
    if (!is_vector(call, x, n, x_step, "vector x") || !is_vector(call, y, n, y_step, "vector y"))
        return false;
    T sum = 0;
    for (int i = 0; i < n; ++i) sum += element(x, n, x_step, i) * element(y, n, y_step, i);
    return give(call, sum, result);
}

template <class T>
bool nrm2(Call call, int n, const T* x, int step, T* result) {
    if (!is_vector(call, x, n, step, "vector x")) return false;
    double sum = 0;
    for (int i = 0; i < n; ++i) sum += std::pow(static_cast<double>(element(x, n, step, i)), 2);
    return give(call, static_cast<T>(std::sqrt(sum)), result);
}

template <class T>
bool asum(Call call, int n, const T* x, int step, T* result) {
    if (!is_vector(call, x, n, step, "vector x")) return false;
    T sum = 0;
    for (int i = 0; i < n; ++i) sum += std::abs(element(x, n, step, i));
    return give(call, sum, result);
}

template <class T>
bool extreme(Call call, int n, const T* x, int step, bool greatest, int* result) {
    if (!is_vector(call, x, n, step, "vector x")) return false;
    int best = 0;
    for (int i = 1; i < n; ++i) {
        const T now = std::abs(element(x, n, step, i));
        const T before = std::abs(element(x, n, step, best));
        if (greatest ? now > before : now < before) best = i;
    }
    return give(call, n > 0 ? best + 1 : 0, result);
}

using Half = VitrineSimtHalf<vitrine::kernels::f16>;
using Bf16 = VitrineSimtHalf<vitrine::kernels::bf16>;

template bool gemm(Call, int, int, int, float, Operand<float>, Operand<float>, float, float*,
                   std::int64_t);
template bool gemm(Call, int, int, int, double, Operand<double>, Operand<double>, double, double*,
                   std::int64_t);
template bool gemm(Call, int, int, int, float, Operand<Half>, Operand<Half>, float, Half*,
                   std::int64_t);
template bool gemm(Call, int, int, int, float, Operand<Half>, Operand<Half>, float, float*,
                   std::int64_t);
template bool gemm(Call, int, int, int, float, Operand<Bf16>, Operand<Bf16>, float, Bf16*,
                   std::int64_t);
template bool gemm(Call, int, int, int, float, Operand<Bf16>, Operand<Bf16>, float, float*,
                   std::int64_t);
template bool gemm(Call, int, int, int, std::int32_t, Operand<std::int8_t>, Operand<std::int8_t>,
                   std::int32_t, std::int32_t*, std::int64_t);
template bool gemv(Call, int, int, float, Operand<float>, const float*, int, float, float*, int);
template bool gemv(Call, int, int, double, Operand<double>, const double*, int, double, double*,
                   int);
template bool geam(Call, int, int, float, Operand<float>, float, Operand<float>, float*,
                   std::int64_t);
template bool geam(Call, int, int, double, Operand<double>, double, Operand<double>, double*,
                   std::int64_t);
template bool ger(Call, int, int, float, const float*, int, const float*, int, float*,
                  std::int64_t);
template bool ger(Call, int, int, double, const double*, int, const double*, int, double*,
                  std::int64_t);
template bool axpby(Call, int, float, const float*, int, float, float*, int);
template bool axpby(Call, int, double, const double*, int, double, double*, int);
template bool scal(Call, int, float, float*, int);
template bool scal(Call, int, double, double*, int);
template bool swap(Call, int, float*, int, float*, int);
template bool swap(Call, int, double*, int, double*, int);
template bool dot(Call, int, const float*, int, const float*, int, float*);
template bool dot(Call, int, const double*, int, const double*, int, double*);
template bool nrm2(Call, int, const float*, int, float*);
template bool nrm2(Call, int, const double*, int, double*);
template bool asum(Call, int, const float*, int, float*);
template bool asum(Call, int, const double*, int, double*);
template bool extreme(Call, int, const float*, int, bool, int*);
template bool extreme(Call, int, const double*, int, bool, int*);

}  // namespace vitrine_cuda::blas

// The same product by cuBLAS, where matmul.h says what C is: for those who would rather have NVIDIA's kernels than
// ours. Compiled for device cuda alone.
//
// cuBLAS works on column-major matrices. A row-major C (M, N) is a column-major C^T (N, M), so it is asked for
//
//     C^T = B^T A^T          its first operand is our B, its second our A, its m is N and its n is M
//
// A matrix whose rows have neighbouring elements goes in as it is, one whose columns have as its transpose; any other
// one it does not take.
#pragma once

#include "matmul.h"

namespace vitrine::kernels {

/// How cuBLAS is asked for one of its operands.
struct CublasOperand {
    bool fits = false;
    bool transposed = false;  ///< CUBLAS_OP_T
    std::int64_t leading = 1;
};

/// An operand of ours of `rows` x `cols`, element (i, j) at i * row + j * col.
inline CublasOperand cublas_operand(std::int64_t rows, std::int64_t cols, std::int64_t row, std::int64_t col) {
    if (col == 1 && row >= cols) return {true, false, row};
    if (row == 1 && col >= rows) return {true, true, col};
    return {};
}

/// Whether cuBLAS takes this product: not an empty one, and at most one dimension of batch.
inline bool fits_cublas(const MatmulShape& s) {
    return s.M > 0 && s.N > 0 && s.K > 0 && s.batch_rank <= 1 && s.matrices() > 0 &&
           cublas_operand(s.M, s.K, s.a_row, s.a_col).fits && cublas_operand(s.K, s.N, s.b_row, s.b_col).fits;
}

/// C = A B + bias as matmul(), or false and nothing done where cuBLAS does not take the product. `tf32`: f32 products
/// may round their factors to 10 bits of fraction, for tensor cores; without it they are f32 throughout. The bias is
/// added by a kernel of ours. T is float or double. Throws Error with cuBLAS's words when it fails.
template <class T>
bool matmul_cublas(Cuda on, const T* a, const T* b, const T* bias, T* c, const MatmulShape& s, bool tf32);

}  // namespace vitrine::kernels

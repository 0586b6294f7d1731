// What the driver (matmul_cpu.cpp) hands to one thread, and who can do it: an entry for each instruction set. And the
// naive kernel, which needs no driver.
#pragma once

#include <cstdint>

#include "matmul.h"

namespace vitrine::kernels {

/// One thread's share of a product: C (M, N) = A (M, K) B (K, N) and its epilogue, K > 0.
template <class T>
struct MatmulPart {
    std::int64_t M, N, K;
    const T* a;
    std::int64_t a_row, a_col;
    const T* b;
    std::int64_t b_row, b_col;
    T* c;
    std::int64_t c_row;
    MatmulEpilogue<T> epilogue;  // its pointers where this share begins; residual and before have rows of c_row too

    std::int64_t m_step, n_step, k_step;  // of blocks
    bool pack_a, pack_b;                  // copy to panels first: the order in memory costs more than that
    bool copy_strips;                     // with pack_a: not all of A but each strip of rows before it is multiplied
    bool b_packed;                        // b is what matmul_pack_b() made, from a column on that begins a panel
    bool dots;                            // N = 1, and both operands are contiguous along k
    T* panels_a;  // m_step (all, a strip's) rows of matmul_packed_row(k_step), rounded up to matmul_rows_max
    T* panels_b;                          // (n_step, or one panel without pack_b) * k_step
};

// The widest panels of A and B of any instruction set.
constexpr std::int64_t matmul_rows_max = 16;
constexpr std::int64_t matmul_columns_max = 32;

/// The distance of packed rows of A: no power of two, which would put all rows on the same few lines of a cache. Each
/// file has a copy, compiled for its instruction set, that the linker hands to no other.
static constexpr std::int64_t matmul_packed_row(std::int64_t steps) { return (steps + 15) / 16 * 16 + 16; }

/// matmul() as its formula stands: any shape, one thread, no workspace.
template <class T>
void matmul_naive(Cpu, const T* a, const T* b, T* c, const MatmulShape& s, const MatmulEpilogue<T>& e);

/// What MatmulEpilogue::finish does, for rows and columns that lie in the first cache; c_row is that of the epilogue,
/// too.
void matmul_finish(const MatmulEpilogue<float>& e, float* c, std::int64_t c_row, std::int64_t rows,
                   std::int64_t columns);
void matmul_finish(const MatmulEpilogue<double>& e, double* c, std::int64_t c_row, std::int64_t rows,
                   std::int64_t columns);

void matmul_generic(const MatmulPart<float>& part);
void matmul_generic(const MatmulPart<double>& part);
void matmul_avx2(const MatmulPart<float>& part);
void matmul_avx2(const MatmulPart<double>& part);
void matmul_avx512(const MatmulPart<float>& part);
void matmul_avx512(const MatmulPart<double>& part);

template <class T>
using MultiplyPart = void (*)(const MatmulPart<T>&);
/// The one of these that isa() says, which is not naive. Asked for before a parallel region: isa() may throw.
template <class T>
MultiplyPart<T> widest_multiply();

}  // namespace vitrine::kernels

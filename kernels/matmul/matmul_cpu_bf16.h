// What the driver of the product in bf16 (matmul_cpu_bf16.cpp) hands to one thread.
#pragma once

#include "matmul.h"
#include "vitrine/kernels/base/half.h"

#include <cstdint>

namespace vitrine::kernels {

/// One thread's share of a product: C (M, N) = A (M, K) B (K, N) and its epilogue, K > 0. T is float or bf16.
template <class T>
struct MatmulPartBf16 {
    std::int64_t M, N, K;
    const T* a;
    std::int64_t a_row, a_col;
    const T* b;
    std::int64_t b_row, b_col;
    float* c;
    std::int64_t c_row;
    MatmulEpilogue<float> epilogue;  // its pointers where this share begins

    std::int64_t m_step, k_step;  // so much of A is used for all of B before the next is looked at
    std::uint32_t* panels_a;      // matmul_bf16_panels_a(m_step, k_step) pairs
    std::uint32_t* panel_b;       // matmul_bf16_panel_b(k_step) pairs
    // All panels of B, made before, or null: for each k_step the panels of `packed_panels` times 32 columns.
    const std::uint32_t* packed_b;
    std::int64_t packed_panels;
};

constexpr std::int64_t matmul_bf16_rows = 14;     // of a register tile
constexpr std::int64_t matmul_bf16_columns = 32;  // of a register tile
constexpr std::int64_t matmul_bf16_k_unit = 32;   // k_step is a multiple of it

/// Pairs of neighbours along k for the strips of A: a strip has room for 16 rows.
VITRINE_INLINE std::int64_t matmul_bf16_panels_a(std::int64_t m_step, std::int64_t k_step) {
    return (m_step + matmul_bf16_rows - 1) / matmul_bf16_rows * 16 * (k_step / 2);
}

/// Pairs of a panel of B.
VITRINE_INLINE std::int64_t matmul_bf16_panel_b(std::int64_t k_step) { return matmul_bf16_columns * k_step / 2; }

/// Makes packed_b of a part.
void matmul_avx512bf16_pack(const MatmulPartBf16<float>& part, std::uint32_t* packed_b);
void matmul_avx512bf16(const MatmulPartBf16<float>& part);
void matmul_avx512bf16(const MatmulPartBf16<bf16>& part);

}  // namespace vitrine::kernels

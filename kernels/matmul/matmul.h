// Matrix product of A (M, K) and B (K, N), batched, with an epilogue: a bias, an activation, ... (matmul_epilogue.h).
//
//   forward    c_ij = sum_k a_ik b_kj + bias_j
//   backward   da = dc b^T,   db = a^T dc,   dbias_j = sum_i dc_ij
//
// The gradients are products again: a transpose is a pair of exchanged strides, so they run through
// the same entry and nothing is copied. A and B stand anywhere in memory, element (i, j) at
// i * row + j * col; C is row-major and contiguous, (batches..., M, N), and overlaps no operand.
//
// Numerics: sums are kept in T, with fused multiply-adds where the machine has them, in an order that
// depends on the shape and the strides alone: the same bits at any number of threads, but not on
// every device and instruction set. K = 0 gives sums of 0.
#pragma once

#include <cstddef>
#include <cstdint>

#include "matmul_epilogue.h"
#include "vitrine/kernels/base/device.h"
#include "vitrine/kernels/base/hd.h"
#include "vitrine/kernels/base/kernel_step.h"

namespace vitrine::kernels {

/// The sizes of a product and where its operands' elements are, in elements.
struct MatmulShape {
    static constexpr int max_batch_rank = 6;

    std::int64_t M = 0, N = 0, K = 0;
    std::int64_t a_row = 0, a_col = 1;  ///< a_ik is at i * a_row + k * a_col
    std::int64_t b_row = 0, b_col = 1;  ///< b_kj is at k * b_row + j * b_col
    /// Leading dimensions of C, outermost first; a stride of 0 repeats (broadcasts) a matrix.
    int batch_rank = 0;
    std::int64_t batch[max_batch_rank] = {};
    std::int64_t a_batch[max_batch_rank] = {};
    std::int64_t b_batch[max_batch_rank] = {};
    bool b_packed = false;  ///< on the CPU: b is what matmul_pack_b() made; b_row and b_col say nothing
    KernelStep step = KernelStep::automatic;  ///< on a GPU: the kernel of this step (matmul_steps.h)
    bool bf16_factors = false;                ///< f32 factors are rounded to bf16 (matmul_bf16.h); f64 ones are not

    /// How many matrices the batch has.
    VITRINE_HD std::int64_t matrices() const {
        std::int64_t n = 1;
        for (int d = 0; d < batch_rank; ++d) n *= batch[d];
        return n;
    }
    /// Where matrix `index` of an operand begins; `strides` is its a_batch or b_batch.
    VITRINE_HD std::int64_t matrix_at(std::int64_t index, const std::int64_t* strides) const {
        std::int64_t offset = 0;
        for (int d = batch_rank - 1; d >= 0; --d) {
            offset += index % batch[d] * strides[d];
            index /= batch[d];
        }
        return offset;
    }
};

/// Scratch memory for matmul(): as much as matmul_workspace_bytes() asks for, aligned to 64 bytes.
struct MatmulWorkspace {
    void* data = nullptr;
    std::size_t bytes = 0;
};

/// What matmul<T>() needs for this shape; 0 for small products.
template <class T>
std::size_t matmul_workspace_bytes(Cpu, const MatmulShape& s);
template <class T>
std::size_t matmul_workspace_bytes(Cuda, const MatmulShape& s);
template <class T>
std::size_t matmul_workspace_bytes(Simt, const MatmulShape& s);

/// Elements of a copy of B in the order in which the kernel reads it, for a B that is multiplied again and again; 0 where
/// that does not pay: for few columns, for a batch, for the naive kernel.
std::int64_t matmul_packed_elements(Cpu, const MatmulShape& s);
/// That copy. b_col is 1.
template <class T>
void matmul_pack_b(Cpu, const T* b, T* packed, const MatmulShape& s);

/// C = A B, or what the epilogue makes of it. T is float or double.
template <class T>
void matmul(Cpu, const T* a, const T* b, T* c, const MatmulShape& s, MatmulWorkspace w, const MatmulEpilogue<T>& e = {});
template <class T>
void matmul(Cuda, const T* a, const T* b, T* c, const MatmulShape& s, MatmulWorkspace w, const MatmulEpilogue<T>& e = {});
template <class T>
void matmul(Simt, const T* a, const T* b, T* c, const MatmulShape& s, MatmulWorkspace w, const MatmulEpilogue<T>& e = {});

}  // namespace vitrine::kernels

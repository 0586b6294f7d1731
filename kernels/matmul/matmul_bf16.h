// Matrix product with factors of 16 bits and sums of 32: twice the products an instruction.
//
//   forward    c_ij = sum_k bf16(a_ik) bf16(b_kj)
//
// The same product as matmul.h's, with the same shape and epilogue, and what matmul<float>() does where
// MatmulShape::bf16_factors says so. A and B are f32, rounded to
// bf16 (8 bits of fraction and sign, the range of f32) on the way into the panels that the kernel multiplies, so that
// no rounded copy of a tensor is ever kept, or bf16 as they are. C and the epilogue are f32.
//
// Numerics: an f32 factor is rounded once, to the nearest, ties to even: by at most 2^-9 of its size. The product of
// two bf16 numbers is exact in f32. So |error of c_ij| <= (2^-8 + 2^-18 + K 2^-23) sum_k |a_ik b_kj|; for random signs
// the roundings cancel, and it is nearer to 2^-9 sqrt(sum_k (a_ik b_kj)^2). Where the processor has AVX512_BF16
// (isa_has_bf16()) VDPBF16PS adds two products to a sum at a time, rounds to the nearest, takes subnormal factors for 0
// and gives 0 for subnormal sums, whatever the floating-point environment says; elsewhere the factors are rounded and
// multiplied as f32 (matmul.h). NaN and infinity go where the formula sends them. The same bits at any number of
// threads, but not on every device and processor. K = 0 gives sums of 0.
#pragma once

#include "matmul.h"

#include "vitrine/kernels/base/half.h"

namespace vitrine::kernels {

/// Whether the product in bf16 is faster than in f32: not where M, N or K is so small that rounding costs more than
/// it saves.
inline bool matmul_bf16_pays(const MatmulShape& s) { return s.M >= 8 && s.N >= 8 && s.K >= 8; }

/// What matmul_bf16() needs for this shape. T is float or bf16.
template <class T>
std::size_t matmul_bf16_workspace_bytes(Cpu, const MatmulShape& s);
template <class T>
std::size_t matmul_bf16_workspace_bytes(Cuda, const MatmulShape& s);
template <class T>
std::size_t matmul_bf16_workspace_bytes(Simt, const MatmulShape& s);

/// C = A B, or what the epilogue makes of it. T is float or bf16.
template <class T>
void matmul_bf16(Cpu, const T* a, const T* b, float* c, const MatmulShape& s, MatmulWorkspace w,
                 const MatmulEpilogue<float>& e = {});
template <class T>
void matmul_bf16(Cuda, const T* a, const T* b, float* c, const MatmulShape& s, MatmulWorkspace w,
                 const MatmulEpilogue<float>& e = {});
template <class T>
void matmul_bf16(Simt, const T* a, const T* b, float* c, const MatmulShape& s, MatmulWorkspace w,
                 const MatmulEpilogue<float>& e = {});

// ---- one B for many products, as in a recurrent layer: rounded and copied into panels once. CPU with AVX512_BF16
// alone.

/// Whether it is there.
bool matmul_bf16_packs();
/// What the panels of a B take; s has no batch.
std::size_t matmul_bf16_packed_bytes(const MatmulShape& s);
/// Fills `packed`, aligned to 64 bytes.
void matmul_bf16_pack(const float* b, const MatmulShape& s, void* packed);
/// The workspace of one thread for a product with that B and at most s.M rows, whatever number of threads there is.
std::size_t matmul_bf16_packed_workspace_bytes(const MatmulShape& s);
/// matmul_bf16<float>(Cpu, ...) with that B: the same bits, by as many threads as the workspace is for.
void matmul_bf16_packed(const float* a, const void* packed, float* c, const MatmulShape& s, MatmulWorkspace w,
                        const MatmulEpilogue<float>& e = {});

}  // namespace vitrine::kernels

// Tensor cores by their PTX instructions mma.sync and ldmatrix, with exactly the distribution over
// the lanes of a warp that the PTX ISA lays down. All 32 lanes take part. In
// base/gpu_cuda_tensor_core.h the same functions are one instruction each.
#pragma once

#include <cstdint>
#include <cstring>
#include <type_traits>

#include "vitrine/kernels/base/half.h"

#include "atomic_operations.h"
#include "collectives.h"
#include "site.h"

namespace vitrine::kernels {
namespace simt {

[[noreturn]] void fail_incomplete_warp(const Site& site);
void read_matrix_row(std::uint16_t (&to)[8], const void* from, const Site& site);

struct MatrixRowSlot {
    std::uint16_t row[8];
    unsigned* received;
    bool all_lanes;
};

/// 8 x 8 matrices of 16 bits: lane 8 m + r brought row r of matrix m. Lane l gets elements 2 (l %
/// 4) and 2 (l % 4) + 1 of row l / 4 of each, or of column l / 4 (`transposed`).
template <int Matrices, bool transposed>
void complete_ldmatrix(void* const* slots, unsigned lanes) {
    for_each_lane<MatrixRowSlot>(slots, lanes, [&](MatrixRowSlot& slot, int lane) {
        slot.all_lanes = lanes == ~0u;
        if (!slot.all_lanes) return;
        for (int m = 0; m < Matrices; ++m) {
            unsigned element[2];
            for (int i = 0; i < 2; ++i) {
                const int major = lane / 4, minor = 2 * (lane % 4) + i;
                const int row = transposed ? minor : major, column = transposed ? major : minor;
                element[i] = static_cast<MatrixRowSlot*>(slots[8 * m + row])->row[column];
            }
            slot.received[m] = element[1] << 16 | element[0];
        }
    });
}

template <int Matrices, bool transposed>
void ldmatrix(unsigned (&r)[Matrices], const void* row, const Site& site) {
    if (reinterpret_cast<std::uintptr_t>(row) % 16 != 0) fail_alignment(16, site);
    MatrixRowSlot slot{{}, r, true};
    if (lane_index() < 8 * Matrices) read_matrix_row(slot.row, row, site);
    meet_warp(~0u, &slot, &complete_ldmatrix<Matrices, transposed>, site);
    if (!slot.all_lanes) fail_incomplete_warp(site);
}

struct MmaSlot {
    float* d;
    const unsigned *a, *b;
    const float* c;
    bool all_lanes;
};

template <class T>
float half_of(unsigned pair, int which) {
    const auto bits = static_cast<std::uint16_t>(pair >> 16 * which);
    if constexpr (std::is_same_v<T, f16>)
        return f16_value(bits);
    else
        return bf16_value(bits);
}

template <class T>
void complete_mma(void* const* slots, unsigned lanes) {
    float a[16][16], b[16][8], d[16][8];
    const auto for_each = [&](auto f) {
        for_each_lane<MmaSlot>(slots, lanes,
                               [&](MmaSlot& slot, int lane) { f(slot, lane / 4, lane % 4); });
    };
    for_each([&](MmaSlot& slot, int group, int in_group) {
        slot.all_lanes = lanes == ~0u;
        for (int i = 0; i < 8; ++i)
            a[group + (i / 2 % 2) * 8][2 * in_group + i % 2 + (i / 4) * 8] =
                half_of<T>(slot.a[i / 2], i % 2);
        for (int i = 0; i < 4; ++i)
            b[2 * in_group + i % 2 + (i / 2) * 8][group] = half_of<T>(slot.b[i / 2], i % 2);
        for (int i = 0; i < 4; ++i) d[group + (i / 2) * 8][2 * in_group + i % 2] = slot.c[i];
    });
    if (lanes != ~0u) return;
    for (int row = 0; row < 16; ++row)
        for (int k = 0; k < 16; ++k)
            for (int column = 0; column < 8; ++column) d[row][column] += a[row][k] * b[k][column];
    for_each([&](MmaSlot& slot, int group, int in_group) {
        for (int i = 0; i < 4; ++i) slot.d[i] = d[group + (i / 2) * 8][2 * in_group + i % 2];
    });
}

}  // namespace simt

inline namespace on_simt {

/// Four 8 x 8 matrices of 16-bit elements from shared memory: lane 8 m + r gives the address of row
/// r of matrix m, 16 bytes at a multiple of 16; every lane gets two neighbours of row lane / 4 of
/// each matrix, which is how mma_m16n8k16 wants `a`.
inline void ldmatrix_x4(unsigned (&r)[4], const void* row, VITRINE_SIMT_CALLER) {
    simt::ldmatrix<4, false>(r, row, {"ldmatrix_x4", caller_file, caller_line});
}
/// The same of the transposed matrices.
inline void ldmatrix_x4_trans(unsigned (&r)[4], const void* row, VITRINE_SIMT_CALLER) {
    simt::ldmatrix<4, true>(r, row, {"ldmatrix_x4_trans", caller_file, caller_line});
}
/// Two matrices; the addresses of lanes 16 to 31 are not used.
inline void ldmatrix_x2(unsigned (&r)[2], const void* row, VITRINE_SIMT_CALLER) {
    simt::ldmatrix<2, false>(r, row, {"ldmatrix_x2", caller_file, caller_line});
}
inline void ldmatrix_x2_trans(unsigned (&r)[2], const void* row, VITRINE_SIMT_CALLER) {
    simt::ldmatrix<2, true>(r, row, {"ldmatrix_x2_trans", caller_file, caller_line});
}

/// d = a b + c with a of 16 x 16, b of 16 x 8 (each register two T: f16 or bf16), sums in f32. With
/// g = lane / 4 and t = 2 (lane % 4): a holds (g, t..t+1), (g+8, t..), (g, t+8..), (g+8, t+8..);
/// b holds (t..t+1, g), (t+8..t+9, g); c and d hold (g, t), (g, t+1), (g+8, t), (g+8, t+1).
template <class T>
void mma_m16n8k16(float (&d)[4], const unsigned (&a)[4], const unsigned (&b)[2],
                  const float (&c)[4], VITRINE_SIMT_CALLER) {
    static_assert(is_half_type<T>, "f16 or bf16");
    const simt::Site site{"mma_m16n8k16", caller_file, caller_line};
    simt::MmaSlot slot{d, a, b, c, true};
    simt::meet_warp(~0u, &slot, &simt::complete_mma<T>, site);
    if (!slot.all_lanes) simt::fail_incomplete_warp(site);
}

}  // namespace on_simt
}  // namespace vitrine::kernels

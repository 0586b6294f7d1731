// What the drivers of the implicit GEMM (conv_cpu_gemm*.cpp) hand to the register tiles, and who computes them: an
// entry for each instruction set.
#pragma once

#include <cstdint>

namespace vitrine::kernels {

/// Where a run of products begins in A and in B, in elements.
struct ConvRun {
    std::int64_t a, b;
};

/// C (M, N) = sum over runs of A (M, length) B (length, N), + bias: a matrix product whose A is found in pieces. In a
/// run, a_ik is at i * a_row + k * a_col from where the run begins in A.
template <class T>
struct ConvTiles {
    std::int64_t M, N;
    const ConvRun* runs;
    std::int64_t run_count, run_length;

    const T* a;
    std::int64_t a_row, a_col;
    const T* b;
    std::int64_t b_row;    // from k to k + 1
    std::int64_t b_panel;  // from column j to j + conv_panel; inside a panel columns are neighbours
    T* c;
    std::int64_t c_row, c_block;  // row i of C is at i % block * c_row + i / block * c_block
    std::int64_t block;
    const T* bias;  // null: none
    bool add;       // to what is in C
};

// Columns of B that lie together: at least the two vectors of any instruction set.
constexpr std::int64_t conv_panel = 32;

void conv_tiles_generic(const ConvTiles<float>& x);
void conv_tiles_generic(const ConvTiles<double>& x);
void conv_tiles_avx2(const ConvTiles<float>& x);
void conv_tiles_avx2(const ConvTiles<double>& x);
void conv_tiles_avx512(const ConvTiles<float>& x);
void conv_tiles_avx512(const ConvTiles<double>& x);

template <class T>
using ConvTilesFunction = void (*)(const ConvTiles<T>&);
/// The widest that this processor can do.
template <class T>
ConvTilesFunction<T> conv_tiles();

}  // namespace vitrine::kernels

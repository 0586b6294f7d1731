// Register tiles of the implicit GEMM. As in kernels/matmul/matmul_cpu_tiles.h each instruction set includes this file
// with vectors of its own, all in an anonymous namespace, and nothing of the standard library is called.
//
//            <-- 2 vectors -->
//      k     b b b b | b b b b     The sums of a tile stay in registers while it walks over all runs, for instance over
//            -----------------     the 9 elements of a 3 x 3 kernel with C channels each: A and B are read once for it,
//      a     c c c c | c c c c     C is written once.
//      a     c c c c | c c c c
#pragma once

#include "conv_cpu_gemm.h"

#include <utility>

namespace vitrine::kernels {
namespace {

template <class Lanes>
using Element = typename Lanes::Element;

template <class Lanes, int Rows>
struct RowsOfC {
    std::int64_t at[Rows];
};

// Where rows i0, i0 + 1, ... of C are.
template <class Lanes, int Rows>
inline RowsOfC<Lanes, Rows> rows_of_c(const ConvTiles<Element<Lanes>>& x, std::int64_t i0) {
    RowsOfC<Lanes, Rows> rows;
    std::int64_t block = i0 / x.block, inside = i0 % x.block;
    for (int i = 0; i < Rows; ++i) {
        rows.at[i] = block * x.c_block + inside * x.c_row;
        if (++inside == x.block) inside = 0, ++block;
    }
    return rows;
}

template <class Lanes>
inline void finish_vector(typename Lanes::Vector sum, Element<Lanes>* c, const Element<Lanes>* bias, bool add,
                          int count) {
    if (count >= Lanes::width) {
        if (add) sum = Lanes::add(Lanes::load(c), sum);
        if (bias) sum = Lanes::add(sum, Lanes::load(bias));
        Lanes::store(c, sum);
    } else {
        if (add) sum = Lanes::add(Lanes::load_first(c, count), sum);
        if (bias) sum = Lanes::add(sum, Lanes::load_first(bias, count));
        Lanes::store_first(c, sum, count);
    }
}

// Rows [i0, i0 + Rows) and `columns` columns from j0.
template <class Lanes, int Rows, int Vectors>
void tile(const ConvTiles<Element<Lanes>>& x, std::int64_t i0, std::int64_t j0, int columns) {
    typename Lanes::Vector sum[Rows][Vectors];
#pragma GCC unroll 16
    for (int i = 0; i < Rows; ++i) {
#pragma GCC unroll 2
        for (int v = 0; v < Vectors; ++v) sum[i][v] = Lanes::zero();
    }

    const RowsOfC<Lanes, Rows> rows = rows_of_c<Lanes, Rows>(x, i0);
    if (x.add) {  // C is on its way while the sums are made
        for (int i = 0; i < Rows; ++i)
            for (int v = 0; v < Vectors; ++v) __builtin_prefetch(x.c + rows.at[i] + j0 + v * Lanes::width, 1);
    }

    const Element<Lanes>* const panel = x.b + j0 / conv_panel * x.b_panel + j0 % conv_panel;
    for (const ConvRun *run = x.runs, *end = run + x.run_count; run != end; ++run) {
        // A pointer for every third row: the rows between are reached by the addressing of the processor.
        constexpr int pointers = (Rows + 2) / 3;
        const Element<Lanes>* a[pointers];
#pragma GCC unroll 8
        for (int q = 0; q < pointers; ++q) a[q] = x.a + run->a + (i0 + 3 * q) * x.a_row;
        const Element<Lanes>* b = panel + run->b;
        for (std::int64_t k = x.run_length; k > 0; --k) {
            typename Lanes::Vector bk[Vectors];
#pragma GCC unroll 2
            for (int v = 0; v < Vectors; ++v) bk[v] = Lanes::load(b + v * Lanes::width);
#pragma GCC unroll 16
            for (int i = 0; i < Rows; ++i) {
                const typename Lanes::Vector aik = Lanes::broadcast(a[i / 3] + i % 3 * x.a_row);
#pragma GCC unroll 2
                for (int v = 0; v < Vectors; ++v) sum[i][v] = Lanes::fma(aik, bk[v], sum[i][v]);
            }
            b += x.b_row;
#pragma GCC unroll 8
            for (int q = 0; q < pointers; ++q) a[q] += x.a_col;
        }
    }

#pragma GCC unroll 16
    for (int i = 0; i < Rows; ++i) {
#pragma GCC unroll 2
        for (int v = 0; v < Vectors; ++v) {
            const std::int64_t j = j0 + v * Lanes::width;
            finish_vector<Lanes>(sum[i][v], x.c + rows.at[i] + j, x.bias ? x.bias + j : nullptr, x.add,
                                 columns - v * Lanes::width);
        }
    }
}

template <class Lanes, int... I>
void tile_of(int rows, const ConvTiles<Element<Lanes>>& x, std::int64_t i0, std::int64_t j0, int columns,
             std::integer_sequence<int, I...>) {
    using Function = void (*)(const ConvTiles<Element<Lanes>>&, std::int64_t, std::int64_t, int);
    static constexpr Function one[] = {tile<Lanes, I + 1, 1>...};
    static constexpr Function two[] = {tile<Lanes, I + 1, 2>...};
    return (columns > Lanes::width ? two : one)[rows - 1](x, i0, j0, columns);
}

// All of C: a panel of B stays in the cache while the rows go by, which are shared evenly among the tiles.
template <class Lanes>
void multiply(const ConvTiles<Element<Lanes>>& x) {
    const std::int64_t strips = (x.M + Lanes::rows - 1) / Lanes::rows;
    for (std::int64_t j0 = 0; j0 < x.N; j0 += 2 * Lanes::width) {
        const std::int64_t rest = x.N - j0;
        const int columns = static_cast<int>(rest < 2 * Lanes::width ? rest : 2 * Lanes::width);
        for (std::int64_t s = 0, i0 = 0; s < strips; ++s) {
            const int rows = static_cast<int>(x.M / strips + (s < x.M % strips));
            tile_of<Lanes>(rows, x, i0, j0, columns, std::make_integer_sequence<int, Lanes::rows>{});
            i0 += rows;
        }
    }
}

}  // namespace
}  // namespace vitrine::kernels

// One thread's product, cut into register tiles. Each instruction set includes this file with a
// struct `Lanes` of its own (vector type, width, load, store, fma), and everything is in an
// anonymous namespace: each gets a copy that the linker cannot hand to another file. Nothing of the
// standard library is called, for the same reason.
//
//            <-- 2 vectors -->
//      k     b b b b | b b b b     For each k a tile loads two vectors of B, broadcasts one element
//            -----------------     of A per row, and adds Lanes::rows * 2 vectors of products. The
//      a     c c c c | c c c c     sums stay in registers; C is touched once for k_step steps.
//      a     c c c c | c c c c
//
// The strips of rows share A evenly (128 rows: 8 strips of 13 and 2 of 12, not 9 of 14 and a poor
// 2). B is read in place where its rows are contiguous; a last panel that is no whole number of
// vectors, and all of B where pack_b says so, is first copied into panels [k][2 vectors].
//
// A product with one column has nothing to fill a vector along N: it is a dot product for each row.
#pragma once

#include "matmul_cpu.h"

#include <utility>

namespace vitrine::kernels {
namespace {

template <class Lanes>
using Element = typename Lanes::Element;
template <class Lanes>
constexpr int panel_columns = 2 * Lanes::width;
template <class Lanes>
constexpr int panel_rows = (Lanes::rows + Lanes::width - 1) / Lanes::width* Lanes::width;

inline std::int64_t smaller(std::int64_t a, std::int64_t b) { return a < b ? a : b; }

// ---- copying into panels: dst[k * width + x] = src[k * k_stride + x * x_stride]

// a0 b0 a1 b1 ... of the first halves of a and b, or of their second halves.
template <class Lanes, int... I>
inline typename Lanes::Vector interleave_low(typename Lanes::Vector a, typename Lanes::Vector b,
                                             std::integer_sequence<int, I...>) {
    return __builtin_shufflevector(a, b, (I / 2 + I % 2 * Lanes::width)...);
}
template <class Lanes, int... I>
inline typename Lanes::Vector interleave_high(typename Lanes::Vector a, typename Lanes::Vector b,
                                              std::integer_sequence<int, I...>) {
    return __builtin_shufflevector(a, b, (Lanes::width / 2 + I / 2 + I % 2 * Lanes::width)...);
}

// A square of vectors transposed in registers: rows i and i + width/2 are shuffled into each other,
// log2(width) times.
template <class Lanes>
inline void transpose(typename Lanes::Vector* rows) {
    constexpr int w = Lanes::width;
    constexpr std::make_integer_sequence<int, w> all{};
#pragma GCC unroll 4
    for (int done = 1; done < w; done *= 2) {
        typename Lanes::Vector next[w];
#pragma GCC unroll 8
        for (int i = 0; i < w / 2; ++i) {
            next[2 * i] = interleave_low<Lanes>(rows[i], rows[i + w / 2], all);
            next[2 * i + 1] = interleave_high<Lanes>(rows[i], rows[i + w / 2], all);
        }
#pragma GCC unroll 16
        for (int i = 0; i < w; ++i) rows[i] = next[i];
    }
}

// `width` or fewer columns x of sources that run along k.
template <class Lanes>
void pack_transposed(const Element<Lanes>* src, std::int64_t x_stride, std::int64_t kc, int count, Element<Lanes>* dst,
                     std::int64_t dst_stride) {
    constexpr int w = Lanes::width;
    for (std::int64_t k = 0; k < kc; k += w) {
        const int depth = static_cast<int>(smaller(w, kc - k));
        typename Lanes::Vector square[w];
#pragma GCC unroll 16
        for (int x = 0; x < w; ++x) {
            square[x] = x < count ? Lanes::load_first(src + x * x_stride + k, depth) : Lanes::zero();
        }
        transpose<Lanes>(square);
#pragma GCC unroll 16
        for (int i = 0; i < w; ++i) {
            if (i < depth) Lanes::store(dst + (k + i) * dst_stride, square[i]);
        }
    }
}

// `columns` columns x of one panel of `dst_stride` columns. Lanes beyond `columns` become 0.
template <class Lanes>
void pack(const Element<Lanes>* src, std::int64_t k_stride, std::int64_t x_stride, std::int64_t kc, int columns,
          Element<Lanes>* dst, std::int64_t dst_stride) {
    for (int x = 0; x < columns; x += Lanes::width) {
        const Element<Lanes>* from = src + x * x_stride;
        Element<Lanes>* to = dst + x;
        const int count = static_cast<int>(smaller(Lanes::width, columns - x));
        if (x_stride == 1) {
            for (std::int64_t k = 0; k < kc; ++k) {
                Lanes::store(to + k * dst_stride, Lanes::load_first(from + k * k_stride, count));
            }
        } else if (k_stride == 1) {
            pack_transposed<Lanes>(from, x_stride, kc, count, to, dst_stride);
        } else {
            for (std::int64_t k = 0; k < kc; ++k) {
                for (int i = 0; i < Lanes::width; ++i) {
                    to[k * dst_stride + i] = i < count ? from[k * k_stride + i * x_stride] : 0;
                }
            }
        }
    }
}

// ---- multiplying

// What one register tile reads and writes: `columns` columns of C, with kc steps of k.
template <class T>
struct Tile {
    std::int64_t kc;
    const T* a;
    std::int64_t a_row, a_col;
    const T* b;
    std::int64_t b_row;
    T* c;
    std::int64_t c_row;
    int columns;
    bool relu;                // the whole rest but for the bias, in registers
    bool add;                 // to what is in C: by the caller, or by the earlier steps of k
    MatmulEpilogue<T> rest;   // with the last steps of k
};

template <class Lanes>
inline void finish_vector(typename Lanes::Vector sum, const Tile<Element<Lanes>>& t, int row, int column) {
    Element<Lanes>* c = t.c + row * t.c_row + column;
    const int count = t.columns - column;
    if (count >= Lanes::width) {
        if (t.add) sum = Lanes::add(Lanes::load(c), sum);
        if (t.rest.bias) sum = Lanes::add(sum, Lanes::load(t.rest.bias + column));
        if (t.relu) sum = sum < Lanes::zero() ? Lanes::zero() : sum;
        Lanes::store(c, sum);
    } else {
        if (t.add) sum = Lanes::add(Lanes::load_first(c, count), sum);
        if (t.rest.bias) sum = Lanes::add(sum, Lanes::load_first(t.rest.bias + column, count));
        if (t.relu) sum = sum < Lanes::zero() ? Lanes::zero() : sum;
        Lanes::store_first(c, sum, count);
    }
}

template <class Lanes, int Rows, int Vectors>
void tile(const Tile<Element<Lanes>>& t) {
    typename Lanes::Vector sum[Rows][Vectors];
#pragma GCC unroll 16
    for (int i = 0; i < Rows; ++i) {
#pragma GCC unroll 2
        for (int v = 0; v < Vectors; ++v) sum[i][v] = Lanes::zero();
    }

    // One pointer for three rows: the processor adds 0, 1 or 2 strides for free, and 14 pointers
    // would not fit into its registers.
    constexpr int pointers = (Rows + 2) / 3;
    const Element<Lanes>* a[pointers];
#pragma GCC unroll 8
    for (int q = 0; q < pointers; ++q) a[q] = t.a + 3 * q * t.a_row;
    const Element<Lanes>* b = t.b;

    for (std::int64_t k = t.kc; k > 0; --k) {
        typename Lanes::Vector bk[Vectors];
#pragma GCC unroll 2
        for (int v = 0; v < Vectors; ++v) bk[v] = Lanes::load(b + v * Lanes::width);
#pragma GCC unroll 16
        for (int i = 0; i < Rows; ++i) {
            const typename Lanes::Vector aik = Lanes::broadcast(a[i / 3] + i % 3 * t.a_row);
#pragma GCC unroll 2
            for (int v = 0; v < Vectors; ++v) sum[i][v] = Lanes::fma(aik, bk[v], sum[i][v]);
        }
        b += t.b_row;
#pragma GCC unroll 8
        for (int q = 0; q < pointers; ++q) a[q] += t.a_col;
    }

#pragma GCC unroll 16
    for (int i = 0; i < Rows; ++i) {
#pragma GCC unroll 2
        for (int v = 0; v < Vectors; ++v) finish_vector<Lanes>(sum[i][v], t, i, v * Lanes::width);
    }
    if (t.rest.has_more() && !t.relu) matmul_finish(t.rest, t.c, t.c_row, Rows, t.columns);
}

template <class Lanes, int... I>
void tile_of(int rows, int vectors, const Tile<Element<Lanes>>& t, std::integer_sequence<int, I...>) {
    using Function = void (*)(const Tile<Element<Lanes>>&);
    static constexpr Function one[] = {tile<Lanes, I + 1, 1>...};
    static constexpr Function two[] = {tile<Lanes, I + 1, 2>...};
    return (vectors == 1 ? one : two)[rows - 1](t);
}

// A strip of rows times the columns [j0, j0 + columns) of B, steps [k0, k0 + kc) of k.
template <class Lanes>
void multiply_strip(const MatmulPart<Element<Lanes>>& x, std::int64_t i0, int rows, std::int64_t j0,
                    std::int64_t columns, std::int64_t k0, std::int64_t kc) {
    constexpr int panel = panel_columns<Lanes>;
    Tile<Element<Lanes>> t{};
    t.kc = kc;
    t.a = x.a + i0 * x.a_row + k0 * x.a_col;
    t.a_row = x.a_row;
    t.a_col = x.a_col;
    if (x.pack_a) {
        pack<Lanes>(t.a, x.a_col, x.a_row, kc, rows, x.panels_a, panel_rows<Lanes>);
        t.a = x.panels_a;
        t.a_row = 1;
        t.a_col = panel_rows<Lanes>;
    }
    t.c_row = x.c_row;
    t.add = k0 > 0 || x.epilogue.accumulate;
    for (std::int64_t j = 0; j < columns; j += panel) {
        t.columns = static_cast<int>(smaller(panel, columns - j));
        t.c = x.c + i0 * x.c_row + j0 + j;
        if (k0 + kc == x.K) t.rest = x.epilogue.from(i0 * x.c_row, j0 + j), t.relu = t.rest.only_relu();
        const bool packed = x.pack_b || t.columns % Lanes::width != 0;
        t.b = packed ? x.panels_b + (x.pack_b ? j * kc : 0) : x.b + k0 * x.b_row + j0 + j;
        t.b_row = packed ? panel : x.b_row;
        tile_of<Lanes>(rows, t.columns > Lanes::width ? 2 : 1, t, std::make_integer_sequence<int, Lanes::rows>{});
    }
}

template <class Lanes>
void pack_columns(const MatmulPart<Element<Lanes>>& x, std::int64_t j0, std::int64_t columns, std::int64_t k0,
                  std::int64_t kc) {
    constexpr int panel = panel_columns<Lanes>;
    const std::int64_t whole = columns / panel * panel;
    const bool edge = (columns - whole) % Lanes::width != 0;
    for (std::int64_t j = x.pack_b ? 0 : whole; j < (x.pack_b || edge ? columns : whole); j += panel) {
        pack<Lanes>(x.b + k0 * x.b_row + (j0 + j) * x.b_col, x.b_row, x.b_col, kc,
                    static_cast<int>(smaller(panel, columns - j)), x.panels_b + (x.pack_b ? j * kc : 0), panel);
    }
}

// ---- one column: c_i = sum_k a_ik b_k, with vectors along k

// Each row has two vectors of sums, added at the end: the same order whichever rows go together.
template <class Lanes, int Rows>
void dot_rows(const MatmulPart<Element<Lanes>>& x, std::int64_t i0) {
    constexpr int w = Lanes::width;
    const Element<Lanes>* a = x.a + i0 * x.a_row;
    typename Lanes::Vector sum[Rows][2];
#pragma GCC unroll 4
    for (int i = 0; i < Rows; ++i) sum[i][0] = sum[i][1] = Lanes::zero();

    std::int64_t k = 0;
    for (; k + 2 * w <= x.K; k += 2 * w) {
        const typename Lanes::Vector b0 = Lanes::load(x.b + k), b1 = Lanes::load(x.b + k + w);
#pragma GCC unroll 4
        for (int i = 0; i < Rows; ++i) {
            sum[i][0] = Lanes::fma(Lanes::load(a + i * x.a_row + k), b0, sum[i][0]);
            sum[i][1] = Lanes::fma(Lanes::load(a + i * x.a_row + k + w), b1, sum[i][1]);
        }
    }
    for (int half = 0; k < x.K; k += w, ++half) {
        const int count = static_cast<int>(smaller(w, x.K - k));
        const typename Lanes::Vector bk = Lanes::load_first(x.b + k, count);
#pragma GCC unroll 4
        for (int i = 0; i < Rows; ++i) {
            const typename Lanes::Vector ak = Lanes::load_first(a + i * x.a_row + k, count);
            sum[i][half] = Lanes::fma(ak, bk, sum[i][half]);
        }
    }

    for (int i = 0; i < Rows; ++i) {
        Element<Lanes> lanes[w];
        Lanes::store(lanes, Lanes::add(sum[i][0], sum[i][1]));
        Element<Lanes> total = 0;
        for (int lane = 0; lane < w; ++lane) total += lanes[lane];
        x.c[(i0 + i) * x.c_row] = x.epilogue.z(total, x.c, (i0 + i) * x.c_row, 0);
    }
}

template <class Lanes>
void multiply_column(const MatmulPart<Element<Lanes>>& x) {
    std::int64_t i = 0;
    for (; i + 4 <= x.M; i += 4) dot_rows<Lanes, 4>(x, i);
    for (; i < x.M; ++i) dot_rows<Lanes, 1>(x, i);
    if (x.epilogue.has_more()) matmul_finish(x.epilogue, x.c, x.c_row, x.M, 1);
}

template <class Lanes>
void multiply(const MatmulPart<Element<Lanes>>& x) {
    if (x.dots) return multiply_column<Lanes>(x);
    const std::int64_t strips = (x.M + Lanes::rows - 1) / Lanes::rows;
    for (std::int64_t j0 = 0; j0 < x.N; j0 += x.n_step) {
        const std::int64_t columns = smaller(x.n_step, x.N - j0);
        for (std::int64_t k0 = 0; k0 < x.K; k0 += x.k_step) {
            const std::int64_t kc = smaller(x.k_step, x.K - k0);
            pack_columns<Lanes>(x, j0, columns, k0, kc);
            for (std::int64_t s = 0, i0 = 0; s < strips; ++s) {
                const int rows = static_cast<int>(x.M / strips + (s < x.M % strips));
                multiply_strip<Lanes>(x, i0, rows, j0, columns, k0, kc);
                i0 += rows;
            }
        }
    }
}

}  // namespace
}  // namespace vitrine::kernels

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
// The strips of rows share A evenly (128 rows: 8 strips of 13 and 2 of 12, not 9 of 14 and a poor 2). B is read in place
// where its rows are contiguous; a last panel that is no whole number of vectors, and all of B where pack_b says so, is first
// copied into panels [k][2 vectors]. A block of B stays in the second cache while the strips of A go past it one after the
// other, each in the first cache while it meets the panels.
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
    bool relu;                // with the last steps of k, where that is the whole rest of the epilogue
    bool add;                 // to what is in C: by the caller, or by the earlier steps of k
    const T* bias;            // with the last steps of k, or null
};

template <class Lanes>
inline void finish_vector(typename Lanes::Vector sum, const Tile<Element<Lanes>>& t, int row, int column) {
    Element<Lanes>* c = t.c + row * t.c_row + column;
    const int count = t.columns - column;
    if (count >= Lanes::width) {
        if (t.add) sum = Lanes::add(Lanes::load(c), sum);
        if (t.bias) sum = Lanes::add(sum, Lanes::load(t.bias + column));
        if (t.relu) sum = sum < Lanes::zero() ? Lanes::zero() : sum;
        Lanes::store(c, sum);
    } else {
        if (t.add) sum = Lanes::add(Lanes::load_first(c, count), sum);
        if (t.bias) sum = Lanes::add(sum, Lanes::load_first(t.bias + column, count));
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

    // C comes from far away while the products run: at their end nothing would hide that. A short run hides nothing.
    if (t.kc > 64) {
#pragma GCC unroll 16
        for (int i = 0; i < Rows; ++i) {
#pragma GCC unroll 2
            for (int v = 0; v < Vectors; ++v) __builtin_prefetch(t.c + i * t.c_row + v * Lanes::width, 1);
        }
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

    // Most tiles have nothing to add and no edge: asked once, not for each vector.
    if (!t.add && !t.bias && !t.relu && t.columns == Vectors * Lanes::width) {
#pragma GCC unroll 16
        for (int i = 0; i < Rows; ++i) {
#pragma GCC unroll 2
            for (int v = 0; v < Vectors; ++v) Lanes::store(t.c + i * t.c_row + v * Lanes::width, sum[i][v]);
        }
        return;
    }
#pragma GCC unroll 16
    for (int i = 0; i < Rows; ++i) {
#pragma GCC unroll 2
        for (int v = 0; v < Vectors; ++v) finish_vector<Lanes>(sum[i][v], t, i, v * Lanes::width);
    }
}

template <class Lanes, int... I>
void tile_of(int rows, int vectors, const Tile<Element<Lanes>>& t, std::integer_sequence<int, I...>) {
    using Function = void (*)(const Tile<Element<Lanes>>&);
    static constexpr Function one[] = {tile<Lanes, I + 1, 1>...};
    static constexpr Function two[] = {tile<Lanes, I + 1, 2>...};
    return (vectors == 1 ? one : two)[rows - 1](t);
}

struct Rows {
    std::int64_t begin, count;
};

// n rows in nearly equal parts of at most `most`: 128 are 8 strips of 13 and 2 of 12.
struct EvenParts {
    std::int64_t count, least, more;

    EvenParts(std::int64_t n, std::int64_t most) : count((n + most - 1) / most), least(n / count), more(n - count * least) {}
    Rows operator[](std::int64_t i) const { return {i * least + smaller(i, more), least + (i < more)}; }
};

// Rows of A times columns of B, some steps of k: so much as the caches hold.
struct Block {
    std::int64_t i0;
    EvenParts strips;
    std::int64_t rows, j0, columns, k0, kc;
};

// A strip of A and a panel of B: one tile of C. What t holds already is the same for all tiles of the block.
template <class Lanes>
void multiply_strip(const MatmulPart<Element<Lanes>>& x, const Block& n, Tile<Element<Lanes>>& t, Rows strip, std::int64_t j) {
    constexpr int panel = panel_columns<Lanes>;
    const std::int64_t i = n.i0 + strip.begin, column = n.j0 + j;
    t.columns = static_cast<int>(smaller(panel, n.columns - j));
    t.a = x.pack_a ? x.panels_a + strip.begin * t.a_row : x.a + i * x.a_row + n.k0 * x.a_col;
    t.b = x.b + n.k0 * x.b_row + column;
    t.b_row = x.b_row;
    if (x.b_packed) {
        constexpr std::int64_t wide = matmul_columns_max;
        t.b = x.b + column / wide * wide * x.K + n.k0 * wide + column % wide, t.b_row = wide;
    } else if (x.pack_b || t.columns % Lanes::width != 0) {
        t.b = x.panels_b + (x.pack_b ? j * n.kc : 0), t.b_row = panel;
    }
    t.c = x.c + i * x.c_row + column;
    const bool last = n.k0 + n.kc == x.K;
    t.bias = last && x.epilogue.bias ? x.epilogue.bias + column : nullptr;
    t.relu = last && x.epilogue.only_relu();
    tile_of<Lanes>(static_cast<int>(strip.count), t.columns > Lanes::width ? 2 : 1, t,
                   std::make_integer_sequence<int, Lanes::rows>{});
    if (last && x.epilogue.has_more() && !t.relu)
        matmul_finish(x.epilogue.from(i * x.c_row, column), t.c, t.c_row, strip.count, t.columns);
}

// A strip stays in the first cache while it meets the panels, and C is written row by row. But a B that is read where it
// lies, far apart or too large for the second cache, comes once: there each panel stays, for the few strips.
template <class Lanes>
void multiply_block(const MatmulPart<Element<Lanes>>& x, const Block& n) {
    constexpr int panel = panel_columns<Lanes>;
    Tile<Element<Lanes>> t{};
    t.kc = n.kc;
    t.a_row = x.pack_a ? matmul_packed_row(n.kc) : x.a_row;
    t.a_col = x.pack_a ? 1 : x.a_col;
    t.c_row = x.c_row;
    t.add = n.k0 > 0 || x.epilogue.accumulate;
    const bool far = x.b_packed || (!x.pack_b && x.b_row > 1024);
    if (!far || n.strips.count > 10) {
        for (std::int64_t s = 0; s < n.strips.count; ++s)
            for (std::int64_t j = 0; j < n.columns; j += panel) multiply_strip<Lanes>(x, n, t, n.strips[s], j);
    } else {
        for (std::int64_t j = 0; j < n.columns; j += panel)
            for (std::int64_t s = 0; s < n.strips.count; ++s) multiply_strip<Lanes>(x, n, t, n.strips[s], j);
    }
}

// Rows of A with the steps of k side by side. As panels [k][rows] they were 5 % slower: a line of A for each k, not for 16.
template <class Lanes>
void pack_rows(const MatmulPart<Element<Lanes>>& x, const Block& n) {
    constexpr std::int64_t step = Lanes::width;
    for (std::int64_t i = 0; i < n.rows; i += step) {
        pack<Lanes>(x.a + (n.i0 + i) * x.a_row + n.k0 * x.a_col, x.a_row, x.a_col, smaller(step, n.rows - i),
                    static_cast<int>(n.kc), x.panels_a + i * matmul_packed_row(n.kc), matmul_packed_row(n.kc));
    }
}

// Panels of B: all of them, or a last one that is no whole number of vectors.
template <class Lanes>
void pack_columns(const MatmulPart<Element<Lanes>>& x, const Block& n) {
    constexpr int panel = panel_columns<Lanes>;
    if (x.b_packed) return;
    const std::int64_t whole = n.columns / panel * panel;
    const bool edge = (n.columns - whole) % Lanes::width != 0;
    for (std::int64_t j = x.pack_b ? 0 : whole; j < (x.pack_b || edge ? n.columns : whole); j += panel) {
        pack<Lanes>(x.b + n.k0 * x.b_row + (n.j0 + j) * x.b_col, x.b_row, x.b_col, n.kc,
                    static_cast<int>(smaller(panel, n.columns - j)), x.panels_b + (x.pack_b ? j * n.kc : 0), panel);
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
    const EvenParts blocks(x.M, x.m_step);
    for (std::int64_t b = 0; b < blocks.count; ++b) {
        const Rows rows = blocks[b];
        for (std::int64_t k0 = 0; k0 < x.K; k0 += x.k_step) {
            for (std::int64_t j0 = 0; j0 < x.N; j0 += x.n_step) {
                const Block n{rows.begin, {rows.count, Lanes::rows}, rows.count, j0, smaller(x.n_step, x.N - j0), k0, smaller(x.k_step, x.K - k0)};
                if (x.pack_a && j0 == 0) pack_rows<Lanes>(x, n);
                pack_columns<Lanes>(x, n);
                multiply_block<Lanes>(x, n);
            }
        }
    }
}

}  // namespace
}  // namespace vitrine::kernels

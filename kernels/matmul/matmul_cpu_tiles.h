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
// other, each in the first cache while it meets the panels. Where rows of A are whole pages apart a strip would displace
// itself there: it is copied first.
//
// A product with one column has nothing to fill a vector along N: it is a dot product for each row.
#pragma once

#include "matmul_cpu.h"
#include "matmul_cpu_pack.h"

#include <utility>

namespace vitrine::kernels {
namespace {

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
    const T* next;            // next_count rows of A, next_row apart, that a later tile reads: called into the cache
    std::int64_t next_row, next_count;
    bool c_far;               // C comes from beyond the second cache
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

// Calls a row of C into the cache, to be written.
template <int columns, class T>
inline void call_row(T* c) {
    constexpr int line = 64 / sizeof(T);
#pragma GCC unroll 2
    for (int j = 0; j < columns; j += line) __builtin_prefetch(c + j, 1);
}

// The sums of a tile, and where its operands' next step of k is. One pointer for three rows: the processor adds 0, 1 or 2
// strides for free, and 14 pointers would not fit into its registers.
template <class Lanes, int Rows, int Vectors>
struct Sums {
    typename Lanes::Vector sum[Rows][Vectors];
    static constexpr int pointers = (Rows + 2) / 3;
    const Element<Lanes>* a[pointers];
    const Element<Lanes>* b;

    [[gnu::always_inline]] void add_products(const Tile<Element<Lanes>>& t, std::int64_t steps) {
        for (std::int64_t k = steps; k > 0; --k) {
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
    }
};

template <class Lanes, int Rows, int Vectors>
void tile(const Tile<Element<Lanes>>& t) {
    Sums<Lanes, Rows, Vectors> s;
#pragma GCC unroll 16
    for (int i = 0; i < Rows; ++i) {
#pragma GCC unroll 2
        for (int v = 0; v < Vectors; ++v) s.sum[i][v] = Lanes::zero();
    }
#pragma GCC unroll 8
    for (int q = 0; q < s.pointers; ++q) s.a[q] = t.a + 3 * q * t.a_row;
    s.b = t.b;

    // C and the next strip of A come from far away while the products run: at their end nothing would hide that. Not all at
    // once: with each line of A come a few, C's with the last ones. A short run hides nothing.
    constexpr std::int64_t line = 64 / sizeof(Element<Lanes>);
    const bool c_late = t.c_far && t.kc >= Rows * line;
    if (t.kc > 64 && !c_late) {
#pragma GCC unroll 16
        for (int i = 0; i < Rows; ++i) call_row<Vectors * Lanes::width>(t.c + i * t.c_row);
    }
    if (c_late || t.next_count > 0) {
        const Element<Lanes>* next = t.next;
        Element<Lanes>* c = t.c;
        for (std::int64_t left = t.kc; left > 0; left -= line, next += line) {
            for (std::int64_t i = 0; i < t.next_count; ++i) __builtin_prefetch(next + i * t.next_row);
            if (c_late && left <= Rows * line) {
                call_row<Vectors * Lanes::width>(c);
                c += t.c_row;
            }
            s.add_products(t, smaller(line, left));
        }
    } else {
        s.add_products(t, t.kc);
    }

    // Most tiles have nothing to add and no edge: asked once, not for each vector.
    if (!t.add && !t.bias && !t.relu && t.columns == Vectors * Lanes::width) {
#pragma GCC unroll 16
        for (int i = 0; i < Rows; ++i) {
#pragma GCC unroll 2
            for (int v = 0; v < Vectors; ++v) Lanes::store(t.c + i * t.c_row + v * Lanes::width, s.sum[i][v]);
        }
        return;
    }
#pragma GCC unroll 16
    for (int i = 0; i < Rows; ++i) {
#pragma GCC unroll 2
        for (int v = 0; v < Vectors; ++v) finish_vector<Lanes>(s.sum[i][v], t, i, v * Lanes::width);
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
[[gnu::always_inline]] inline void multiply_strip(const MatmulPart<Element<Lanes>>& x, const Block& n, Tile<Element<Lanes>>& t, Rows strip, std::int64_t j) {
    constexpr int panel = panel_columns<Lanes>;
    const std::int64_t i = n.i0 + strip.begin, column = n.j0 + j;
    t.columns = static_cast<int>(smaller(panel, n.columns - j));
    t.a = x.copy_strips ? x.panels_a : x.pack_a ? x.panels_a + strip.begin * t.a_row : x.a + i * x.a_row + n.k0 * x.a_col;
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

// Rows of A with the steps of k side by side. As panels [k][rows] they were 5 % slower: a line of A for each k, not for 16.
template <class Lanes>
void pack_rows(const MatmulPart<Element<Lanes>>& x, const Block& n, Rows rows) {
    const std::int64_t step = x.a_row == 1 ? rows.count : x.a_col == 1 ? 1 : Lanes::width;
    for (std::int64_t i = 0; i < rows.count; i += step) {
        pack<Lanes>(x.a + (n.i0 + rows.begin + i) * x.a_row + n.k0 * x.a_col, x.a_row, x.a_col, smaller(step, rows.count - i),
                    static_cast<int>(n.kc), x.panels_a + i * matmul_packed_row(n.kc), matmul_packed_row(n.kc));
    }
}

// The rows of a large B that are packed after this block, called towards the second cache a few at a time: each lies in
// another page, where the processor's own foresight ends.
template <class Lanes>
struct NextRows {
    const Element<Lanes>* b = nullptr;
    std::int64_t b_row = 0, left = 0, columns = 0;

    NextRows(const MatmulPart<Element<Lanes>>& x, const Block& n) {
        constexpr std::int64_t second_cache = 1 << 18;  // elements
        if (!x.pack_b || x.b_packed || x.b_col != 1 || x.K * x.N < second_cache) return;
        std::int64_t j = n.j0 + n.columns, k = n.k0;
        if (j == x.N) j = 0, k += n.kc;
        if (k == x.K) return;
        b = x.b + k * x.b_row + j, b_row = x.b_row;
        left = smaller(x.k_step, x.K - k), columns = smaller(x.n_step, x.N - j);
    }
    void call(std::int64_t rows) {
        constexpr std::int64_t line = 64 / sizeof(Element<Lanes>);
        for (; rows > 0 && left > 0; --rows, --left, b += b_row)
            for (std::int64_t j = 0; j < columns; j += line) __builtin_prefetch(b + j, 0, 1);
    }
};

// While a tile is computed it calls a share of the next strip of A into the cache, where the steps of k are side by side.
template <class Lanes>
void multiply_by_strips(const MatmulPart<Element<Lanes>>& x, const Block& n, Tile<Element<Lanes>>& t) {
    constexpr int panel = panel_columns<Lanes>;
    const std::int64_t panels = (n.columns + panel - 1) / panel;
    const bool packed = x.pack_a && !x.copy_strips, calls = t.a_col == 1 && n.rows * n.kc >= 65536;
    const Element<Lanes>* a = packed ? x.panels_a : x.a + n.i0 * x.a_row + n.k0;
    t.next_row = packed ? t.a_row : x.a_row;
    NextRows<Lanes> behind(x, n);
    const std::int64_t rows_a_tile = behind.left / (n.strips.count * panels) + 1;
    for (std::int64_t s = 0; s < n.strips.count; ++s) {
        const Rows strip = n.strips[s], next = calls && s + 1 < n.strips.count ? n.strips[s + 1] : Rows{0, 0};
        const std::int64_t share = (next.count + panels - 1) / panels;
        if (x.copy_strips) pack_rows<Lanes>(x, n, strip);
        for (std::int64_t j = 0; j < n.columns; j += panel) {
            const std::int64_t first = smaller(j / panel * share, next.count);
            t.next = a + (next.begin + first) * t.next_row;
            t.next_count = smaller(share, next.count - first);
            behind.call(rows_a_tile);
            multiply_strip<Lanes>(x, n, t, strip, j);
        }
    }
}

// A strip stays in the first cache while it meets the panels, and C is written row by row. But a B that is read where it
// lies, far apart or too large for the second cache, comes once: there each panel stays, for the few rows.
template <class Lanes>
void multiply_block(const MatmulPart<Element<Lanes>>& x, const Block& n) {
    constexpr int panel = panel_columns<Lanes>;
    Tile<Element<Lanes>> t{};
    t.kc = n.kc;
    t.a_row = x.pack_a ? matmul_packed_row(n.kc) : x.a_row;
    t.a_col = x.pack_a ? 1 : x.a_col;
    t.c_row = x.c_row;
    t.add = n.k0 > 0 || x.epilogue.accumulate;
    t.c_far = n.rows * n.columns >= 16384;
    const bool far = x.b_packed || (!x.pack_b && x.b_row > 1024);
    if (!far || x.copy_strips || n.rows > 140) return multiply_by_strips<Lanes>(x, n, t);
    for (std::int64_t j = 0; j < n.columns; j += panel)
        for (std::int64_t s = 0; s < n.strips.count; ++s) multiply_strip<Lanes>(x, n, t, n.strips[s], j);
}

// Panels of B: all of them, or a last one that is no whole number of vectors.
template <class Lanes>
void pack_columns(const MatmulPart<Element<Lanes>>& x, const Block& n) {
    constexpr int panel = panel_columns<Lanes>;
    if (x.b_packed) return;
    const std::int64_t whole = n.columns / panel * panel;
    const bool edge = (n.columns - whole) % Lanes::width != 0;
    const std::int64_t first = x.pack_b ? 0 : whole, end = x.pack_b || edge ? n.columns : whole;
    const std::int64_t step = x.b_col == 1 ? 8 : n.kc;  // few rows of B for all panels: read from one end to the other
    for (std::int64_t k = 0; k < n.kc; k += step) {
        for (std::int64_t j = first; j < end; j += panel) {
            pack<Lanes>(x.b + (n.k0 + k) * x.b_row + (n.j0 + j) * x.b_col, x.b_row, x.b_col, smaller(step, n.kc - k),
                        static_cast<int>(smaller(panel, n.columns - j)), x.panels_b + (x.pack_b ? j * n.kc : 0) + k * panel, panel);
        }
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
                if (x.pack_a && !x.copy_strips && j0 == 0) pack_rows<Lanes>(x, n, {0, n.rows});
                pack_columns<Lanes>(x, n);
                multiply_block<Lanes>(x, n);
            }
        }
    }
}

}  // namespace
}  // namespace vitrine::kernels

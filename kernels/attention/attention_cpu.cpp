// A thread takes tiles of 64 queries (forward) or whole heads (backward, where a key's gradient sums over all queries)
// and goes through the keys 64 at a time. The products of a tile are matmul's.
#include <algorithm>
#include <cmath>
#include <limits>

#include "attention.h"
#include "attention_naive.h"
#include "vitrine/kernels/base/isa.h"
#include "vitrine/kernels/base/lanes.h"
#include "vitrine/kernels/base/math.h"
#include "vitrine/kernels/base/parallel.h"
#include "vitrine/kernels/dropout/dropout.h"
#include "vitrine/kernels/matmul/matmul.h"
#include "vitrine/kernels/random/distributions.h"
#include "vitrine/kernels/random/random_tile.h"

namespace vitrine::kernels {
namespace {

constexpr std::int64_t tile = 64;  // queries and keys of a tile
static_assert(tile == tile_words);

// Which scores a tile holds: those of `rows` queries from `row` and `cols` keys from `col` of one head.
struct Where {
    std::int64_t batch, head, row, col, rows, cols;
};

std::int64_t at(const Where& w, const HeadStrides& s, std::int64_t row) {
    return w.batch * s.batch + w.head * s.head + row * s.row;
}

/// The number of this head's first query among all queries.
std::int64_t first_row(const Where& w, const AttentionShape& n) { return (w.batch * n.heads + w.head) * n.queries; }

/// Keys that some query of the tile may see.
std::int64_t keys_for(const Where& w, const AttentionShape& n) {
    return n.causal ? std::min(n.keys, w.row + w.rows) : n.keys;
}

// ---- one thread's memory

template <class T>
struct Scratch {
    T *s, *z, *ds;       // tiles of scores
    T *acc, *product;    // rows of o, or of a gradient: (tile, max(D, E))
    T *m, *l, *delta;    // a number for each query: of the tile, or of the head (delta)
    MatmulWorkspace matmul;

    static std::int64_t wide(const AttentionShape& n) { return std::max(n.head_dim, n.value_dim); }
    static std::size_t matmul_bytes(const AttentionShape& n) {
        std::size_t bytes = 4096;  // matmul() needs that much even where it asks for nothing
        for (const std::int64_t d : {n.head_dim, n.value_dim}) {
            const MatmulShape scores{.M = tile, .N = tile, .K = d, .a_row = d, .b_row = 1, .b_col = d + 1};
            bytes = std::max(bytes, matmul_workspace_bytes<T>(Cpu{}, scores));
        }
        // So many columns that the panels of both operands count.
        const MatmulShape rows{.M = tile, .N = 256, .K = tile, .a_row = 1, .a_col = tile, .b_row = 256, .b_col = 1};
        bytes = std::max(bytes, matmul_workspace_bytes<T>(Cpu{}, rows));
        return (bytes + 63) / 64 * 64;
    }
    static std::size_t bytes(const AttentionShape& n, AttentionPass pass) {
        const std::int64_t numbers = 3 * tile * tile + 2 * tile * wide(n) + 2 * tile;
        const std::int64_t all = numbers + (pass == AttentionPass::backward ? n.queries : 0);
        return matmul_bytes(n) + (static_cast<std::size_t>(all) * sizeof(T) + 63) / 64 * 64;
    }
    Scratch(void* memory, const AttentionShape& n) : matmul{memory, matmul_bytes(n)} {
        s = reinterpret_cast<T*>(static_cast<char*>(memory) + matmul.bytes);
        z = s + tile * tile;
        ds = z + tile * tile;
        acc = ds + tile * tile;
        product = acc + tile * wide(n);
        m = product + tile * wide(n);
        l = m + tile;
        delta = l + tile;
    }
};

// ---- products of a tile

/// c (M, N) = a b^T: rows of a with rows of b.
template <class T>
void rows_by_rows(const T* a, std::int64_t a_row, const T* b, std::int64_t b_row, T* c, std::int64_t M, std::int64_t N,
                  std::int64_t K, const Scratch<T>& scratch) {
    const MatmulShape shape{.M = M, .N = N, .K = K, .a_row = a_row, .a_col = 1, .b_row = 1, .b_col = b_row};
    matmul<T>(Cpu{}, a, b, c, shape, scratch.matmul);
}

/// y += a b, a (M, K) a tile or its transpose (element (i, k) at i * a_row + k * a_col), b and y rows of N numbers.
template <class T>
void add_product(const T* a, std::int64_t a_row, std::int64_t a_col, const T* b, std::int64_t b_row, T* y,
                 std::int64_t y_row, std::int64_t M, std::int64_t N, std::int64_t K, const Scratch<T>& scratch) {
    const MatmulShape shape{.M = M, .N = N, .K = K, .a_row = a_row, .a_col = a_col, .b_row = b_row, .b_col = 1};
    matmul<T>(Cpu{}, a, b, scratch.product, shape, scratch.matmul);
    for (std::int64_t i = 0; i < M; ++i)
        for (std::int64_t c = 0; c < N; ++c) y[i * y_row + c] += scratch.product[i * N + c];
}

// ---- the scores of a tile

/// s_ij = scale q_i . k_j + mask_ij, -inf where j > i.
template <class T>
void scores(const T* q, const T* k, const T* mask, const AttentionShape& n, const Where& w, const Scratch<T>& scratch) {
    T* s = scratch.s;
    rows_by_rows(q + at(w, n.q, w.row), n.q.row, k + at(w, n.k, w.col), n.k.row, s, w.rows, w.cols, n.head_dim, scratch);
    const T scale = static_cast<T>(n.scale);
    for (std::int64_t i = 0; i < w.rows; ++i, s += w.cols) {
        for (std::int64_t j = 0; j < w.cols; ++j) s[j] *= scale;
        if (mask) {
            const T* row = mask + w.batch * n.mask_batch + w.head * n.mask_head + (w.row + i) * n.mask_row;
            for (std::int64_t j = 0; j < w.cols; ++j) s[j] += row[(w.col + j) * n.mask_col];
        }
        if (n.causal)
            for (std::int64_t j = std::max<std::int64_t>(0, w.row + i + 1 - w.col); j < w.cols; ++j)
                s[j] = -std::numeric_limits<T>::infinity();
    }
}

/// z_ij: what a probability is multiplied by.
template <class T>
void dropout_factors(const AttentionShape& n, const Where& w, T* z) {
    const WordTile words = word_tile();
    const std::uint32_t threshold = unit_threshold(n.dropout_p);
    const T scale = static_cast<T>(dropout_scale(n.dropout_p));
    for (std::int64_t i = 0; i < w.rows; ++i, z += w.cols) {
        std::uint32_t word[tile_words];
        const std::int64_t row = first_row(w, n) + w.row + i;
        words(n.from, static_cast<std::uint64_t>(row * attention_row_blocks(n.keys) + w.col / 4), word);
        for (std::int64_t j = 0; j < w.cols; ++j) z[j] = unit_below(word[j], threshold) ? T(0) : scale;
    }
}

// ---- forward

/// Takes one more tile of scores into m, l and acc, and makes probabilities of them, less the factor that is not known
/// before the last tile.
template <class T>
void online_softmax(const Where& w, std::int64_t value_dim, const Scratch<T>& x) {
    T* s = x.s;
    for (std::int64_t i = 0; i < w.rows; ++i, s += w.cols) {
        const T largest = fold_lanes<T>(w.cols, FoldMax{}, [=](std::int64_t j) { return s[j]; });
        const T m = FoldMax{}(x.m[i], largest);
        const T shift = m == -std::numeric_limits<T>::infinity() ? T(0) : m;
        const T shrink = math::exp(x.m[i] - shift);
        for (std::int64_t j = 0; j < w.cols; ++j) s[j] = math::exp(s[j] - shift);
        x.l[i] = x.l[i] * shrink + fold_lanes<T>(w.cols, FoldAdd{}, [=](std::int64_t j) { return s[j]; });
        x.m[i] = m;
        T* acc = x.acc + i * value_dim;
        for (std::int64_t c = 0; c < value_dim; ++c) acc[c] *= shrink;
    }
}

template <class T>
void finish_rows(const AttentionForward<T>& x, const AttentionShape& n, const Where& w, const Scratch<T>& scratch) {
    for (std::int64_t i = 0; i < w.rows; ++i) {
        const T m = scratch.m[i], l = scratch.l[i], *acc = scratch.acc + i * n.value_dim;
        T* o = x.o + at(w, n.o, w.row + i);
        for (std::int64_t c = 0; c < n.value_dim; ++c) o[c] = l == 0 ? T(0) : acc[c] / l;
        x.lse[first_row(w, n) + w.row + i] = l == 0 ? std::numeric_limits<T>::infinity() : m + math::log(l);
    }
}

/// Tiles [range.begin, range.end) of 64 queries, all heads' in a line.
template <class T>
void attention_forward_tiles(const AttentionForward<T>& x, const AttentionShape& n, Range range,
                             const Scratch<T>& scratch) {
    const std::int64_t in_a_head = (n.queries + tile - 1) / tile;
    for (std::int64_t u = range.begin; u < range.end; ++u) {
        const std::int64_t head = u / in_a_head, row = u % in_a_head * tile;
        Where w{head / n.heads, head % n.heads, row, 0, std::min(tile, n.queries - row), 0};
        std::fill_n(scratch.m, w.rows, -std::numeric_limits<T>::infinity());
        std::fill_n(scratch.l, w.rows, T(0));
        std::fill_n(scratch.acc, w.rows * n.value_dim, T(0));

        for (const std::int64_t keys = keys_for(w, n); w.col < keys; w.col += tile) {
            w.cols = std::min(tile, keys - w.col);
            scores(x.q, x.k, x.mask, n, w, scratch);
            online_softmax(w, n.value_dim, scratch);
            if (n.dropout_p > 0) {
                dropout_factors(n, w, scratch.z);
                for (std::int64_t e = 0; e < w.rows * w.cols; ++e) scratch.s[e] *= scratch.z[e];
            }
            add_product(scratch.s, w.cols, 1, x.v + at(w, n.v, w.col), n.v.row, scratch.acc, n.value_dim, w.rows,
                        n.value_dim, w.cols, scratch);
        }
        finish_rows(x, n, w, scratch);
    }
}

// ---- backward

/// From scores s: the tile's p z in s and ds, times scale, in ds.
template <class T>
void score_gradients(const AttentionBackward<T>& x, const AttentionShape& n, const Where& w, const Scratch<T>& scratch) {
    rows_by_rows(x.dy + at(w, n.o, w.row), n.o.row, x.v + at(w, n.v, w.col), n.v.row, scratch.ds, w.rows, w.cols,
                 n.value_dim, scratch);
    if (n.dropout_p > 0) dropout_factors(n, w, scratch.z);
    const T scale = static_cast<T>(n.scale);
    for (std::int64_t i = 0; i < w.rows; ++i) {
        T *s = scratch.s + i * w.cols, *ds = scratch.ds + i * w.cols;
        const T lse = x.lse[first_row(w, n) + w.row + i], delta = scratch.delta[w.row + i];
        for (std::int64_t j = 0; j < w.cols; ++j) s[j] = math::exp(s[j] - lse);
        if (n.dropout_p > 0) {
            const T* z = scratch.z + i * w.cols;
            for (std::int64_t j = 0; j < w.cols; ++j) ds[j] = s[j] * (ds[j] * z[j] - delta) * scale;
            for (std::int64_t j = 0; j < w.cols; ++j) s[j] *= z[j];
        } else {
            for (std::int64_t j = 0; j < w.cols; ++j) ds[j] = s[j] * (ds[j] - delta) * scale;
        }
    }
}

template <class T>
void zero_rows(T* y, const HeadStrides& strides, const Where& w, std::int64_t rows, std::int64_t cols) {
    for (std::int64_t i = 0; i < rows; ++i) std::fill_n(y + at(w, strides, i), cols, T(0));
}

/// Heads [range.begin, range.end): for each tile of keys all tiles of queries that see it.
template <class T>
void attention_backward_heads(const AttentionBackward<T>& x, const AttentionShape& n, Range range,
                              const Scratch<T>& scratch) {
    for (std::int64_t head = range.begin; head < range.end; ++head) {
        Where w{head / n.heads, head % n.heads, 0, 0, 0, 0};
        zero_rows(x.dq, n.dq, w, n.queries, n.head_dim);
        zero_rows(x.dk, n.dk, w, n.keys, n.head_dim);
        zero_rows(x.dv, n.dv, w, n.keys, n.value_dim);
        for (std::int64_t i = 0; i < n.queries; ++i) {
            const T *dy = x.dy + at(w, n.o, i), *o = x.o + at(w, n.o, i);
            scratch.delta[i] = fold_lanes<T>(n.value_dim, FoldAdd{}, [=](std::int64_t c) { return dy[c] * o[c]; });
        }

        for (w.col = 0; w.col < n.keys; w.col += tile) {
            w.cols = std::min(tile, n.keys - w.col);
            for (w.row = n.causal ? w.col : 0; w.row < n.queries; w.row += tile) {
                w.rows = std::min(tile, n.queries - w.row);
                scores(x.q, x.k, x.mask, n, w, scratch);
                score_gradients(x, n, w, scratch);
                const T *q = x.q + at(w, n.q, w.row), *k = x.k + at(w, n.k, w.col), *dy = x.dy + at(w, n.o, w.row);
                T *dq = x.dq + at(w, n.dq, w.row), *dk = x.dk + at(w, n.dk, w.col), *dv = x.dv + at(w, n.dv, w.col);
                add_product(scratch.s, 1, w.cols, dy, n.o.row, dv, n.dv.row, w.cols, n.value_dim, w.rows, scratch);
                add_product(scratch.ds, 1, w.cols, q, n.q.row, dk, n.dk.row, w.cols, n.head_dim, w.rows, scratch);
                add_product(scratch.ds, w.cols, 1, k, n.k.row, dq, n.dq.row, w.rows, n.head_dim, w.cols, scratch);
            }
        }
    }
}

// ---- how the work is shared

struct Work {
    std::int64_t units;
    int parts;
};

Work work_of(const AttentionShape& n, AttentionPass pass) {
    const std::int64_t heads = n.batch * n.heads;
    const bool forward = pass == AttentionPass::forward;
    const std::int64_t units = forward ? heads * ((n.queries + tile - 1) / tile) : heads;
    const double rows = static_cast<double>(forward ? std::min(tile, n.queries) : n.queries);
    const double products = (forward ? 1 : 2.5) * static_cast<double>(n.head_dim + n.value_dim);
    if (units * n.keys == 0) return {units, 1};
    return {units, parts_for(units, rows * static_cast<double>(n.keys) * (4 + products / 16))};
}

}  // namespace

template <class T>
std::size_t attention_workspace_bytes(Cpu, const AttentionShape& n, AttentionPass pass) {
    return Scratch<T>::bytes(n, pass) * static_cast<std::size_t>(work_of(n, pass).parts);
}

template <class T>
void attention_forward(Cpu, const AttentionForward<T>& x, const AttentionShape& n, AttentionWorkspace w) {
    if (isa() == Isa::naive) return attention_forward_naive(x, n);
    const Work work = work_of(n, AttentionPass::forward);
    const std::size_t bytes = Scratch<T>::bytes(n, AttentionPass::forward);
    // The number of threads may have grown since the workspace was asked for.
    const int parts = static_cast<int>(std::min(static_cast<std::size_t>(work.parts), w.bytes / bytes));
    if (parts == 1) return attention_forward_tiles(x, n, {0, work.units}, Scratch<T>(w.data, n));
#pragma omp parallel for num_threads(parts)
    for (int p = 0; p < parts; ++p) {
        void* memory = static_cast<char*>(w.data) + static_cast<std::size_t>(p) * bytes;
        attention_forward_tiles(x, n, share(work.units, p, parts), Scratch<T>(memory, n));
    }
}

template <class T>
void attention_backward(Cpu, const AttentionBackward<T>& x, const AttentionShape& n, AttentionWorkspace w) {
    if (isa() == Isa::naive) return attention_backward_naive(x, n);
    const Work work = work_of(n, AttentionPass::backward);
    const std::size_t bytes = Scratch<T>::bytes(n, AttentionPass::backward);
    const int parts = static_cast<int>(std::min(static_cast<std::size_t>(work.parts), w.bytes / bytes));
    if (parts == 1) return attention_backward_heads(x, n, {0, work.units}, Scratch<T>(w.data, n));
#pragma omp parallel for num_threads(parts)
    for (int p = 0; p < parts; ++p) {
        void* memory = static_cast<char*>(w.data) + static_cast<std::size_t>(p) * bytes;
        attention_backward_heads(x, n, share(work.units, p, parts), Scratch<T>(memory, n));
    }
}

template std::size_t attention_workspace_bytes<float>(Cpu, const AttentionShape&, AttentionPass);
template std::size_t attention_workspace_bytes<double>(Cpu, const AttentionShape&, AttentionPass);
template void attention_forward(Cpu, const AttentionForward<float>&, const AttentionShape&, AttentionWorkspace);
template void attention_forward(Cpu, const AttentionForward<double>&, const AttentionShape&, AttentionWorkspace);
template void attention_backward(Cpu, const AttentionBackward<float>&, const AttentionShape&, AttentionWorkspace);
template void attention_backward(Cpu, const AttentionBackward<double>&, const AttentionShape&, AttentionWorkspace);

}  // namespace vitrine::kernels

// How the CPU reductions walk through x; reduce_cpu.cpp and reduce_cpu_argmax.cpp share it.
//
//   rows      r lies contiguously, or nothing does: k by k, each along r in runs of fold_chunk at most
//   columns   k lies contiguously: a tile of k at a time, through r four rows a step
//
//   columns, x drawn with k to the right:      tile of k
//                                          r  . . [ x x x x ] . .    running values in T: a row of the tile,
//                                             . . [ x x x x ] . .    after 64 rows added to the same row in double
#pragma once

#include <algorithm>
#include <cstdint>

#include "reduce.h"
#include "reduce_ops.h"
#include "vitrine/kernels/base/lanes.h"
#include "vitrine/kernels/base/parallel.h"

namespace vitrine::kernels {

constexpr std::int64_t reduce_tile_size = 1024;

/// The tile of by_columns that begins at k.begin: inside the last kept dimension, at most reduce_tile_size wide.
inline Range first_tile(const ReduceDims& kept, Range k) {
    const std::int64_t inner = kept.size[kept.count - 1];
    return {k.begin, std::min({k.end, k.begin + reduce_tile_size, k.begin + inner - k.begin % inner})};
}

/// Calls f(number of the first element, its offset from the row's start, run length) for the elements `r` of a row, in
/// order.
template <class F>
void for_runs(const ReduceDims& reduced, Range r, F f) {
    const std::int64_t inner = reduced.count > 0 ? reduced.size[reduced.count - 1] : 1;
    for (std::int64_t i = r.begin; i < r.end;) {
        const std::int64_t size = std::min({inner - i % inner, fold_chunk, r.end - i});
        f(i, reduced.offset(i), size);
        i += size;
    }
}

inline std::int64_t run_stride(const ReduceDims& reduced) {
    return reduced.count > 0 ? reduced.stride[reduced.count - 1] : 1;
}

template <class T, class Op>
void reduce_rows(const T* x, const ReduceShape& n, Op op, Range k, Range r, double* total) {
    typename Op::Fold fold;
    const std::int64_t stride = run_stride(n.reduced);
    for (std::int64_t i = k.begin; i < k.end; ++i) {
        const T* row = x + n.kept.offset(i);
        double sum = fold.identity;
        for_runs(n.reduced, r, [&](std::int64_t, std::int64_t at, std::int64_t size) {
            const T* v = row + at;
            const T part = stride == 1
                ? fold_lanes<T>(size, fold, [=](std::int64_t j) { return op.value(v[j], i); })
                : fold_lanes<T>(size, fold, [=](std::int64_t j) { return op.value(v[j * stride], i); });
            sum = fold(sum, double(part));
        });
        total[i - k.begin] = sum;
    }
}

/// `k` is one tile.
template <class T, class Op>
void reduce_columns(const T* x, const ReduceShape& n, Op op, Range k, Range r, double* total) {
    typename Op::Fold fold;
    constexpr std::int64_t rows_in_a_row = 64;
    const std::int64_t columns = k.end - k.begin;
    const T* top = x + n.kept.offset(k.begin);
    T running[reduce_tile_size];

    std::fill_n(total, columns, fold.identity);
    for (std::int64_t i = r.begin; i < r.end;) {
        const std::int64_t end = std::min(r.end, i + rows_in_a_row);
        std::fill_n(running, columns, static_cast<T>(fold.identity));
        for (; i + 4 <= end; i += 4) {
            const T* const a = top + n.reduced.offset(i);
            const T* const b = top + n.reduced.offset(i + 1);
            const T* const c = top + n.reduced.offset(i + 2);
            const T* const d = top + n.reduced.offset(i + 3);
            for (std::int64_t j = 0; j < columns; ++j) {
                const std::int64_t at = k.begin + j;
                const T ab = fold(op.value(a[j], at), op.value(b[j], at));
                const T cd = fold(op.value(c[j], at), op.value(d[j], at));
                running[j] = fold(running[j], fold(ab, cd));
            }
        }
        for (; i < end; ++i) {
            const T* const a = top + n.reduced.offset(i);
            for (std::int64_t j = 0; j < columns; ++j)
                running[j] = fold(running[j], op.value(a[j], k.begin + j));
        }
        for (std::int64_t j = 0; j < columns; ++j) total[j] = fold(total[j], double(running[j]));
    }
}

/// finish(k, joined values) for every k of the range, over all r.
template <class T, class Op, class Finish>
void reduce_range(const T* x, const ReduceShape& n, Op op, Range k, Finish finish) {
    const bool columns = by_columns(n);
    const Range all = {0, n.reduced.elements()};
    double total[reduce_tile_size];
    while (k.begin < k.end) {
        const Range tile =
            columns ? first_tile(n.kept, k) : Range{k.begin, std::min(k.end, k.begin + reduce_tile_size)};
        if (columns) reduce_columns(x, n, op, tile, all, total);
        else reduce_rows(x, n, op, tile, all, total);
        for (std::int64_t i = tile.begin; i < tile.end; ++i) finish(i, total[i - tile.begin]);
        k.begin = tile.end;
    }
}

/// partial[p * kept + k] for the pieces p of the range: the values of all k, joined over the r of piece p.
template <class T, class Op>
void reduce_piece_range(const T* x, const ReduceShape& n, Op op, Range pieces, int of, double* partial) {
    const bool columns = by_columns(n);
    const std::int64_t kept = n.kept.elements(), reduced = n.reduced.elements();
    for (std::int64_t p = pieces.begin; p < pieces.end; ++p) {
        const Range r = reduce_piece(reduced, p, of);
        for (Range k = {0, kept}; k.begin < kept;) {
            const Range tile = columns ? first_tile(n.kept, k) : k;
            double* const total = partial + p * kept + tile.begin;
            if (columns) reduce_columns(x, n, op, tile, r, total);
            else reduce_rows(x, n, op, tile, r, total);
            k.begin = tile.end;
        }
    }
}

/// range(k) for all k, shared among threads.
template <class F>
void share_outputs(const ReduceShape& n, F range) {
    const std::int64_t kept = n.kept.elements();
    const int parts = parts_for(kept, static_cast<double>(n.reduced.elements()));
    if (parts == 1) return range(Range{0, kept});
#pragma omp parallel for num_threads(parts)
    for (int p = 0; p < parts; ++p) range(share(kept, p, parts));
}

/// range(p) for all pieces, shared among threads.
template <class F>
void share_pieces(const ReduceShape& n, int pieces, F range) {
    const int parts = parts_for(pieces, static_cast<double>(n.kept.elements() * n.reduced.elements() / pieces));
    if (parts == 1) return range(Range{0, pieces});
#pragma omp parallel for num_threads(parts)
    for (int p = 0; p < parts; ++p) range(share(pieces, p, parts));
}

/// range(k, r) for all elements, shared among threads.
template <class F>
void share_elements(const ReduceShape& n, F range) {
    const std::int64_t kept = n.kept.elements(), reduced = n.reduced.elements();
    const int parts = parts_for(kept * reduced, 1);
    if (parts == 1) return range(Range{0, kept}, Range{0, reduced});
#pragma omp parallel for num_threads(parts)
    for (int p = 0; p < parts; ++p) {
        if (kept >= parts) range(share(kept, p, parts), Range{0, reduced});
        else range(Range{0, kept}, share(reduced, p, parts));
    }
}

/// finish(k, joined values) for every k, with all threads.
template <class T, class Op, class Finish>
void reduce_all(const T* x, const ReduceShape& n, Op op, void* workspace, Finish finish) {
    const int pieces = static_cast<int>(reduce_pieces(n));
    if (pieces == 1)
        return share_outputs(n, [=, &n](Range k) { reduce_range(x, n, op, k, finish); });

    typename Op::Fold fold;
    double* const partial = static_cast<double*>(workspace);
    const std::int64_t kept = n.kept.elements();
    share_pieces(n, pieces, [=, &n](Range p) { reduce_piece_range(x, n, op, p, pieces, partial); });
    for (std::int64_t k = 0; k < kept; ++k) {
        double total = fold.identity;
        for (int p = 0; p < pieces; ++p) total = fold(total, partial[p * kept + k]);
        finish(k, total);
    }
}

/// dx_kr = f(x_kr, k) for the elements k, r of the ranges; dx lies like x.
template <class T, class F>
void write_range(const T* x, T* dx, const ReduceShape& n, Range k, Range r, F f) {
    const std::int64_t stride = run_stride(n.reduced);
    if (by_columns(n)) {
        for (Range tile; k.begin < k.end; k.begin = tile.end) {
            tile = first_tile(n.kept, k);
            for (std::int64_t i = r.begin; i < r.end; ++i) {
                const std::int64_t at = n.kept.offset(tile.begin) + n.reduced.offset(i);
                for (std::int64_t j = 0; j < tile.end - tile.begin; ++j) dx[at + j] = f(x[at + j], tile.begin + j);
            }
        }
        return;
    }
    for (std::int64_t i = k.begin; i < k.end; ++i) {
        for_runs(n.reduced, r, [&](std::int64_t, std::int64_t run, std::int64_t size) {
            const std::int64_t at = n.kept.offset(i) + run;
            if (stride == 1)
                for (std::int64_t j = 0; j < size; ++j) dx[at + j] = f(x[at + j], i);
            else
                for (std::int64_t j = 0; j < size; ++j) dx[at + j * stride] = f(x[at + j * stride], i);
        });
    }
}

}  // namespace vitrine::kernels

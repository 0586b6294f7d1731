// argmax, the one reduction whose running values have two parts. Rows: the maximum of a run by vector code, and only
// when it beats what came before, a search for its first place in that run.
#include "reduce_cpu.h"
#include "reduce_naive.h"
#include "vitrine/kernels/base/isa.h"

namespace vitrine::kernels {
namespace {

template <class T>
void argmax_rows(const T* x, const ReduceShape& n, Range k, Range r, Best* best) {
    const std::int64_t stride = run_stride(n.reduced);
    for (std::int64_t i = k.begin; i < k.end; ++i) {
        const T* row = x + n.kept.offset(i);
        Best found = {double(row[n.reduced.offset(r.begin)]), r.begin};
        for_runs(n.reduced, r, [&](std::int64_t first, std::int64_t at, std::int64_t size) {
            const T* v = row + at;
            const T top = stride == 1 ? fold_lanes<T>(size, FoldMax{}, [=](std::int64_t j) { return v[j]; })
                                      : fold_lanes<T>(size, FoldMax{}, [=](std::int64_t j) { return v[j * stride]; });
            if (!beats(double(top), found.value)) return;
            std::int64_t j = 0;
            while (!same(v[j * stride], top)) ++j;
            found = {double(top), first + j};
        });
        best[i - k.begin] = found;
    }
}

/// `k` is one tile.
template <class T>
void argmax_columns(const T* x, const ReduceShape& n, Range k, Range r, Best* best) {
    const std::int64_t columns = k.end - k.begin;
    const T* top = x + n.kept.offset(k.begin);
    T value[reduce_tile_size];
    std::int64_t index[reduce_tile_size];
    std::copy_n(top + n.reduced.offset(r.begin), columns, value);
    std::fill_n(index, columns, r.begin);
    for (std::int64_t i = r.begin + 1; i < r.end; ++i) {
        const T* const v = top + n.reduced.offset(i);
        for (std::int64_t j = 0; j < columns; ++j) {
            const bool better = beats(v[j], value[j]);
            value[j] = better ? v[j] : value[j];
            index[j] = better ? i : index[j];
        }
    }
    for (std::int64_t j = 0; j < columns; ++j) best[j] = {double(value[j]), index[j]};
}

/// finish(k, best of k among r) for every k of the range.
template <class T, class Finish>
void argmax_range(const T* x, const ReduceShape& n, Range k, Range r, Finish finish) {
    const bool columns = by_columns(n);
    Best best[reduce_tile_size];
    while (k.begin < k.end) {
        const Range tile =
            columns ? first_tile(n.kept, k) : Range{k.begin, std::min(k.end, k.begin + reduce_tile_size)};
        if (columns) argmax_columns(x, n, tile, r, best);
        else argmax_rows(x, n, tile, r, best);
        for (std::int64_t i = tile.begin; i < tile.end; ++i) finish(i, best[i - tile.begin]);
        k.begin = tile.end;
    }
}

template <class T>
void argmax_piece_range(const T* x, const ReduceShape& n, Range pieces, int of, Best* partial) {
    const std::int64_t kept = n.kept.elements(), reduced = n.reduced.elements();
    for (std::int64_t p = pieces.begin; p < pieces.end; ++p)
        argmax_range(x, n, {0, kept}, reduce_piece(reduced, p, of),
                     [=](std::int64_t k, Best best) { partial[p * kept + k] = best; });
}

}  // namespace

template <class T>
void reduce_argmax(Cpu, const T* x, std::int64_t* index, const ReduceShape& n, void* workspace) {
    if (isa() == Isa::naive) return reduce_argmax_naive(x, index, n);
    const std::int64_t kept = n.kept.elements(), reduced = n.reduced.elements();
    const int pieces = static_cast<int>(reduce_pieces(n));
    if (reduced == 0) {
        std::fill_n(index, kept, 0);
        return;
    }
    if (pieces == 1)
        return share_outputs(n, [=, &n](Range k) {
            argmax_range(x, n, k, {0, reduced}, [=](std::int64_t i, Best best) { index[i] = best.index; });
        });

    Best* const partial = static_cast<Best*>(workspace);
    share_pieces(n, pieces, [=, &n](Range p) { argmax_piece_range(x, n, p, pieces, partial); });
    for (std::int64_t k = 0; k < kept; ++k) {
        Best best = partial[k];
        for (int p = 1; p < pieces; ++p)
            if (beats(partial[p * kept + k].value, best.value)) best = partial[p * kept + k];
        index[k] = best.index;
    }
}

template void reduce_argmax(Cpu, const float*, std::int64_t*, const ReduceShape&, void*);
template void reduce_argmax(Cpu, const double*, std::int64_t*, const ReduceShape&, void*);

}  // namespace vitrine::kernels

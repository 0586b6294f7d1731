#include <algorithm>

#include "reduce.h"
#include "reduce_cpu.h"
#include "reduce_naive.h"
#include "vitrine/kernels/base/isa.h"

namespace vitrine::kernels {

std::int64_t reduce_pieces(const ReduceShape& n) {
    constexpr std::int64_t most = 512, most_partials = 4096, elements = 32768, shortest = 256;
    const std::int64_t kept = std::max<std::int64_t>(1, n.kept.elements()), reduced = n.reduced.elements();
    const std::int64_t wanted = std::min({most, most_partials / kept, kept * reduced / elements, reduced / shortest});
    return std::max<std::int64_t>(1, wanted);
}

std::size_t reduce_workspace_bytes(const ReduceShape& n) {
    // One partial result for each piece of each k; argmax has a value and an index.
    const std::int64_t pieces = reduce_pieces(n);
    return pieces == 1 ? 0
                       : static_cast<std::size_t>(pieces * n.kept.elements()) * (sizeof(double) + sizeof(std::int64_t));
}

std::size_t reduce_extreme_backward_workspace_bytes(const ReduceShape& n) {
    return reduce_workspace_bytes(n) + static_cast<std::size_t>(n.kept.elements()) * sizeof(double);
}

namespace {

template <class T>
void logsumexp_range(const T* x, T* y, const ReduceShape& n, Range k) {
    const std::int64_t step = by_columns(n) ? reduce_tile_size : 16;  // few: the second look finds x in a cache
    for (; k.begin < k.end; k.begin += step) {
        const Range tile = {k.begin, std::min(k.end, k.begin + step)};
        reduce_range(x, n, Values<FoldMax>{}, tile, StoreShift<T>{y});
        reduce_range(x, n, ExpOfDifference<T>{y}, tile, AddLog<T>{y});
    }
}

}  // namespace

template <class T>
void reduce_sum(Cpu, const T* x, T* y, double divisor, const ReduceShape& n, void* workspace) {
    if (isa() == Isa::naive) return reduce_sum_naive(x, y, divisor, n);
    reduce_all(x, n, Values<FoldAdd>{}, workspace, StoreQuotient<T>{y, divisor});
}

template <class T>
void reduce_variance(Cpu, const T* x, T* mean, T* y, double divisor, const ReduceShape& n, void* workspace) {
    if (isa() == Isa::naive) return reduce_variance_naive(x, mean, y, divisor, n);
    reduce_all(x, n, Values<FoldAdd>{}, workspace, StoreQuotient<T>{mean, static_cast<double>(n.reduced.elements())});
    reduce_all(x, n, SquareOfDifference<T>{mean}, workspace, StoreQuotient<T>{y, divisor});
}

template <class T>
void reduce_max(Cpu, const T* x, T* y, const ReduceShape& n, void* workspace) {
    if (isa() == Isa::naive) return reduce_max_naive(x, y, n);
    reduce_all(x, n, Values<FoldMax>{}, workspace, Store<T>{y});
}

template <class T>
void reduce_min(Cpu, const T* x, T* y, const ReduceShape& n, void* workspace) {
    if (isa() == Isa::naive) return reduce_min_naive(x, y, n);
    reduce_all(x, n, Values<FoldMin>{}, workspace, Store<T>{y});
}

template <class T>
void reduce_logsumexp(Cpu, const T* x, T* y, const ReduceShape& n, void* workspace) {
    if (isa() == Isa::naive) return reduce_logsumexp_naive(x, y, n);
    if (reduce_pieces(n) == 1) return share_outputs(n, [=, &n](Range k) { logsumexp_range(x, y, n, k); });
    reduce_all(x, n, Values<FoldMax>{}, workspace, StoreShift<T>{y});
    reduce_all(x, n, ExpOfDifference<T>{y}, workspace, AddLog<T>{y});
}

template <class T>
void reduce_extreme_backward(Cpu, const T* x, const T* y, const T* dy, T* dx, const ReduceShape& n, void* workspace) {
    if (isa() == Isa::naive) return reduce_extreme_backward_naive(x, y, dy, dx, n);
    double* const g = static_cast<double*>(workspace);
    reduce_all(x, n, CountEqual<T>{y}, g + n.kept.elements(), StoreShare<T>{dy, g});
    share_elements(n, [=, &n](Range k, Range r) { write_range(x, dx, n, k, r, ExtremeGradient<T>{y, g}); });
}

template <class T>
void reduce_logsumexp_backward(Cpu, const T* x, const T* y, const T* dy, T* dx, const ReduceShape& n) {
    if (isa() == Isa::naive) return reduce_logsumexp_backward_naive(x, y, dy, dx, n);
    share_elements(n, [=, &n](Range k, Range r) { write_range(x, dx, n, k, r, LogSumExpGradient<T>{y, dy}); });
}

template void reduce_sum(Cpu, const float*, float*, double, const ReduceShape&, void*);
template void reduce_sum(Cpu, const double*, double*, double, const ReduceShape&, void*);
template void reduce_variance(Cpu, const float*, float*, float*, double, const ReduceShape&, void*);
template void reduce_variance(Cpu, const double*, double*, double*, double, const ReduceShape&, void*);
template void reduce_max(Cpu, const float*, float*, const ReduceShape&, void*);
template void reduce_max(Cpu, const double*, double*, const ReduceShape&, void*);
template void reduce_min(Cpu, const float*, float*, const ReduceShape&, void*);
template void reduce_min(Cpu, const double*, double*, const ReduceShape&, void*);
template void reduce_logsumexp(Cpu, const float*, float*, const ReduceShape&, void*);
template void reduce_logsumexp(Cpu, const double*, double*, const ReduceShape&, void*);
template void reduce_extreme_backward(Cpu, const float*, const float*, const float*, float*, const ReduceShape&, void*);
template void reduce_extreme_backward(Cpu, const double*, const double*, const double*, double*, const ReduceShape&,
                                      void*);
template void reduce_logsumexp_backward(Cpu, const float*, const float*, const float*, float*, const ReduceShape&);
template void reduce_logsumexp_backward(Cpu, const double*, const double*, const double*, double*, const ReduceShape&);

}  // namespace vitrine::kernels

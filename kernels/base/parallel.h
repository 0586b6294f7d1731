// How a CPU kernel shares its work among OpenMP threads. Every driver reads the same:
//
//     const int parts = parts_for(n.rows, n.cols);                  // enough work for how many threads?
//     if (parts == 1) return softmax_forward_rows(x, y, n, {0, n.rows});
//     #pragma omp parallel for num_threads(parts)
//     for (int p = 0; p < parts; ++p) softmax_forward_rows(x, y, n, share(n.rows, p, parts));
//
// The loop body is a named function, so that a debugger can step into it, and one thread pays nothing
// for OpenMP (a region with one thread costs 0.3 us). Whoever splits a *sum* splits it at places that do
// not depend on the number of threads: the same input gives the same bits at any thread count.
#pragma once

#include <cstdint>

namespace vitrine::kernels {

struct Range {
    std::int64_t begin, end;
};

/// Threads that a kernel may use: what set_num_threads() said, else the machine's. 1 without OpenMP.
int num_threads();
/// n >= 1. The library never changes OpenMP's own settings.
void set_num_threads(int n);

/// Threads worth using for `count` items of `cost` elementary operations each (about 0.25 ns one): 1 below
/// some 10 us of work, inside another parallel region or while other programs want the cores (crowd.h), and never more
/// than num_threads() or `count`. May say something else a moment later: a workspace is of the size that was asked for.
int parts_for(std::int64_t count, double cost);

/// Part p of `parts` of [0, count), cut at multiples of `step`.
inline Range share(std::int64_t count, int p, int parts, std::int64_t step = 1) {
    const std::int64_t blocks = (count + step - 1) / step;
    const std::int64_t begin = blocks * p / parts * step, end = blocks * (p + 1) / parts * step;
    return {begin < count ? begin : count, end < count ? end : count};
}

}  // namespace vitrine::kernels

#include "square_sum.h"
#include "vitrine/kernels/base/parallel.h"

namespace vitrine::kernels {
namespace {

/// The sum over one part, in 16 running sums that a compiler keeps in vector registers.
template <class T>
double square_sum_part(const T* g, Range range) {
    constexpr int lanes = 16;
    double sums[lanes] = {};
    std::int64_t i = range.begin;
    for (; i + lanes <= range.end; i += lanes) {
        for (int l = 0; l < lanes; ++l) {
            const auto value = static_cast<double>(g[i + l]);
            sums[l] += value * value;
        }
    }
    double total = 0;
    for (int l = 0; l < lanes; ++l) total += sums[l];
    for (; i < range.end; ++i) total += static_cast<double>(g[i]) * static_cast<double>(g[i]);
    return total;
}

template <class T>
void square_sum_range(const T* g, double* partials, std::int64_t n, Range range) {
    const auto all = static_cast<int>(square_sum_parts(n));
    for (std::int64_t p = range.begin; p < range.end; ++p) {
        partials[p] = square_sum_part(g, share(n, static_cast<int>(p), all));
    }
}

}  // namespace

template <class T>
void square_sum(Cpu, const T* g, double* partials, std::int64_t n) {
    const std::int64_t all = square_sum_parts(n);
    const int parts = parts_for(all, 2000);
    if (parts == 1) return square_sum_range(g, partials, n, {0, all});
#pragma omp parallel for num_threads(parts)
    for (int p = 0; p < parts; ++p) square_sum_range(g, partials, n, share(all, p, parts));
}

template void square_sum(Cpu, const float*, double*, std::int64_t);
template void square_sum(Cpu, const double*, double*, std::int64_t);

}  // namespace vitrine::kernels

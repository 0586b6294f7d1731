#include "multi_tensor.h"
#include "vitrine/kernels/base/parallel.h"

namespace vitrine::kernels {
namespace {

/// The sum over one part, in 16 running sums that a compiler keeps in vector registers.
template <class T>
double square_sum_part(const T* y, Range range) {
    constexpr int lanes = 16;
    double sums[lanes] = {};
    std::int64_t i = range.begin;
    for (; i + lanes <= range.end; i += lanes) {
        for (int l = 0; l < lanes; ++l) {
            const auto value = static_cast<double>(y[i + l]);
            sums[l] += value * value;
        }
    }
    double total = 0;
    for (int l = 0; l < lanes; ++l) total += sums[l];
    for (; i < range.end; ++i) total += static_cast<double>(y[i]) * static_cast<double>(y[i]);
    return total;
}

template <class T>
void square_sum_range(const TensorList<T>& list, double* partials, Range range) {
    for (std::int64_t p = range.begin; p < range.end; ++p) {
        const ListPart part = list.part(p);
        partials[p] = square_sum_part(list.y[part.array], {part.begin, part.end});
    }
}

template <class T, class F>
void update_part(T* y, const T* x, F f, ListPart part) {
    if constexpr (F::reads_x) {
        for (std::int64_t i = part.begin; i < part.end; ++i) y[i] = f(y[i], x[i]);
    } else {
        for (std::int64_t i = part.begin; i < part.end; ++i) y[i] = f(y[i], y[i]);
    }
}

template <class T, class F>
void update_range(const TensorList<T>& list, F f, Range range) {
    for (std::int64_t p = range.begin; p < range.end; ++p) {
        const ListPart part = list.part(p);
        update_part(list.y[part.array], list.x[part.array], f, part);
    }
}

}  // namespace

template <class T>
void square_sum(Cpu, const TensorList<T>& list, double* partials) {
    const std::int64_t all = list.parts();
    const int parts = parts_for(all, list.part_size() / 2);
    if (parts == 1) return square_sum_range(list, partials, {0, all});
#pragma omp parallel for num_threads(parts)
    for (int p = 0; p < parts; ++p) square_sum_range(list, partials, share(all, p, parts));
}

template <class T, template <class> class F>
void update_list(Cpu, const TensorList<T>& list, F<T> f) {
    const std::int64_t all = list.parts();
    const int parts = parts_for(all, list.part_size());
    if (parts == 1) return update_range(list, f, {0, all});
#pragma omp parallel for num_threads(parts)
    for (int p = 0; p < parts; ++p) update_range(list, f, share(all, p, parts));
}

template void square_sum(Cpu, const TensorList<float>&, double*);
template void square_sum(Cpu, const TensorList<double>&, double*);
template void update_list(Cpu, const TensorList<float>&, ScaleBy<float>);
template void update_list(Cpu, const TensorList<double>&, ScaleBy<double>);
template void update_list(Cpu, const TensorList<float>&, ClampTo<float>);
template void update_list(Cpu, const TensorList<double>&, ClampTo<double>);
template void update_list(Cpu, const TensorList<float>&, LerpBy<float>);
template void update_list(Cpu, const TensorList<double>&, LerpBy<double>);

}  // namespace vitrine::kernels

#include "cross_entropy.h"

#include <algorithm>
#include <cmath>

#include "vitrine/kernels/base/lanes.h"
#include "vitrine/kernels/base/math.h"
#include "vitrine/kernels/base/parallel.h"

namespace vitrine::kernels {
namespace {

constexpr double cost = 4;  // of one logit, see parts_for

template <class T>
void cross_entropy_forward_row(const T* x, std::int64_t t, T* loss, T* stats, CrossEntropyShape n) {
    const auto m = static_cast<T>(fold_chunks<T>(n.classes, FoldMax{}, [=](std::int64_t c) { return x[c]; }));
    const double sum = fold_chunks<T>(n.classes, FoldAdd{}, [=](std::int64_t c) { return math::exp(x[c] - m); });
    const auto s = static_cast<T>(std::log(sum));
    stats[0] = m;
    stats[1] = s;
    *loss = t == n.ignored ? T(0) : s - (x[t] - m);
}

template <class T>
void cross_entropy_forward_rows(const T* x, const std::int64_t* t, T* loss, T* stats, CrossEntropyShape n, Range rows) {
    for (std::int64_t i = rows.begin; i < rows.end; ++i)
        cross_entropy_forward_row(x + i * n.classes, t[i], loss + i, stats + 2 * i, n);
}

template <class T>
void cross_entropy_backward_row(const T* x, std::int64_t t, const T* stats, T g, T* dx, CrossEntropyShape n) {
    if (t == n.ignored) {
        std::fill_n(dx, n.classes, T(0));
        return;
    }
    const T m = stats[0], s = stats[1];
    for (std::int64_t c = 0; c < n.classes; ++c) dx[c] = g * math::exp(x[c] - m - s);
    dx[t] = g * (math::exp(x[t] - m - s) - T(1));
}

template <class T>
void cross_entropy_backward_rows(const T* x, const std::int64_t* t, const T* stats, const T* dy, const T* scale, T* dx,
                                 CrossEntropyShape n, Range rows) {
    for (std::int64_t i = rows.begin; i < rows.end; ++i) {
        const T g = scale ? dy[0] * scale[0] : dy[i];
        cross_entropy_backward_row(x + i * n.classes, t[i], stats + 2 * i, g, dx + i * n.classes, n);
    }
}

}  // namespace

void cross_entropy_check(Cpu, const std::int64_t* t, std::int64_t* bad, CrossEntropyShape n) {
    *bad = -1;
    for (std::int64_t i = 0; i < n.rows && *bad < 0; ++i)
        if (t[i] != n.ignored && (t[i] < 0 || t[i] >= n.classes)) *bad = i;
}

template <class T>
void cross_entropy_forward(Cpu, const T* x, const std::int64_t* t, T* loss, T* stats, CrossEntropyShape n) {
    const int parts = parts_for(n.rows, cost * static_cast<double>(n.classes));
    if (parts == 1) return cross_entropy_forward_rows(x, t, loss, stats, n, {0, n.rows});
#pragma omp parallel for num_threads(parts)
    for (int p = 0; p < parts; ++p) cross_entropy_forward_rows(x, t, loss, stats, n, share(n.rows, p, parts));
}

template <class T>
void cross_entropy_total(Cpu, const T* loss, const std::int64_t* t, T* y, T* scale, bool mean, CrossEntropyShape n) {
    const double sum = fold_chunks<T>(n.rows, FoldAdd{}, [=](std::int64_t i) { return loss[i]; });
    std::int64_t counting = 0;
    for (std::int64_t i = 0; i < n.rows; ++i) counting += t[i] != n.ignored;
    const double divisor = mean ? static_cast<double>(counting) : 1.0;
    *y = static_cast<T>(sum / divisor);
    *scale = static_cast<T>(1 / divisor);
}

template <class T>
void cross_entropy_backward(Cpu, const T* x, const std::int64_t* t, const T* stats, const T* dy, const T* scale, T* dx,
                            CrossEntropyShape n) {
    const int parts = parts_for(n.rows, cost * static_cast<double>(n.classes));
    if (parts == 1) return cross_entropy_backward_rows(x, t, stats, dy, scale, dx, n, {0, n.rows});
#pragma omp parallel for num_threads(parts)
    for (int p = 0; p < parts; ++p)
        cross_entropy_backward_rows(x, t, stats, dy, scale, dx, n, share(n.rows, p, parts));
}

template void cross_entropy_forward(Cpu, const float*, const std::int64_t*, float*, float*, CrossEntropyShape);
template void cross_entropy_forward(Cpu, const double*, const std::int64_t*, double*, double*, CrossEntropyShape);
template void cross_entropy_total(Cpu, const float*, const std::int64_t*, float*, float*, bool, CrossEntropyShape);
template void cross_entropy_total(Cpu, const double*, const std::int64_t*, double*, double*, bool, CrossEntropyShape);
template void cross_entropy_backward(Cpu, const float*, const std::int64_t*, const float*, const float*, const float*,
                                     float*, CrossEntropyShape);
template void cross_entropy_backward(Cpu, const double*, const std::int64_t*, const double*, const double*,
                                     const double*, double*, CrossEntropyShape);

}  // namespace vitrine::kernels

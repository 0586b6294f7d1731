#include "cross_entropy.h"

#include <algorithm>
#include <cmath>

#include "vitrine/kernels/base/clones.h"
#include "vitrine/kernels/base/lanes.h"
#include "vitrine/kernels/base/math.h"
#include "vitrine/kernels/base/parallel.h"

namespace vitrine::kernels {
namespace {

constexpr double cost = 4;  // of one logit, see parts_for

template <class T>
T weight_of(const T* w, std::int64_t c) { return w ? w[c] : T(1); }

template <class T>
VITRINE_CLONES void cross_entropy_forward_row(const T* x, std::int64_t t, const T* w, T* loss, T* stats, CrossEntropyShape n) {
    const auto m = static_cast<T>(fold_chunks<T>(n.classes, FoldMax{}, [=](std::int64_t c) { return x[c]; }));
    const double sum = fold_chunks<T>(n.classes, FoldAdd{}, [=](std::int64_t c) { return math::exp(x[c] - m); });
    const auto s = static_cast<T>(std::log(sum));
    stats[0] = m, stats[1] = s, stats[2] = *loss = T(0);
    if (t == n.ignored) return;

    const auto hard = static_cast<T>(1 - n.smoothing) * weight_of(w, t);
    stats[2] = hard;
    *loss = hard * (s - (x[t] - m));
    if (n.smoothing == 0) return;
    const double per_class = n.smoothing / static_cast<double>(n.classes);
    const double all = fold_chunks<T>(n.classes, FoldAdd{}, [=](std::int64_t c) { return weight_of(w, c); });
    const double even = fold_chunks<T>(n.classes, FoldAdd{}, [=](std::int64_t c) { return weight_of(w, c) * (s - (x[c] - m)); });
    stats[2] += static_cast<T>(per_class * all);
    *loss += static_cast<T>(per_class * even);
}

template <class T>
void cross_entropy_forward_rows(const T* x, const std::int64_t* t, const T* w, T* loss, T* stats, CrossEntropyShape n, Range rows) {
    for (std::int64_t i = rows.begin; i < rows.end; ++i)
        cross_entropy_forward_row(x + i * n.classes, t[i], w, loss + i, stats + 3 * i, n);
}

template <class T>
VITRINE_CLONES void cross_entropy_backward_row(const T* x, std::int64_t t, const T* w, const T* stats, T g, T* dx, CrossEntropyShape n) {
    if (t == n.ignored) {
        std::fill_n(dx, n.classes, T(0));
        return;
    }
    const T m = stats[0], s = stats[1], ga = g * stats[2], even = g * static_cast<T>(n.smoothing / static_cast<double>(n.classes));
    for (std::int64_t c = 0; c < n.classes; ++c) dx[c] = ga * math::exp(x[c] - m - s);
    dx[t] -= g * (static_cast<T>(1 - n.smoothing) * weight_of(w, t));
    if (n.smoothing == 0) return;
    for (std::int64_t c = 0; c < n.classes; ++c) dx[c] -= even * weight_of(w, c);
}

template <class T>
void cross_entropy_backward_rows(const T* x, const std::int64_t* t, const T* w, const T* stats, const T* dy, const T* scale, T* dx,
                                 CrossEntropyShape n, Range rows) {
    for (std::int64_t i = rows.begin; i < rows.end; ++i) {
        const T g = scale ? dy[0] * scale[0] : dy[i];
        cross_entropy_backward_row(x + i * n.classes, t[i], w, stats + 3 * i, g, dx + i * n.classes, n);
    }
}

}  // namespace

void cross_entropy_check(Cpu, const std::int64_t* t, std::int64_t* bad, CrossEntropyShape n) {
    *bad = -1;
    for (std::int64_t i = 0; i < n.rows && *bad < 0; ++i)
        if (t[i] != n.ignored && (t[i] < 0 || t[i] >= n.classes)) *bad = i;
}

template <class T>
void cross_entropy_forward(Cpu, const T* x, const std::int64_t* t, const T* w, T* loss, T* stats, CrossEntropyShape n) {
    const int parts = parts_for(n.rows, cost * static_cast<double>(n.classes));
    if (parts == 1) return cross_entropy_forward_rows(x, t, w, loss, stats, n, {0, n.rows});
#pragma omp parallel for num_threads(parts)
    for (int p = 0; p < parts; ++p) cross_entropy_forward_rows(x, t, w, loss, stats, n, share(n.rows, p, parts));
}

template <class T>
void cross_entropy_total(Cpu, const T* loss, const std::int64_t* t, const T* w, T* y, T* scale, bool mean, CrossEntropyShape n) {
    const double sum = fold_chunks<T>(n.rows, FoldAdd{}, [=](std::int64_t i) { return loss[i]; });
    double counting = 0;
    for (std::int64_t i = 0; i < n.rows; ++i) counting += t[i] == n.ignored ? 0 : static_cast<double>(weight_of(w, t[i]));
    const double divisor = mean ? counting : 1.0;
    *y = static_cast<T>(sum / divisor);
    *scale = static_cast<T>(1 / divisor);
}

template <class T>
void cross_entropy_backward(Cpu, const T* x, const std::int64_t* t, const T* w, const T* stats, const T* dy, const T* scale, T* dx,
                            CrossEntropyShape n) {
    const int parts = parts_for(n.rows, cost * static_cast<double>(n.classes));
    if (parts == 1) return cross_entropy_backward_rows(x, t, w, stats, dy, scale, dx, n, {0, n.rows});
#pragma omp parallel for num_threads(parts)
    for (int p = 0; p < parts; ++p)
        cross_entropy_backward_rows(x, t, w, stats, dy, scale, dx, n, share(n.rows, p, parts));
}

template void cross_entropy_forward(Cpu, const float*, const std::int64_t*, const float*, float*, float*, CrossEntropyShape);
template void cross_entropy_forward(Cpu, const double*, const std::int64_t*, const double*, double*, double*, CrossEntropyShape);
template void cross_entropy_total(Cpu, const float*, const std::int64_t*, const float*, float*, float*, bool, CrossEntropyShape);
template void cross_entropy_total(Cpu, const double*, const std::int64_t*, const double*, double*, double*, bool, CrossEntropyShape);
template void cross_entropy_backward(Cpu, const float*, const std::int64_t*, const float*, const float*, const float*, const float*, float*, CrossEntropyShape);
template void cross_entropy_backward(Cpu, const double*, const std::int64_t*, const double*, const double*, const double*,
                                     const double*, double*, CrossEntropyShape);

}  // namespace vitrine::kernels

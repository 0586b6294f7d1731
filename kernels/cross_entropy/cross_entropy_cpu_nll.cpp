// The negative log likelihood alone, of log-probabilities x: a gather and its scatter, no sum over classes.
#include <algorithm>

#include "cross_entropy.h"
#include "vitrine/kernels/base/parallel.h"

namespace vitrine::kernels {
namespace {

template <class T>
void nll_backward_rows(const std::int64_t* t, const T* w, const T* dy, const T* scale, T* dx, CrossEntropyShape n, Range rows) {
    std::fill(dx + rows.begin * n.classes, dx + rows.end * n.classes, T(0));
    for (std::int64_t i = rows.begin; i < rows.end; ++i) {
        if (t[i] == n.ignored) continue;
        const T g = scale ? dy[0] * scale[0] : dy[i];
        dx[i * n.classes + t[i]] = -(w ? w[t[i]] : T(1)) * g;
    }
}

}  // namespace

template <class T>
void nll_forward(Cpu, const T* x, const std::int64_t* t, const T* w, T* loss, CrossEntropyShape n) {
    for (std::int64_t i = 0; i < n.rows; ++i)
        loss[i] = t[i] == n.ignored ? T(0) : -(w ? w[t[i]] : T(1)) * x[i * n.classes + t[i]];
}

template <class T>
void nll_backward(Cpu, const std::int64_t* t, const T* w, const T* dy, const T* scale, T* dx, CrossEntropyShape n) {
    const int parts = parts_for(n.rows, static_cast<double>(n.classes));
    if (parts == 1) return nll_backward_rows(t, w, dy, scale, dx, n, {0, n.rows});
#pragma omp parallel for num_threads(parts)
    for (int p = 0; p < parts; ++p) nll_backward_rows(t, w, dy, scale, dx, n, share(n.rows, p, parts));
}

template void nll_forward(Cpu, const float*, const std::int64_t*, const float*, float*, CrossEntropyShape);
template void nll_forward(Cpu, const double*, const std::int64_t*, const double*, double*, CrossEntropyShape);
template void nll_backward(Cpu, const std::int64_t*, const float*, const float*, const float*, float*, CrossEntropyShape);
template void nll_backward(Cpu, const std::int64_t*, const double*, const double*, const double*, double*, CrossEntropyShape);

}  // namespace vitrine::kernels

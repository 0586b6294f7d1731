#include <algorithm>

#include "loss.h"
#include "vitrine/kernels/base/clones.h"
#include "vitrine/kernels/base/lanes.h"
#include "vitrine/kernels/base/parallel.h"

namespace vitrine::kernels {
namespace {

constexpr double cost = 4;  // of one value, see parts_for
constexpr std::int64_t cache_line = 16;

std::int64_t pieces_of(std::int64_t n) { return (n + fold_chunk - 1) / fold_chunk; }

template <class F, class T>
VITRINE_CLONES void loss_each_range(F f, const T* x, const T* t, T* y, Range r) {
    for (std::int64_t i = r.begin; i < r.end; ++i) y[i] = f.f(x[i], t[i]);
}

/// partial[p] = the sum over piece p, for the pieces of the range.
template <class F, class T>
VITRINE_CLONES void loss_sum_pieces(F f, const T* x, const T* t, double* partial, std::int64_t n, Range pieces) {
    for (std::int64_t p = pieces.begin; p < pieces.end; ++p) {
        const std::int64_t begin = p * fold_chunk, size = std::min(fold_chunk, n - begin);
        const T *xp = x + begin, *tp = t + begin;
        partial[p] = double(fold_lanes<T>(size, FoldAdd{}, [=](std::int64_t i) { return f.f(xp[i], tp[i]); }));
    }
}

template <class F, class T>
VITRINE_CLONES void loss_backward_range(F f, const T* x, const T* t, const T* dy, bool each, double divisor, T* dx, Range r) {
    if (each) {
        for (std::int64_t i = r.begin; i < r.end; ++i) dx[i] = dy[i] * f.dx(x[i], t[i]);
        return;
    }
    const T g = static_cast<T>(double(*dy) / divisor);
    for (std::int64_t i = r.begin; i < r.end; ++i) dx[i] = g * f.dx(x[i], t[i]);
}

}  // namespace

std::size_t loss_workspace_bytes(std::int64_t n) { return static_cast<std::size_t>(pieces_of(n)) * sizeof(double); }

template <class F, class T>
void loss_each(Cpu, F f, const T* x, const T* t, T* y, std::int64_t n) {
    const int parts = parts_for(n, cost);
    if (parts == 1) return loss_each_range(f, x, t, y, {0, n});
#pragma omp parallel for num_threads(parts)
    for (int p = 0; p < parts; ++p) loss_each_range(f, x, t, y, share(n, p, parts, cache_line));
}

template <class F, class T>
void loss_sum(Cpu, F f, const T* x, const T* t, T* y, double divisor, std::int64_t n, void* workspace) {
    auto* const partial = static_cast<double*>(workspace);
    const std::int64_t pieces = pieces_of(n);
    if (const int parts = parts_for(pieces, cost * fold_chunk); parts == 1) {
        loss_sum_pieces(f, x, t, partial, n, {0, pieces});
    } else {
#pragma omp parallel for num_threads(parts)
        for (int p = 0; p < parts; ++p) loss_sum_pieces(f, x, t, partial, n, share(pieces, p, parts));
    }
    double total = 0;
    for (std::int64_t p = 0; p < pieces; ++p) total += partial[p];
    *y = static_cast<T>(total / divisor);
}

template <class F, class T>
void loss_backward(Cpu, F f, const T* x, const T* t, const T* dy, bool each, double divisor, T* dx, std::int64_t n) {
    const int parts = parts_for(n, cost);
    if (parts == 1) return loss_backward_range(f, x, t, dy, each, divisor, dx, {0, n});
#pragma omp parallel for num_threads(parts)
    for (int p = 0; p < parts; ++p)
        loss_backward_range(f, x, t, dy, each, divisor, dx, share(n, p, parts, cache_line));
}

template void loss_each(Cpu, Mse, const float*, const float*, float*, std::int64_t);
template void loss_sum(Cpu, Mse, const float*, const float*, float*, double, std::int64_t, void*);
template void loss_backward(Cpu, Mse, const float*, const float*, const float*, bool, double, float*, std::int64_t);
template void loss_each(Cpu, Mse, const double*, const double*, double*, std::int64_t);
template void loss_sum(Cpu, Mse, const double*, const double*, double*, double, std::int64_t, void*);
template void loss_backward(Cpu, Mse, const double*, const double*, const double*, bool, double, double*, std::int64_t);
template void loss_each(Cpu, L1, const float*, const float*, float*, std::int64_t);
template void loss_sum(Cpu, L1, const float*, const float*, float*, double, std::int64_t, void*);
template void loss_backward(Cpu, L1, const float*, const float*, const float*, bool, double, float*, std::int64_t);
template void loss_each(Cpu, L1, const double*, const double*, double*, std::int64_t);
template void loss_sum(Cpu, L1, const double*, const double*, double*, double, std::int64_t, void*);
template void loss_backward(Cpu, L1, const double*, const double*, const double*, bool, double, double*, std::int64_t);
template void loss_each(Cpu, Huber, const float*, const float*, float*, std::int64_t);
template void loss_sum(Cpu, Huber, const float*, const float*, float*, double, std::int64_t, void*);
template void loss_backward(Cpu, Huber, const float*, const float*, const float*, bool, double, float*, std::int64_t);
template void loss_each(Cpu, Huber, const double*, const double*, double*, std::int64_t);
template void loss_sum(Cpu, Huber, const double*, const double*, double*, double, std::int64_t, void*);
template void loss_backward(Cpu, Huber, const double*, const double*, const double*, bool, double, double*, std::int64_t);
template void loss_each(Cpu, Bce, const float*, const float*, float*, std::int64_t);
template void loss_sum(Cpu, Bce, const float*, const float*, float*, double, std::int64_t, void*);
template void loss_backward(Cpu, Bce, const float*, const float*, const float*, bool, double, float*, std::int64_t);
template void loss_each(Cpu, Bce, const double*, const double*, double*, std::int64_t);
template void loss_sum(Cpu, Bce, const double*, const double*, double*, double, std::int64_t, void*);
template void loss_backward(Cpu, Bce, const double*, const double*, const double*, bool, double, double*, std::int64_t);
template void loss_each(Cpu, BceWithLogits, const float*, const float*, float*, std::int64_t);
template void loss_sum(Cpu, BceWithLogits, const float*, const float*, float*, double, std::int64_t, void*);
template void loss_backward(Cpu, BceWithLogits, const float*, const float*, const float*, bool, double, float*, std::int64_t);
template void loss_each(Cpu, BceWithLogits, const double*, const double*, double*, std::int64_t);
template void loss_sum(Cpu, BceWithLogits, const double*, const double*, double*, double, std::int64_t, void*);
template void loss_backward(Cpu, BceWithLogits, const double*, const double*, const double*, bool, double, double*, std::int64_t);
template void loss_each(Cpu, KlDiv, const float*, const float*, float*, std::int64_t);
template void loss_sum(Cpu, KlDiv, const float*, const float*, float*, double, std::int64_t, void*);
template void loss_backward(Cpu, KlDiv, const float*, const float*, const float*, bool, double, float*, std::int64_t);
template void loss_each(Cpu, KlDiv, const double*, const double*, double*, std::int64_t);
template void loss_sum(Cpu, KlDiv, const double*, const double*, double*, double, std::int64_t, void*);
template void loss_backward(Cpu, KlDiv, const double*, const double*, const double*, bool, double, double*, std::int64_t);
template void loss_each(Cpu, KlDivLog, const float*, const float*, float*, std::int64_t);
template void loss_sum(Cpu, KlDivLog, const float*, const float*, float*, double, std::int64_t, void*);
template void loss_backward(Cpu, KlDivLog, const float*, const float*, const float*, bool, double, float*, std::int64_t);
template void loss_each(Cpu, KlDivLog, const double*, const double*, double*, std::int64_t);
template void loss_sum(Cpu, KlDivLog, const double*, const double*, double*, double, std::int64_t, void*);
template void loss_backward(Cpu, KlDivLog, const double*, const double*, const double*, bool, double, double*, std::int64_t);

}  // namespace vitrine::kernels

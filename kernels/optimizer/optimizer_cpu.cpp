#include "optimizer.h"
#include "vitrine/kernels/base/clones.h"
#include "vitrine/kernels/base/parallel.h"

namespace vitrine::kernels {
namespace {

constexpr std::int64_t optimizer_share = 64;  // parts are cut at multiples of this: whole cache lines for f32 and f64

template <class T>
VITRINE_CLONES void sgd_range(Sgd<T> sgd, T* __restrict__ w, const T* __restrict__ g, Range range) {
    for (std::int64_t i = range.begin; i < range.end; ++i) sgd.plain(w[i], g[i]);
}

template <bool first, bool nesterov, class T>
VITRINE_CLONES void sgd_momentum_range(Sgd<T> sgd, T* __restrict__ w, const T* __restrict__ g, T* __restrict__ b, Range range) {
    for (std::int64_t i = range.begin; i < range.end; ++i) {
        sgd.template with_momentum<first, nesterov>(w[i], g[i], b[i]);
    }
}

template <class T>
VITRINE_CLONES void sgd_range(const SgdStep& step, T* w, const T* g, T* b, Range range) {
    const Sgd<T> sgd(step);
    if (step.momentum == 0) return sgd_range(sgd, w, g, range);
    if (step.first && step.nesterov) return sgd_momentum_range<true, true>(sgd, w, g, b, range);
    if (step.first) return sgd_momentum_range<true, false>(sgd, w, g, b, range);
    if (step.nesterov) return sgd_momentum_range<false, true>(sgd, w, g, b, range);
    sgd_momentum_range<false, false>(sgd, w, g, b, range);
}

template <class T>
VITRINE_CLONES void adam_range(Adam<T> adam, T* __restrict__ w, const T* __restrict__ g, T* __restrict__ m, T* __restrict__ v,
                Range range) {
    for (std::int64_t i = range.begin; i < range.end; ++i) adam.element(w[i], g[i], m[i], v[i]);
}

template <bool centered, bool momentum, class T>
VITRINE_CLONES void rmsprop_range(Rmsprop<T> rmsprop, T* __restrict__ w, const T* __restrict__ g, T* __restrict__ v, T* __restrict__ a,
                   T* __restrict__ b, Range range) {
    for (std::int64_t i = range.begin; i < range.end; ++i) {
        rmsprop.template element<centered, momentum>(i, w, g, v, a, b);
    }
}

template <class T>
VITRINE_CLONES void rmsprop_range(const RmspropStep& step, T* w, const T* g, T* v, T* a, T* b, Range range) {
    const Rmsprop<T> rmsprop(step);
    const bool momentum = step.momentum != 0;
    if (step.centered && momentum) return rmsprop_range<true, true>(rmsprop, w, g, v, a, b, range);
    if (step.centered) return rmsprop_range<true, false>(rmsprop, w, g, v, a, b, range);
    if (momentum) return rmsprop_range<false, true>(rmsprop, w, g, v, a, b, range);
    rmsprop_range<false, false>(rmsprop, w, g, v, a, b, range);
}

}  // namespace

template <class T>
void sgd_step(Cpu, T* w, const T* g, T* b, std::int64_t n, const SgdStep& step) {
    const int parts = parts_for(n, 1);
    if (parts == 1) return sgd_range(step, w, g, b, {0, n});
#pragma omp parallel for num_threads(parts)
    for (int p = 0; p < parts; ++p) sgd_range(step, w, g, b, share(n, p, parts, optimizer_share));
}

template <class T>
void adam_step(Cpu, T* w, const T* g, T* m, T* v, std::int64_t n, const AdamStep& step) {
    const Adam<T> adam(step);
    const int parts = parts_for(n, 3);
    if (parts == 1) return adam_range(adam, w, g, m, v, {0, n});
#pragma omp parallel for num_threads(parts)
    for (int p = 0; p < parts; ++p) adam_range(adam, w, g, m, v, share(n, p, parts, optimizer_share));
}

template <class T>
void rmsprop_step(Cpu, T* w, const T* g, T* v, T* a, T* b, std::int64_t n, const RmspropStep& step) {
    const int parts = parts_for(n, 3);
    if (parts == 1) return rmsprop_range(step, w, g, v, a, b, {0, n});
#pragma omp parallel for num_threads(parts)
    for (int p = 0; p < parts; ++p) rmsprop_range(step, w, g, v, a, b, share(n, p, parts, optimizer_share));
}

template void sgd_step(Cpu, float*, const float*, float*, std::int64_t, const SgdStep&);
template void sgd_step(Cpu, double*, const double*, double*, std::int64_t, const SgdStep&);
template void adam_step(Cpu, float*, const float*, float*, float*, std::int64_t, const AdamStep&);
template void adam_step(Cpu, double*, const double*, double*, double*, std::int64_t, const AdamStep&);
template void rmsprop_step(Cpu, float*, const float*, float*, float*, float*, std::int64_t, const RmspropStep&);
template void rmsprop_step(Cpu, double*, const double*, double*, double*, double*, std::int64_t, const RmspropStep&);

}  // namespace vitrine::kernels

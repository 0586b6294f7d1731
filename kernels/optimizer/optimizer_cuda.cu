// grid    enough blocks of 256 threads for one thread an element
// thread  i updates w_i and its state: it alone reads and writes element i of every array
//
// w g m v:  [ t0 t1 t2 ... ]       neighbours touch neighbours: coalesced
//
// The pass is bound by memory: the arithmetic, division and root included, hides behind it.
#include "optimizer.h"
#include "vitrine/kernels/base/gpu.h"

namespace vitrine::kernels {
inline namespace VITRINE_GPU_NAMESPACE {

constexpr int optimizer_threads = 256;

inline __device__ std::int64_t optimizer_element() {
    return static_cast<std::int64_t>(blockIdx.x) * optimizer_threads + threadIdx.x;
}

template <class T>
__global__ void sgd_kernel(Sgd<T> sgd, T* w, const T* g, std::int64_t n) {
    const std::int64_t i = optimizer_element();
    if (i < n) sgd.plain(w[i], g[i]);
}

template <class T, bool first, bool nesterov>
__global__ void sgd_momentum_kernel(Sgd<T> sgd, T* w, const T* g, T* b, std::int64_t n) {
    const std::int64_t i = optimizer_element();
    if (i < n) sgd.template with_momentum<first, nesterov>(w[i], g[i], b[i]);
}

template <class T>
__global__ void adam_kernel(Adam<T> adam, T* w, const T* g, T* m, T* v, std::int64_t n) {
    const std::int64_t i = optimizer_element();
    if (i < n) adam.element(w[i], g[i], m[i], v[i]);
}

template <class T, bool centered, bool momentum>
__global__ void rmsprop_kernel(Rmsprop<T> rmsprop, T* w, const T* g, T* v, T* a, T* b, std::int64_t n) {
    const std::int64_t i = optimizer_element();
    if (i < n) rmsprop.template element<centered, momentum>(i, w, g, v, a, b);
}

}  // namespace VITRINE_GPU_NAMESPACE

template <class T>
void sgd_step(Gpu on, T* w, const T* g, T* b, std::int64_t n, const SgdStep& step) {
    const Launch size{grid_for(n, optimizer_threads), optimizer_threads};
    const Sgd<T> sgd(step);
    if (step.momentum == 0) return launch<sgd_kernel<T>>(on, size, sgd, w, g, n);
    if (step.first && step.nesterov) return launch<sgd_momentum_kernel<T, true, true>>(on, size, sgd, w, g, b, n);
    if (step.first) return launch<sgd_momentum_kernel<T, true, false>>(on, size, sgd, w, g, b, n);
    if (step.nesterov) return launch<sgd_momentum_kernel<T, false, true>>(on, size, sgd, w, g, b, n);
    launch<sgd_momentum_kernel<T, false, false>>(on, size, sgd, w, g, b, n);
}

template <class T>
void adam_step(Gpu on, T* w, const T* g, T* m, T* v, std::int64_t n, const AdamStep& step) {
    launch<adam_kernel<T>>(on, {grid_for(n, optimizer_threads), optimizer_threads}, Adam<T>(step), w, g, m, v, n);
}

template <class T>
void rmsprop_step(Gpu on, T* w, const T* g, T* v, T* a, T* b, std::int64_t n, const RmspropStep& step) {
    const Launch size{grid_for(n, optimizer_threads), optimizer_threads};
    const bool momentum = step.momentum != 0;
    if (!step.centered && !momentum) return launch<rmsprop_kernel<T, false, false>>(on, size, Rmsprop<T>(step), w, g, v, a, b, n);
    if (step.centered && momentum) return launch<rmsprop_kernel<T, true, true>>(on, size, Rmsprop<T>(step), w, g, v, a, b, n);
    if (step.centered) return launch<rmsprop_kernel<T, true, false>>(on, size, Rmsprop<T>(step), w, g, v, a, b, n);
    launch<rmsprop_kernel<T, false, true>>(on, size, Rmsprop<T>(step), w, g, v, a, b, n);
}

template void sgd_step(Gpu, float*, const float*, float*, std::int64_t, const SgdStep&);
template void sgd_step(Gpu, double*, const double*, double*, std::int64_t, const SgdStep&);
template void adam_step(Gpu, float*, const float*, float*, float*, std::int64_t, const AdamStep&);
template void adam_step(Gpu, double*, const double*, double*, double*, std::int64_t, const AdamStep&);
template void rmsprop_step(Gpu, float*, const float*, float*, float*, float*, std::int64_t, const RmspropStep&);
template void rmsprop_step(Gpu, double*, const double*, double*, double*, double*, std::int64_t, const RmspropStep&);

}  // namespace vitrine::kernels

// grid    enough blocks of 256 threads for one thread a Philox block
// thread  b makes the four words of Philox block from.offset + b and from them the four elements
//         4 b .. 4 b + 3 of y (two of them, 2 b and 2 b + 1, where an element takes two words)
//
// y:      [ t0 t0 t0 t0 | t1 t1 t1 t1 | t2 ...      16 bytes a thread, neighbours side by side: one store where y
//         allows it. Element by element each of the four would touch every fourth place of 512 bytes, 16 sectors.
//
// The numbers do not depend on the grid, so that the CPU kernels, which share the work otherwise,
// make the same.
#include "distributions.h"
#include "random.h"
#include "vitrine/kernels/base/gpu_pack.h"

namespace vitrine::kernels {
inline namespace VITRINE_GPU_NAMESPACE {

constexpr int random_threads = 256;

template <class T, class Numbers>
__global__ void random_kernel(Numbers numbers, T* y, std::int64_t n, Philox from) {
    constexpr int elements = 4 / Numbers::words_each;
    const std::int64_t block = static_cast<std::int64_t>(blockIdx.x) * random_threads + threadIdx.x;
    const std::int64_t first = block * elements;
    if (first >= n) return;

    const PhiloxWords words = philox_block(from, static_cast<std::uint64_t>(block));
    const std::uint32_t w[4] = {words.w0, words.w1, words.w2, words.w3};
    T made[elements];
    numbers(w, 4, made);
    if (first + elements <= n && pack_aligned(y + first))
        for (int k = 0; k < elements; k += pack_width<T>) store_pack(made + k, y + first + k);
    else
        for (int k = 0; k < elements && first + k < n; ++k) y[first + k] = made[k];
}

template <class Numbers>
Launch random_launch(std::int64_t n) {
    return {grid_for(n, random_threads * (4 / Numbers::words_each)), random_threads};
}

}  // namespace VITRINE_GPU_NAMESPACE

template <class T>
void random_uniform(Gpu on, T* y, std::int64_t n, T lo, T hi, Philox from) {
    launch<random_kernel<T, Uniform<T>>>(on, random_launch<Uniform<T>>(n), Uniform<T>(lo, hi), y, n, from);
}

template <class T>
void random_normal(Gpu on, T* y, std::int64_t n, T mean, T std, Philox from) {
    launch<random_kernel<T, Normal<T>>>(on, random_launch<Normal<T>>(n), Normal<T>{mean, std}, y, n, from);
}

template <class T>
void random_bernoulli(Gpu on, T* y, std::int64_t n, double p, Philox from) {
    launch<random_kernel<T, Bernoulli<T>>>(on, random_launch<Bernoulli<T>>(n), Bernoulli<T>{unit_threshold(p)}, y, n, from);
}

template void random_uniform(Gpu, float*, std::int64_t, float, float, Philox);
template void random_uniform(Gpu, double*, std::int64_t, double, double, Philox);
template void random_normal(Gpu, float*, std::int64_t, float, float, Philox);
template void random_normal(Gpu, double*, std::int64_t, double, double, Philox);
template void random_bernoulli(Gpu, float*, std::int64_t, double, Philox);
template void random_bernoulli(Gpu, double*, std::int64_t, double, Philox);

}  // namespace vitrine::kernels

// grid    enough blocks of 256 threads for one thread a Philox block
// thread  b makes the four words of Philox block from.offset + b: elements
//         4 b .. 4 b + 3 are kept or dropped
//
// x, y:   [ t0 t0 t0 t0 | t1 t1 t1 t1 | t2 ...   16 bytes (f32) a thread, neighbours side by side: read and written as
//         one where addresses allow it. Element by element each access would touch 16 sectors instead of 4.
#include "dropout.h"
#include "vitrine/kernels/base/gpu_pack.h"
#include "vitrine/kernels/random/distributions.h"

namespace vitrine::kernels {
inline namespace VITRINE_GPU_NAMESPACE {

constexpr int dropout_threads = 256;

template <class T>
__global__ void dropout_forward_kernel(const T* x, T* y, std::int64_t n, std::uint32_t threshold, T scale,
                                       Philox from) {
    const std::int64_t block = static_cast<std::int64_t>(blockIdx.x) * dropout_threads + threadIdx.x;
    const std::int64_t first = 4 * block;
    if (first >= n) return;

    const PhiloxWords words = philox_block(from, static_cast<std::uint64_t>(block));
    const std::uint32_t w[4] = {words.w0, words.w1, words.w2, words.w3};
    if (first + 4 <= n && pack_aligned(x + first) && pack_aligned(y + first)) {
        T values[4];
        for (int k = 0; k < 4; k += pack_width<T>) load_pack(x + first + k, values + k);
        for (int k = 0; k < 4; ++k) values[k] = unit_below(w[k], threshold) ? T(0) : values[k] * scale;
        for (int k = 0; k < 4; k += pack_width<T>) store_pack(values + k, y + first + k);
    } else {
        for (int k = 0; k < 4 && first + k < n; ++k)
            y[first + k] = unit_below(w[k], threshold) ? T(0) : x[first + k] * scale;
    }
}

// The same thread's four elements, with r.
template <class T>
__global__ void dropout_add_kernel(const T* x, const T* r, T* y, std::int64_t n, std::uint32_t threshold, T scale,
                                   Philox from) {
    const std::int64_t block = static_cast<std::int64_t>(blockIdx.x) * dropout_threads + threadIdx.x;
    const std::int64_t first = 4 * block;
    if (first >= n) return;

    const PhiloxWords words = philox_block(from, static_cast<std::uint64_t>(block));
    const std::uint32_t w[4] = {words.w0, words.w1, words.w2, words.w3};
    if (first + 4 <= n && pack_aligned(x + first) && pack_aligned(r + first) && pack_aligned(y + first)) {
        T values[4], added[4];
        for (int k = 0; k < 4; k += pack_width<T>) load_pack(x + first + k, values + k), load_pack(r + first + k, added + k);
        for (int k = 0; k < 4; ++k) values[k] = added[k] + (unit_below(w[k], threshold) ? T(0) : values[k] * scale);
        for (int k = 0; k < 4; k += pack_width<T>) store_pack(values + k, y + first + k);
    } else {
        for (int k = 0; k < 4 && first + k < n; ++k)
            y[first + k] = r[first + k] + (unit_below(w[k], threshold) ? T(0) : x[first + k] * scale);
    }
}

}  // namespace VITRINE_GPU_NAMESPACE

template <class T>
void dropout_forward(Gpu on, const T* x, T* y, std::int64_t n, double p, Philox from) {
    launch<dropout_forward_kernel<T>>(on, {grid_for(n, 4 * dropout_threads), dropout_threads}, x, y, n,
                                      unit_threshold(p), static_cast<T>(dropout_scale(p)), from);
}

template <class T>
void dropout_add_forward(Gpu on, const T* x, const T* r, T* y, std::int64_t n, double p, Philox from) {
    launch<dropout_add_kernel<T>>(on, {grid_for(n, 4 * dropout_threads), dropout_threads}, x, r, y, n,
                                  unit_threshold(p), static_cast<T>(dropout_scale(p)), from);
}

template void dropout_forward(Gpu, const float*, float*, std::int64_t, double, Philox);
template void dropout_forward(Gpu, const double*, double*, std::int64_t, double, Philox);
template void dropout_add_forward(Gpu, const float*, const float*, float*, std::int64_t, double, Philox);
template void dropout_add_forward(Gpu, const double*, const double*, double*, std::int64_t, double, Philox);

}  // namespace vitrine::kernels

// Step 5 of the ladder: a thread reads and writes 16 bytes at a time, of x, w, b and y.
//
//   grid    a block for each row     block   128 threads; thread t takes packs t, t+128, ... of 4 floats or 2 doubles
//
//   row:    [ t0 t0 t0 t0 | t1 t1 t1 t1 | ... ]      thread: 8 of its columns in registers, as in the step before
//
// A quarter of the requests moves the same bytes. An array can be read in packs where its rows begin at multiples of 16
// bytes; one of which that is not true, and the end of a row that is not whole packs long, go element by element, in
// the same order.
#include "group_norm_steps.h"
#include "vitrine/kernels/base/gpu_pack.h"
#include "vitrine/kernels/base/gpu_reduce.h"
#include "vitrine/kernels/base/math.h"

namespace vitrine::kernels {
inline namespace VITRINE_GPU_NAMESPACE {

/// Columns k, k + 1, ... of a row of `width`; beyond its end, or of a null pointer, `outside`.
template <class T>
__device__ void layer_norm_load(const T* row, std::int64_t k, std::int64_t width, T outside, T* to) {
    if (row && k + pack_width<T> <= width && pack_aligned(row + k)) return load_pack(row + k, to);
    for (int i = 0; i < pack_width<T>; ++i) to[i] = row && k + i < width ? row[k + i] : outside;
}

template <class T>
__device__ void layer_norm_store(const LayerNormRows<T>& n, std::int64_t r, std::int64_t k, const T* x, T mu, T rstd) {
    constexpr int size = pack_width<T>;
    T w[size], b[size], y[size], *const yr = n.y + r * n.width;
    layer_norm_load(n.w, k, n.width, T(1), w);
    layer_norm_load(n.b, k, n.width, T(0), b);
    for (int i = 0; i < size; ++i) y[i] = (x[i] - mu) * rstd * w[i] + b[i];
    if (k + size <= n.width && pack_aligned(yr + k)) return store_pack(y, yr + k);
    for (int i = 0; i < size; ++i)
        if (k + i < n.width) yr[k + i] = y[i];
}

template <class T>
__global__ void layer_norm_vectorised_kernel(LayerNormRows<T> n) {
    constexpr int size = pack_width<T>, count = 8 / size;
    constexpr std::int64_t step = layer_norm_threads * size, kept = count * step;
    __shared__ T part[32];
    for (std::int64_t r = blockIdx.x; r < n.rows; r += gridDim.x) {
        const T* xr = n.x + r * n.width;
        const T first = xr[0], m = T(n.width);
        const std::int64_t begin = std::int64_t(threadIdx.x) * size;

        T own[count][size], again[size], sum = 0;
        for (int p = 0; p < count; ++p) {
            layer_norm_load(xr, begin + p * step, n.width, first, own[p]);  // first adds nothing to the sum
            for (int i = 0; i < size; ++i) sum += own[p][i] - first;
        }
        for (std::int64_t k = begin + kept; k < n.width; k += step) {
            layer_norm_load(xr, k, n.width, first, again);
            for (int i = 0; i < size; ++i) sum += again[i] - first;
        }
        const T mu = first + block_reduce(sum, T(0), ReduceAdd{}, part) / m;

        T squares = 0;
        for (int p = 0; p < count; ++p)
            for (int i = 0; i < size; ++i)
                if (begin + p * step + i < n.width) squares += (own[p][i] - mu) * (own[p][i] - mu);
        for (std::int64_t k = begin + kept; k < n.width; k += step) {
            layer_norm_load(xr, k, n.width, mu, again);  // mu adds nothing to the squares
            for (int i = 0; i < size; ++i) squares += (again[i] - mu) * (again[i] - mu);
        }
        squares = block_reduce(squares, T(0), ReduceAdd{}, part);
        const T rstd = T(1 / math::sqrt(double(squares / m) + n.eps));
        if (threadIdx.x == 0) n.mean[r] = mu, n.rstd[r] = rstd;

        for (int p = 0; p < count; ++p) layer_norm_store(n, r, begin + p * step, own[p], mu, rstd);
        for (std::int64_t k = begin + kept; k < n.width; k += step) {
            layer_norm_load(xr, k, n.width, mu, again);
            layer_norm_store(n, r, k, again, mu, rstd);
        }
    }
}

}  // namespace VITRINE_GPU_NAMESPACE

template <class T>
void layer_norm_vectorised(Gpu on, const LayerNormRows<T>& n) {
    launch<layer_norm_vectorised_kernel<T>>(on, {grid_for(n.rows, 1), layer_norm_threads}, n);
}

template void layer_norm_vectorised(Gpu, const LayerNormRows<float>&);
template void layer_norm_vectorised(Gpu, const LayerNormRows<double>&);

}  // namespace vitrine::kernels

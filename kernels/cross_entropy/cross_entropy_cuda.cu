// Cross entropy on a GPU.
//
// forward, backward   grid (rows), block (classes_threads): a block per row, thread j takes classes j, j+128, ...
//                         row: [ t0 t1 ... t127 | t0 t1 ... t127 | ...     neighbours read neighbours
//                     forward: block_reduce joins the threads' maxima, then their sums
// check, total        one block of 256 threads over all rows: sums in double, joined by block_reduce
#include "cross_entropy.h"
#include "vitrine/kernels/base/gpu_reduce.h"
#include "vitrine/kernels/base/folds.h"
#include "vitrine/kernels/base/math.h"

namespace vitrine::kernels {
inline namespace VITRINE_GPU_NAMESPACE {

constexpr int rows_threads = 256;

/// Threads of a row's block: a warp for few classes.
inline unsigned classes_threads(std::int64_t classes) { return classes <= 64 ? 32 : 128; }

template <class T>
__device__ T weight_of(const T* w, std::int64_t c) { return w ? w[c] : T(1); }

__global__ void cross_entropy_check_kernel(const std::int64_t* t, std::int64_t* bad, CrossEntropyShape n) {
    __shared__ std::int64_t buffer[32];
    std::int64_t first = n.rows;
    for (std::int64_t i = threadIdx.x; i < n.rows && first == n.rows; i += rows_threads)
        if (t[i] != n.ignored && (t[i] < 0 || t[i] >= n.classes)) first = i;
    first = block_reduce(first, n.rows, ReduceMin{}, buffer);
    if (threadIdx.x == 0) *bad = first == n.rows ? -1 : first;
}

template <class T>
__global__ void cross_entropy_forward_kernel(const T* x, const std::int64_t* t, const T* w, T* loss, T* stats,
                                             CrossEntropyShape n) {
    __shared__ double buffer[32];
    for (std::int64_t i = blockIdx.x; i < n.rows; i += gridDim.x) {
        const T* row = x + i * n.classes;
        double m = FoldMax::identity;
        for (std::int64_t c = threadIdx.x; c < n.classes; c += blockDim.x)
            m = FoldMax{}(m, static_cast<double>(row[c]));
        m = block_reduce(m, FoldMax::identity, FoldMax{}, buffer);

        double sum = 0;
        for (std::int64_t c = threadIdx.x; c < n.classes; c += blockDim.x)
            sum += static_cast<double>(math::exp(row[c] - static_cast<T>(m)));
        sum = block_reduce(sum, 0.0, FoldAdd{}, buffer);

        const T s = static_cast<T>(math::log(sum));
        double all = 0, even = 0;  // of the smoothed part
        if (n.smoothing > 0) {
            for (std::int64_t c = threadIdx.x; c < n.classes; c += blockDim.x) {
                all += static_cast<double>(weight_of(w, c));
                even += static_cast<double>(weight_of(w, c) * (s - (row[c] - static_cast<T>(m))));
            }
            all = block_reduce(all, 0.0, FoldAdd{}, buffer);
            even = block_reduce(even, 0.0, FoldAdd{}, buffer);
        }
        if (threadIdx.x > 0) continue;
        const bool counts = t[i] != n.ignored;
        const double per_class = n.smoothing / static_cast<double>(n.classes);
        const double hard = counts ? (1 - n.smoothing) * static_cast<double>(weight_of(w, t[i])) : 0;
        stats[3 * i] = static_cast<T>(m);
        stats[3 * i + 1] = s;
        stats[3 * i + 2] = counts ? static_cast<T>(hard + per_class * all) : T(0);
        loss[i] = counts ? static_cast<T>(hard) * (s - (row[t[i]] - static_cast<T>(m))) + static_cast<T>(per_class * even) : T(0);
    }
}

template <class T>
__global__ void cross_entropy_total_kernel(const T* loss, const std::int64_t* t, const T* w, T* y, T* scale, bool mean,
                                           CrossEntropyShape n) {
    __shared__ double buffer[32];
    double sum = 0, counting = 0;
    for (std::int64_t i = threadIdx.x; i < n.rows; i += rows_threads) {
        sum += static_cast<double>(loss[i]);
        counting += t[i] == n.ignored ? 0 : static_cast<double>(weight_of(w, t[i]));
    }
    sum = block_reduce(sum, 0.0, ReduceAdd{}, buffer);
    counting = block_reduce(counting, 0.0, ReduceAdd{}, buffer);
    if (threadIdx.x > 0) return;
    const double divisor = mean ? counting : 1;
    *y = static_cast<T>(sum / divisor);
    *scale = static_cast<T>(1 / divisor);
}

template <class T>
__global__ void cross_entropy_backward_kernel(const T* x, const std::int64_t* t, const T* w, const T* stats, const T* dy,
                                              const T* scale, T* dx, CrossEntropyShape n) {
    for (std::int64_t i = blockIdx.x; i < n.rows; i += gridDim.x) {
        const T g = scale ? dy[0] * scale[0] : dy[i];
        const T m = stats[3 * i], s = stats[3 * i + 1], ga = g * stats[3 * i + 2];
        const T even = static_cast<T>(n.smoothing / static_cast<double>(n.classes));
        for (std::int64_t c = threadIdx.x; c < n.classes; c += blockDim.x) {
            const std::int64_t at = i * n.classes + c;
            const T a = even * weight_of(w, c) + (c == t[i] ? static_cast<T>(1 - n.smoothing) * weight_of(w, c) : T(0));
            dx[at] = t[i] == n.ignored ? T(0) : ga * math::exp(x[at] - m - s) - g * a;
        }
    }
}

inline Launch row_launch(const CrossEntropyShape& n) { return {grid_for(n.rows, 1), classes_threads(n.classes)}; }

}  // namespace VITRINE_GPU_NAMESPACE

void cross_entropy_check(Gpu on, const std::int64_t* t, std::int64_t* bad, CrossEntropyShape n) {
    launch<cross_entropy_check_kernel>(on, {1, rows_threads}, t, bad, n);
}

template <class T>
void cross_entropy_forward(Gpu on, const T* x, const std::int64_t* t, const T* w, T* loss, T* stats, CrossEntropyShape n) {
    launch<cross_entropy_forward_kernel<T>>(on, row_launch(n), x, t, w, loss, stats, n);
}

template <class T>
void cross_entropy_total(Gpu on, const T* loss, const std::int64_t* t, const T* w, T* y, T* scale, bool mean, CrossEntropyShape n) {
    launch<cross_entropy_total_kernel<T>>(on, {1, rows_threads}, loss, t, w, y, scale, mean, n);
}

template <class T>
void cross_entropy_backward(Gpu on, const T* x, const std::int64_t* t, const T* w, const T* stats, const T* dy, const T* scale,
                            T* dx, CrossEntropyShape n) {
    launch<cross_entropy_backward_kernel<T>>(on, row_launch(n), x, t, w, stats, dy, scale, dx, n);
}

template void cross_entropy_forward(Gpu, const float*, const std::int64_t*, const float*, float*, float*, CrossEntropyShape);
template void cross_entropy_forward(Gpu, const double*, const std::int64_t*, const double*, double*, double*, CrossEntropyShape);
template void cross_entropy_total(Gpu, const float*, const std::int64_t*, const float*, float*, float*, bool, CrossEntropyShape);
template void cross_entropy_total(Gpu, const double*, const std::int64_t*, const double*, double*, double*, bool, CrossEntropyShape);
template void cross_entropy_backward(Gpu, const float*, const std::int64_t*, const float*, const float*, const float*, const float*, float*, CrossEntropyShape);
template void cross_entropy_backward(Gpu, const double*, const std::int64_t*, const double*, const double*, const double*,
                                     const double*, double*, CrossEntropyShape);

}  // namespace vitrine::kernels

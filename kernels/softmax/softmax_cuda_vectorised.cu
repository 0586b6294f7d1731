// Step 5 of the ladder: a thread reads and writes 16 bytes at a time.
//
//   grid    a block for each row     block   128 threads; thread t takes packs t, t+128, ... of 4 floats or 2 doubles
//
//   row:    [ t0 t0 t0 t0 | t1 t1 t1 t1 | ... ]      thread: 8 of its columns in registers, as in the step before
//
// A quarter of the requests moves the same bytes (half of them for double), so a warp has more bytes on their way at a
// time. A row can be read in packs if its elements lie together and it begins at a multiple of 16 bytes; a row of which
// that is not true, and the end of one that is not whole packs long, is read element by element, in the same order.
#include "softmax_steps.h"
#include "vitrine/kernels/base/gpu_pack.h"
#include "vitrine/kernels/base/gpu_reduce.h"
#include "vitrine/kernels/base/math.h"

namespace vitrine::kernels {
inline namespace VITRINE_GPU_NAMESPACE {

/// A row of `cols` elements as packs; beyond its end stands `outside`.
template <class T>
struct SoftmaxPacks {
    std::int64_t cols, inner;
    bool aligned;

    __device__ bool whole(std::int64_t k) const { return aligned && k + pack_width<T> <= cols; }
    __device__ void load(const T* row, std::int64_t k, T outside, T* to) const {
        if (whole(k)) return load_pack(row + k, to);
        for (int i = 0; i < pack_width<T>; ++i) to[i] = k + i < cols ? row[(k + i) * inner] : outside;
    }
    __device__ void store(const T* from, std::int64_t k, T* row) const {
        if (whole(k)) return store_pack(from, row + k);
        for (int i = 0; i < pack_width<T>; ++i)
            if (k + i < cols) row[(k + i) * inner] = from[i];
    }
};

template <bool log, class T>
__global__ void softmax_vectorised_kernel(const T* x, T* y, SoftmaxShape n) {
    constexpr int width = pack_width<T>, count = 8 / width;
    constexpr std::int64_t step = softmax_threads * width, kept = count * step;
    __shared__ T part[32];
    for (std::int64_t r = blockIdx.x; r < n.outer * n.inner; r += gridDim.x) {
        const T* xr = x + softmax_row(n, r);
        T* yr = y + softmax_row(n, r);
        const SoftmaxPacks<T> row{n.cols, n.inner, n.inner == 1 && pack_aligned(xr) && pack_aligned(yr)};
        const std::int64_t first = std::int64_t(threadIdx.x) * width;

        T own[count][width], again[width], m = T(-INFINITY);
        for (int p = 0; p < count; ++p) {
            row.load(xr, first + p * step, T(-INFINITY), own[p]);
            for (int i = 0; i < width; ++i) m = ReduceMax{}(m, own[p][i]);
        }
        for (std::int64_t k = first + kept; k < n.cols; k += step) {
            row.load(xr, k, T(-INFINITY), again);
            for (int i = 0; i < width; ++i) m = ReduceMax{}(m, again[i]);
        }
        m = block_reduce(m, T(-INFINITY), ReduceMax{}, part);

        T sum = 0;
        for (int p = 0; p < count; ++p) {
            for (int i = 0; i < width; ++i) {
                const T shifted = own[p][i] - m, e = math::exp(shifted);
                own[p][i] = log ? shifted : e;
                if (first + p * step + i < n.cols) sum += e;
            }
        }
        for (std::int64_t k = first + kept; k < n.cols; k += step) {
            row.load(xr, k, T(-INFINITY), again);
            for (int i = 0; i < width; ++i)
                if (k + i < n.cols) sum += math::exp(again[i] - m);
        }
        sum = block_reduce(sum, T(0), ReduceAdd{}, part);

        const T log_sum = log ? math::log(sum) : T(0);
        for (int p = 0; p < count; ++p) {
            for (int i = 0; i < width; ++i) own[p][i] = log ? own[p][i] - log_sum : own[p][i] / sum;
            row.store(own[p], first + p * step, yr);
        }
        for (std::int64_t k = first + kept; k < n.cols; k += step) {
            row.load(xr, k, T(-INFINITY), again);
            for (int i = 0; i < width; ++i)
                again[i] = log ? again[i] - m - log_sum : math::exp(again[i] - m) / sum;
            row.store(again, k, yr);
        }
    }
}

}  // namespace VITRINE_GPU_NAMESPACE

template <bool log, class T>
void softmax_vectorised(Gpu on, const T* x, T* y, SoftmaxShape n) {
    launch<softmax_vectorised_kernel<log, T>>(on, {grid_for(n.outer * n.inner, 1), softmax_threads}, x, y, n);
}

template void softmax_vectorised<false>(Gpu, const float*, float*, SoftmaxShape);
template void softmax_vectorised<false>(Gpu, const double*, double*, SoftmaxShape);
template void softmax_vectorised<true>(Gpu, const float*, float*, SoftmaxShape);
template void softmax_vectorised<true>(Gpu, const double*, double*, SoftmaxShape);

}  // namespace vitrine::kernels

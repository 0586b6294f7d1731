// check      grid    n / 1024 blocks    block   256 threads, 4 indices each; the first wrong one by atomicMin
//
// gather     grid    n / 1024 blocks    block   256 threads; thread t takes elements t, t+256, t+512, t+768 of its block's
//
// scatter, many lines (or a long axis of y)
//            grid    lines / 128        block   128 threads, a line each: k = 0, 1, 2, ...
//
// scatter, few lines: an element of y is looked for
//            grid    (size / threads, lines)    block   up to 256 threads; thread j owns element v = b threads + j of a line
//
//                t:    [ tile of indices ][ next tile ] ...      copied to shared memory, then read by all threads:
//                      where t_k = v the thread adds src_k
//
// No sort and no atomics: both add in the order of k.
//
// Along the first axis of (rows, columns) the threads of the second form own elements of one column, which lie a row
// apart: 32 sectors for ideal 4, once for each element of y. With enough columns the first form runs, whose threads own
// neighbouring ones.
#include "index.h"
#include "vitrine/kernels/base/gpu.h"

namespace vitrine::kernels {
inline namespace VITRINE_GPU_NAMESPACE {

constexpr int index_threads = 256, index_per_thread = 4, line_threads = 128;
constexpr std::int64_t many_lines = 1024, long_axis = 1 << 18;

__global__ void index_check_kernel(const std::int64_t* t, std::int64_t* bad, std::int64_t n, std::int64_t size) {
    const std::int64_t first = std::int64_t(blockIdx.x) * (index_threads * index_per_thread) + threadIdx.x;
    for (std::int64_t i = first; i < first + index_threads * index_per_thread && i < n; i += index_threads) {
        if (t[i] >= 0 && t[i] < size) continue;
        atomicMin(reinterpret_cast<long long*>(bad), static_cast<long long>(i));
        return;
    }
}

template <class T>
__global__ void index_gather_kernel(const T* x, const std::int64_t* t, T* y, GatherShape shape) {
    const std::int64_t first = std::int64_t(blockIdx.x) * (index_threads * index_per_thread) + threadIdx.x;
    for (std::int64_t i = first; i < first + index_threads * index_per_thread && i < shape.n.count; i += index_threads) {
        const Offsets<3> at = shape.n.at(i);
        y[at[0]] = x[at[2] + t[at[1]] * shape.x_step];
    }
}

template <class T>
__global__ void index_scatter_lines_kernel(const std::int64_t* t, const T* src, T* y, ScatterShape shape) {
    const std::int64_t line = std::int64_t(blockIdx.x) * line_threads + threadIdx.x;
    if (line >= shape.lines.count) return;
    const Offsets<3> at = shape.lines.at(line);
    for (std::int64_t k = 0; k < shape.count; ++k)
        y[at[0] + t[at[1] + k * shape.t_step] * shape.y_step] += src[at[2] + k * shape.src_step];
}

template <class T>
__global__ void index_scatter_search_kernel(const std::int64_t* t, const T* src, T* y, ScatterShape shape) {
    __shared__ std::int64_t tile[index_threads];
    const int threads = blockDim.x, j = threadIdx.x;
    const std::int64_t v = std::int64_t(blockIdx.x) * threads + j;
    const Offsets<3> at = shape.lines.at(blockIdx.y);
    T* own = y + at[0] + v * shape.y_step;
    T sum = v < shape.size ? *own : T(0);
    for (std::int64_t begin = 0; begin < shape.count; begin += threads) {
        if (begin + j < shape.count) tile[j] = t[at[1] + (begin + j) * shape.t_step];
        __syncthreads();
        for (int k = 0; k < threads && begin + k < shape.count; ++k)
            if (tile[k] == v) sum += src[at[2] + (begin + k) * shape.src_step];
        __syncthreads();  // the next tile overwrites this one
    }
    if (v < shape.size) *own = sum;
}

inline Launch lines_launch(const ScatterShape& shape) { return {grid_for(shape.lines.count, line_threads), line_threads}; }

inline Launch search_launch(const ScatterShape& shape) {
    const unsigned threads = shape.size < index_threads ? grid_for(shape.size, 32) * 32 : index_threads;
    return {dim3(threads == 0 ? 0 : grid_for(shape.size, threads), static_cast<unsigned>(shape.lines.count)), threads};
}

}  // namespace VITRINE_GPU_NAMESPACE

void index_check(Gpu on, const std::int64_t* t, std::int64_t* bad, std::int64_t n, std::int64_t size) {
    launch<index_check_kernel>(on, {grid_for(n, index_threads * index_per_thread), index_threads}, t, bad, n, size);
}

template <class T>
void index_gather(Gpu on, const T* x, const std::int64_t* t, T* y, const GatherShape& shape) {
    launch<index_gather_kernel<T>>(on, {grid_for(shape.n.count, index_threads * index_per_thread), index_threads}, x, t,
                                   y, shape);
}

template <class T>
void index_scatter(Gpu on, const std::int64_t* t, const T* src, T* y, const ScatterShape& shape) {
    if (shape.lines.count >= many_lines || shape.size > long_axis)
        return launch<index_scatter_lines_kernel<T>>(on, lines_launch(shape), t, src, y, shape);
    launch<index_scatter_search_kernel<T>>(on, search_launch(shape), t, src, y, shape);
}

template void index_gather(Gpu, const float*, const std::int64_t*, float*, const GatherShape&);
template void index_gather(Gpu, const double*, const std::int64_t*, double*, const GatherShape&);
template void index_gather(Gpu, const std::int32_t*, const std::int64_t*, std::int32_t*, const GatherShape&);
template void index_gather(Gpu, const std::int64_t*, const std::int64_t*, std::int64_t*, const GatherShape&);
template void index_gather(Gpu, const std::uint8_t*, const std::int64_t*, std::uint8_t*, const GatherShape&);
template void index_gather(Gpu, const bool*, const std::int64_t*, bool*, const GatherShape&);
template void index_gather(Gpu, const bf16*, const std::int64_t*, bf16*, const GatherShape&);
template void index_gather(Gpu, const f16*, const std::int64_t*, f16*, const GatherShape&);

template void index_scatter(Gpu, const std::int64_t*, const float*, float*, const ScatterShape&);
template void index_scatter(Gpu, const std::int64_t*, const double*, double*, const ScatterShape&);
template void index_scatter(Gpu, const std::int64_t*, const std::int32_t*, std::int32_t*, const ScatterShape&);
template void index_scatter(Gpu, const std::int64_t*, const std::int64_t*, std::int64_t*, const ScatterShape&);

}  // namespace vitrine::kernels

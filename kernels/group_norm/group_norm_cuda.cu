// Groups: y, mean, rstd; dx
//
//   grid    a block for each image and group     block   128 threads; thread t takes elements t, t + 128, ...
//
//   image:  pixel 0  [ group 0 | group 1 | ... ]    element e of a group is channel e % width of pixel
//           pixel 1  [ group 0 | group 1 | ... ]    e / width: neighbouring threads read neighbours as long
//                                                   as the group is wide
//
// Sums for dw and db:
//
//   grid    channels / 32 x pieces               block   32 x 8 threads
//
//   Thread (tx, ty) walks down a column of the pixels of all images, rows ty, ty + 8, ... of the piece; the 8
//   results are joined in shared memory, the pieces by another kernel with a thread for each channel.
#include "group_norm_steps.h"
#include "vitrine/kernels/base/gpu.h"
#include "vitrine/kernels/base/gpu_reduce.h"
#include "vitrine/kernels/base/math.h"

namespace vitrine::kernels {
inline namespace VITRINE_GPU_NAMESPACE {

constexpr int group_norm_threads = 128, group_norm_columns = 32, group_norm_rows = 8;

/// Where a group of an image lies: its first element and first channel, and how many elements it has.
struct GroupNormGroup {
    std::int64_t start, channel, size;
};
inline __device__ GroupNormGroup group_norm_group(GroupNormShape n, std::int64_t k) {
    const std::int64_t channels = n.groups * n.width, channel = k % n.groups * n.width;
    return {k / n.groups * n.pixels * channels + channel, channel, n.pixels * n.width};
}
/// Element e of a group, counted from its first one.
inline __device__ std::int64_t group_norm_offset(GroupNormShape n, std::int64_t e) {
    return e / n.width * (n.groups * n.width) + e % n.width;
}

template <class T>
__global__ void group_norm_forward_kernel(const T* x, const T* w, const T* b, T* y, T* mean, T* rstd, double eps,
                                          GroupNormShape n) {
    __shared__ T part[32];
    for (std::int64_t k = blockIdx.x; k < n.images * n.groups; k += gridDim.x) {
        const GroupNormGroup group = group_norm_group(n, k);
        const T* xk = x + group.start;
        T* yk = y + group.start;
        const T first = xk[0], m = T(group.size);

        T sum = 0;
        for (std::int64_t e = threadIdx.x; e < group.size; e += group_norm_threads)
            sum += xk[group_norm_offset(n, e)] - first;
        const T mu = first + block_reduce(sum, T(0), ReduceAdd{}, part) / m;
        T squares = 0;
        for (std::int64_t e = threadIdx.x; e < group.size; e += group_norm_threads) {
            const T d = xk[group_norm_offset(n, e)] - mu;
            squares += d * d;
        }
        const T var = block_reduce(squares, T(0), ReduceAdd{}, part) / m;
        const T r = T(1 / math::sqrt(double(var) + eps));
        if (threadIdx.x == 0) mean[k] = mu, rstd[k] = r;

        for (std::int64_t e = threadIdx.x; e < group.size; e += group_norm_threads) {
            const std::int64_t at = group_norm_offset(n, e), c = group.channel + e % n.width;
            yk[at] = (xk[at] - mu) * r * (w ? w[c] : T(1)) + (b ? b[c] : T(0));
        }
    }
}

template <class T>
__global__ void group_norm_backward_kernel(const T* x, const T* w, const T* mean, const T* rstd, const T* dy, T* dx,
                                           GroupNormShape n) {
    __shared__ T part[32];
    for (std::int64_t k = blockIdx.x; k < n.images * n.groups; k += gridDim.x) {
        const GroupNormGroup group = group_norm_group(n, k);
        const T mu = mean[k], r = rstd[k], m = T(group.size);

        T sum = 0, sum_x = 0;
        for (std::int64_t e = threadIdx.x; e < group.size; e += group_norm_threads) {
            const std::int64_t at = group.start + group_norm_offset(n, e);
            const T q = w ? w[group.channel + e % n.width] * dy[at] : dy[at];
            sum += q;
            sum_x += q * (x[at] - mu);
        }
        const T mean_q = block_reduce(sum, T(0), ReduceAdd{}, part) / m;
        const T slope = block_reduce(sum_x, T(0), ReduceAdd{}, part) / m * r * r;

        for (std::int64_t e = threadIdx.x; e < group.size; e += group_norm_threads) {
            const std::int64_t at = group.start + group_norm_offset(n, e);
            const T q = w ? w[group.channel + e % n.width] * dy[at] : dy[at];
            dx[at] = r * (q - mean_q - (x[at] - mu) * slope);
        }
    }
}

template <class T>
__global__ void group_norm_columns_kernel(const T* x, const T* mean, const T* rstd, const T* dy, double* part,
                                          GroupNormShape n, std::int64_t pieces) {
    __shared__ double sums[group_norm_rows][group_norm_columns], sums_x[group_norm_rows][group_norm_columns];
    const std::int64_t c = std::int64_t(blockIdx.x) * group_norm_columns + threadIdx.x, piece = blockIdx.y;
    const std::int64_t channels = n.groups * n.width, rows = n.images * n.pixels;
    const std::int64_t begin = rows * piece / pieces, end = rows * (piece + 1) / pieces;

    T sum = 0, sum_x = 0;
    if (c < channels) {
        for (std::int64_t row = begin + threadIdx.y; row < end; row += group_norm_rows) {
            const std::int64_t k = row / n.pixels * n.groups + c / n.width;
            const T d = dy[row * channels + c];
            sum += d;
            sum_x += d * ((x[row * channels + c] - mean[k]) * rstd[k]);
        }
    }
    sums[threadIdx.y][threadIdx.x] = double(sum), sums_x[threadIdx.y][threadIdx.x] = double(sum_x);
    __syncthreads();
    if (threadIdx.y != 0 || c >= channels) return;

    double total = 0, total_x = 0;
    for (int j = 0; j < group_norm_rows; ++j) total += sums[j][threadIdx.x], total_x += sums_x[j][threadIdx.x];
    part[2 * piece * channels + c] = total;
    part[(2 * piece + 1) * channels + c] = total_x;
}

template <class T>
__global__ void group_norm_finish_kernel(const double* part, T* dw, T* db, std::int64_t channels, std::int64_t pieces) {
    const std::int64_t c = std::int64_t(blockIdx.x) * group_norm_threads + threadIdx.x;
    if (c >= channels) return;
    double sum = 0, sum_x = 0;
    for (std::int64_t p = 0; p < pieces; ++p)
        sum += part[2 * p * channels + c], sum_x += part[(2 * p + 1) * channels + c];
    db[c] = T(sum);
    dw[c] = T(sum_x);
}

inline Launch groups_launch(const GroupNormShape& n) { return {grid_for(n.rows() > 0 ? n.images * n.groups : 0, 1), group_norm_threads}; }

}  // namespace VITRINE_GPU_NAMESPACE

template <class T>
void group_norm_forward(Gpu on, const T* x, const T* w, const T* b, T* y, T* mean, T* rstd, double eps,
                        GroupNormShape n, void*) {
    if (n.step != KernelStep::automatic)
        return layer_norm_step(on, LayerNormRows<T>{x, w, b, y, mean, rstd, eps, n.images, n.width}, n.step);
    launch<group_norm_forward_kernel<T>>(on, groups_launch(n), x, w, b, y, mean, rstd, eps, n);
}

template <class T>
void group_norm_backward(Gpu on, const T* x, const T* w, const T* mean, const T* rstd, const T* dy, T* dx, T* dw, T* db,
                         GroupNormShape n, void* workspace) {
    launch<group_norm_backward_kernel<T>>(on, groups_launch(n), x, w, mean, rstd, dy, dx, n);
    double* const part = static_cast<double*>(workspace);
    const std::int64_t channels = n.channels(), pieces = group_norm_gpu_pieces(n);
    const dim3 grid(grid_for(channels, group_norm_columns), static_cast<unsigned>(pieces));
    launch<group_norm_columns_kernel<T>>(on, {grid, dim3(group_norm_columns, group_norm_rows)}, x, mean, rstd, dy, part,
                                         n, pieces);
    launch<group_norm_finish_kernel<T>>(on, {grid_for(channels, group_norm_threads), group_norm_threads}, part, dw, db,
                                        channels, pieces);
}

template void group_norm_forward(Gpu, const float*, const float*, const float*, float*, float*, float*, double,
                                 GroupNormShape, void*);
template void group_norm_forward(Gpu, const double*, const double*, const double*, double*, double*, double*, double,
                                 GroupNormShape, void*);
template void group_norm_backward(Gpu, const float*, const float*, const float*, const float*, const float*, float*,
                                  float*, float*, GroupNormShape, void*);
template void group_norm_backward(Gpu, const double*, const double*, const double*, const double*, const double*,
                                  double*, double*, double*, GroupNormShape, void*);

}  // namespace vitrine::kernels

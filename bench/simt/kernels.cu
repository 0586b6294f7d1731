// grid    as each entry says
// block   256 threads, a square of 16 x 16 for matrices
#include "kernels.h"

#include "vitrine/kernels/base/gpu_reduce.h"

namespace vitrine::kernels {
inline namespace VITRINE_GPU_NAMESPACE {

__global__ void one_write_kernel(float* x) { x[blockIdx.x * blockDim.x + threadIdx.x] = 1; }

__global__ void barriers_kernel(int turns) {
    for (int turn = 0; turn < turns; ++turn) __syncthreads();
}

__global__ void scale_kernel(const float* x, float* y, int n) {
    const int i = static_cast<int>(blockIdx.x * blockDim.x + threadIdx.x);
    if (i < n) y[i] = 0.5f * x[i] + 1.0f;
}

__global__ void row_sum_kernel(const float* x, float* y, int cols) {
    __shared__ float part[32];
    const float* row = x + blockIdx.x * static_cast<unsigned>(cols);
    float sum = 0;
    for (int j = static_cast<int>(threadIdx.x); j < cols; j += static_cast<int>(blockDim.x)) sum += row[j];
    sum = block_reduce(sum, 0.0f, ReduceAdd{}, part);
    if (threadIdx.x == 0) y[blockIdx.x] = sum;
}

constexpr unsigned side = 16;

__global__ void transpose_kernel(const float* x, float* y, unsigned n) {
    __shared__ float tile[side][side + 1];
    tile[threadIdx.y][threadIdx.x] = x[(blockIdx.y * side + threadIdx.y) * n + blockIdx.x * side + threadIdx.x];
    __syncthreads();
    y[(blockIdx.x * side + threadIdx.y) * n + blockIdx.y * side + threadIdx.x] = tile[threadIdx.x][threadIdx.y];
}

__global__ void matmul_kernel(const float* a, const float* b, float* c, unsigned n) {
    __shared__ float as[side][side], bs[side][side];
    const unsigned row = blockIdx.y * side + threadIdx.y, col = blockIdx.x * side + threadIdx.x;
    float sum = 0;
    for (unsigned k = 0; k < n; k += side) {
        as[threadIdx.y][threadIdx.x] = a[row * n + k + threadIdx.x];
        bs[threadIdx.y][threadIdx.x] = b[(k + threadIdx.y) * n + col];
        __syncthreads();
        for (unsigned i = 0; i < side; ++i) sum += as[threadIdx.y][i] * bs[i][threadIdx.x];
        __syncthreads();
    }
    c[row * n + col] = sum;
}

}  // namespace VITRINE_GPU_NAMESPACE

template <class On>
void bench_threads(On on, float* x, unsigned blocks, unsigned threads) {
    launch<one_write_kernel>(on, {blocks, threads}, x);
}
template <class On>
void bench_barriers(On on, int turns, unsigned threads) {
    launch<barriers_kernel>(on, {1, threads}, turns);
}
template <class On>
void bench_mix(On on, float* x, float* y) {
    constexpr unsigned n = 128, tiles = n / side;
    static_assert(n * n == bench_mix_floats);
    launch<scale_kernel>(on, {bench_mix_floats / 256, 256}, x, y, bench_mix_floats);
    launch<row_sum_kernel>(on, {n, 128}, x, y, static_cast<int>(n));
    launch<transpose_kernel>(on, {dim3(tiles, tiles), dim3(side, side)}, x, y, n);
    launch<matmul_kernel>(on, {dim3(4, 4), dim3(side, side)}, x, x, y, n / 2);
}

template void bench_threads(Gpu, float*, unsigned, unsigned);
template void bench_barriers(Gpu, int, unsigned);
template void bench_mix(Gpu, float*, float*);

}  // namespace vitrine::kernels

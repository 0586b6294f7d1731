// Sums of rows and of a whole array: a tree in dynamic shared memory, warps with shuffles, and the
// block that finishes last. Run by programs.cpp:
//
// check plain => clean
// check -DNO_BARRIER => race @tree
// check -DNO_FENCE => race @partial @total
// check -DNO_ZERO => uninitialised @tree
#include <cuda_runtime.h>

#include <cstdio>
#include <vector>

template <class T>
__device__ T* dynamic_memory() {
    extern __shared__ __align__(16) unsigned char bytes[];
    return reinterpret_cast<T*>(bytes);
}

template <class T, int Threads>
__global__ void sum_rows(const T* __restrict__ x, T* __restrict__ sums, int cols) {
    T* part = dynamic_memory<T>();
    const int t = threadIdx.x;
    T sum = 0;
    for (int i = t; i < cols; i += Threads) sum += x[blockIdx.x * cols + i];
#ifdef NO_ZERO
    if (t < cols)
#endif
        part[t] = sum;
    __syncthreads();
#pragma unroll
    for (int half = Threads / 2; half > 0; half /= 2) {
        if (t < half) part[t] += part[t + half];  // @tree
#ifndef NO_BARRIER
        __syncthreads();
#endif
    }
    if (t == 0) sums[blockIdx.x] = part[0];
}

__device__ unsigned finished;

__global__ void sum_all(const float* x, float* partial, float* total, int n) {
    float sum = 0;
    for (int i = blockIdx.x * blockDim.x + threadIdx.x; i < n; i += gridDim.x * blockDim.x)
        sum += x[i];
    for (int offset = warpSize / 2; offset > 0; offset >>= 1)
        sum += __shfl_down_sync(0xffffffffu, sum, offset);
    __shared__ float of_warp[32];
    if (threadIdx.x % warpSize == 0) of_warp[threadIdx.x / warpSize] = sum;
    __syncthreads();
    if (threadIdx.x != 0) return;
    for (unsigned w = 1; w < blockDim.x / warpSize; ++w) sum += of_warp[w];
    partial[blockIdx.x] = sum;  // @partial
#ifndef NO_FENCE
    __threadfence();
#endif
    if (atomicInc(&finished, gridDim.x - 1) != gridDim.x - 1) return;
    sum = 0;
    for (unsigned b = 0; b < gridDim.x; ++b) sum += partial[b];  // @total
    *total = sum;
}

int main() {
    const int rows = 3, cols = 100, n = rows * cols;
    std::vector<float> x(n), sums(rows);
    for (int i = 0; i < n; ++i) x[i] = float(i % 7);
    float *d_x, *d_sums, *d_partial, *d_total, total = 0;
    cudaMalloc(&d_x, n * sizeof(float));
    cudaMalloc(&d_sums, rows * sizeof(float));
    cudaMalloc((void**)&d_partial, 4 * sizeof *d_partial);
    cudaMalloc(&d_total, sizeof(float));
    cudaMemcpy(d_x, x.data(), n * sizeof(float), cudaMemcpyHostToDevice);
    sum_rows<float, 128><<<rows, 128, 128 * sizeof(float)>>>(d_x, d_sums, cols);
    sum_all<<<4, 64>>>(d_x, d_partial, d_total, n);
    cudaMemcpy(sums.data(), d_sums, rows * sizeof(float), cudaMemcpyDeviceToHost);
    cudaMemcpy(&total, d_total, sizeof total, cudaMemcpyDeviceToHost);
    float want = 0;
    for (float v : x) want += v;
    const bool right = total == want && sums[0] + sums[1] + sums[2] == want;
    std::printf("%g of %g\n", total, want);
    return right ? 0 : 3;
}

// A matrix is transposed in tiles, in two streams, with pinned memory and events.
//
// check plain => clean
// check -DNO_BARRIER => race @load @store
// check -DSQUARE_ONLY => out_of_bounds @load
#include <cuda_runtime.h>
#include <stdio.h>
#include <stdlib.h>

#define CHECK(call)                                                                      \
    do {                                                                                 \
        cudaError_t error = (call);                                                      \
        if (error != cudaSuccess) {                                                      \
            fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, cudaGetErrorString(error)); \
            exit(4);                                                                     \
        }                                                                                \
    } while (0)

const int Tile = 16;

__global__ void __launch_bounds__(Tile* Tile) transpose(float* out, const float* in, int rows, int cols) {
    __shared__ float tile[Tile][Tile + 1];
    int x = blockIdx.x * Tile + threadIdx.x, y = blockIdx.y * Tile + threadIdx.y;
#ifdef SQUARE_ONLY
    const bool inside = true;
#else
    const bool inside = x < cols && y < rows;
#endif
    if (inside) tile[threadIdx.y][threadIdx.x] = in[y * cols + x];  // @load
#ifndef NO_BARRIER
    __syncthreads();
#endif
    x = blockIdx.y * Tile + threadIdx.x;
    y = blockIdx.x * Tile + threadIdx.y;
    if (x < rows && y < cols) out[y * rows + x] = tile[threadIdx.x][threadIdx.y];  // @store
}

int main(int argc, char** argv) {
    const int rows = argc > 1 ? atoi(argv[1]) : 40, cols = 24;
    const size_t bytes = rows * cols * sizeof(float);
    float *in, *out, *d_in, *d_out, ms = -1;
    CHECK(cudaMallocHost((void**)&in, bytes));
    CHECK(cudaHostAlloc(&out, bytes, cudaHostAllocDefault));
    CHECK(cudaMalloc(&d_in, bytes));
    CHECK(cudaMalloc(&d_out, bytes));
    for (int i = 0; i < rows * cols; ++i) in[i] = i;
    cudaStream_t streams[2];
    cudaEvent_t start, stop;
    for (cudaStream_t& s : streams) CHECK(cudaStreamCreate(&s));
    CHECK(cudaEventCreate(&start));
    CHECK(cudaEventCreate(&stop));
    CHECK(cudaEventRecord(start, streams[0]));
    CHECK(cudaMemcpyAsync(d_in, in, bytes, cudaMemcpyHostToDevice, streams[0]));
    dim3 block(Tile, Tile), grid((cols + Tile - 1) / Tile, (rows + Tile - 1) / Tile);
    transpose<<<grid, block, 0, streams[0]>>>(d_out, d_in, rows, cols);
    CHECK(cudaGetLastError());
    CHECK(cudaEventRecord(stop, streams[0]));
    CHECK(cudaStreamWaitEvent(streams[1], stop, 0));
    CHECK(cudaMemcpyAsync(out, d_out, bytes, cudaMemcpyDeviceToHost, streams[1]));
    CHECK(cudaStreamSynchronize(streams[1]));
    CHECK(cudaEventElapsedTime(&ms, start, stop));
    for (int y = 0; y < rows; ++y)
        for (int x = 0; x < cols; ++x)
            if (out[x * rows + y] != in[y * cols + x]) return 3;
    CHECK(cudaFreeHost(in));
    CHECK(cudaFreeHost(out));
    CHECK(cudaFree(d_in));
    CHECK(cudaFree(d_out));
    for (cudaStream_t s : streams) CHECK(cudaStreamDestroy(s));
    return ms >= 0 ? 0 : 3;
}

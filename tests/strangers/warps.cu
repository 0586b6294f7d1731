// What the lanes of a warp do together: votes, shuffles, cooperative groups, exchange through shared
// memory; and blocks that wait for each other.
//
// check plain => clean
// check -DBRANCH => warp @shuffle
// check -DNO_SYNCWARP => race @write @neighbour
#include <cooperative_groups.h>
#include <cooperative_groups/reduce.h>

#include <cstdio>

namespace cg = cooperative_groups;

/// The even numbers of x, in order: each warp packs its own.
__global__ void compact(const int* x, int* out, int n) {
    const int i = threadIdx.x, lane = i & 31;
    const bool keep = i < n && x[i] % 2 == 0;
    const unsigned kept = __ballot_sync(0xffffffff, keep);
    if (keep) out[(i & ~31) + __popc(kept & ((1u << lane) - 1))] = x[i];
}

__global__ void scan_warp(int* x) {
    int sum = x[threadIdx.x];
    for (int d = 1; d < 32; d *= 2) {
#ifdef BRANCH
        if ((threadIdx.x & 31) >= d) sum += __shfl_up_sync(0xffffffff, sum, d);  // @shuffle
#else
        const int before = __shfl_up_sync(0xffffffff, sum, d);
        if ((threadIdx.x & 31) >= d) sum += before;
#endif
    }
    x[threadIdx.x] = sum;
}

__global__ void rotate(int* x) {
    __shared__ volatile int s[64];
    const int t = threadIdx.x;
    s[t] = -1;
    __syncwarp();
    s[t] = x[t];  // @write
#ifndef NO_SYNCWARP
    __syncwarp();
#endif
    x[t] = s[(t & ~31) + (t + 1) % 32];  // @neighbour
}

__global__ void grouped_sum(const int* x, int* sums) {
    auto tile = cg::tiled_partition<16>(cg::this_thread_block());
    const int sum = cg::reduce(tile, x[threadIdx.x], cg::plus<int>());
    if (tile.thread_rank() == 0) sums[threadIdx.x / 16] = sum;
}

/// Each block writes, all wait, each block reads what its neighbour wrote.
__global__ void exchange(int* x, int* y) {
    cg::grid_group grid = cg::this_grid();
    if (threadIdx.x == 0) x[blockIdx.x] = blockIdx.x;
    grid.sync();
    if (threadIdx.x == 0) y[blockIdx.x] = x[(blockIdx.x + 1) % gridDim.x];
}

int main() {
    int *x, *y;
    cudaMallocManaged(&x, 64 * sizeof(int));
    cudaMallocManaged(&y, 64 * sizeof(int));
    for (int i = 0; i < 64; ++i) x[i] = i;
    compact<<<1, 64>>>(x, y, 64);
    cudaDeviceSynchronize();
    const bool packed = y[3] == 6 && y[32 + 15] == 62;
    rotate<<<1, 64>>>(x);
    cudaDeviceSynchronize();
    const bool rotated = x[0] == 1 && x[31] == 0;
    scan_warp<<<1, 64>>>(x);
    cudaDeviceSynchronize();
    const bool scanned = x[31] == 31 * 16;
    grouped_sum<<<1, 64>>>(x, y);
    void* arguments[] = {&x, &y};
    cudaLaunchCooperativeKernel((void*)exchange, dim3(4), dim3(32), arguments, 0, nullptr);
    cudaDeviceSynchronize();
    const bool exchanged = y[0] == 1 && y[3] == 0;
    std::printf("%d %d %d %d\n", packed, rotated, scanned, exchanged);
    return packed && rotated && scanned && exchanged ? 0 : 3;
}

// grid    any number of blocks that fit on the device at the same time
// block   any number of threads
#include "language.h"

#include "vitrine/kernels/base/gpu.h"
#include "vitrine/kernels/base/gpu_groups.h"

namespace vitrine::kernels {
inline namespace VITRINE_GPU_NAMESPACE {

namespace groups = cooperative_groups;

__global__ void grid_sync_kernel(const float* x, float* part, float* y, int n, int turns) {
    __shared__ float s[256];
    const auto grid = groups::this_grid();
    const int first = static_cast<int>(grid.thread_rank()), step = static_cast<int>(grid.size());
    float own = 0;
    for (int i = first; i < n; i += step) own += x[i];
    s[threadIdx.x] = own;
    __syncthreads();
    if (threadIdx.x == 0) {
        float sum = 0;
        for (unsigned i = 0; i < blockDim.x; ++i) sum += s[i];
        part[blockIdx.x] = sum;
    }
    grid.sync();
    float total = 0;
    for (unsigned b = 0; b < gridDim.x; ++b) total += part[b];
    for (int i = first; i < n; i += step) y[i] = x[i] / total;
    for (int turn = 0; turn < turns; ++turn) {
        s[threadIdx.x] = own + static_cast<float>(turn);
        grid.sync();
        if (s[threadIdx.x] != own + static_cast<float>(turn)) __trap();
    }
    // What one block alone has written stays, too.
    __shared__ int of_first[256];
    if (blockIdx.x == 0) of_first[threadIdx.x] = -1;
    grid.sync();
    if (blockIdx.x == 0 && of_first[threadIdx.x] != -1) __trap();
}

__global__ void chain_of_blocks_kernel(unsigned* turn, unsigned* order) {
    if (threadIdx.x != 0) return;
    const unsigned mine = gridDim.x - 1 - blockIdx.x;  // the last block comes first
    while (atomicAdd(turn, 0u) != mine) __nanosleep(100);
    __threadfence();
    order[mine] = blockIdx.x;
    __threadfence();
    atomicAdd(turn, 1u);
}

__device__ int largest_of(groups::thread_block_tile<8> tile, int value) {
    return groups::reduce(tile, value, groups::greater<int>());
}

__global__ void tiles_kernel(int* out) {
    const auto block = groups::this_thread_block();
    const auto tile = groups::tiled_partition<8>(block);
    const auto part = groups::tiled_partition<4>(tile);
    const int t = static_cast<int>(block.thread_rank());
    int* r = out + t * group_results;
    r[0] = static_cast<int>(tile.thread_rank());
    r[1] = static_cast<int>(tile.meta_group_rank());
    r[2] = tile.shfl(t, 3);
    r[3] = tile.shfl_up(t, 2);
    r[4] = tile.shfl_down(t, 2);
    r[5] = tile.shfl_xor(t, 5);
    r[6] = static_cast<int>(tile.ballot(t % 3 == 0));
    r[7] = tile.any(t == 12);
    r[8] = tile.all(t < 12);
    r[9] = groups::reduce(tile, t, groups::plus<int>());
    r[10] = groups::reduce(part, t, groups::greater<int>());
    r[11] = groups::inclusive_scan(tile, t);
    r[12] = groups::exclusive_scan(tile, t);
    r[13] = static_cast<int>(part.meta_group_rank());
    r[14] = static_cast<int>(tile.match_any(t / 3));
    int same = 0;
    r[15] = static_cast<int>(tile.match_all(t / 16, same)) + same;
    r[16] = static_cast<int>(__match_any_sync(0xffffffffu, t / 5));
    r[18] = largest_of(tile, t);
    const auto thirds = groups::binary_partition(tile, t % 3 == 0);
    r[19] = static_cast<int>(thirds.size() * 10 + thirds.thread_rank());
    r[17] = static_cast<int>(__match_all_sync(0xffffffffu, t, &same)) + same;
    tile.sync();
    block.sync();
}

__global__ void converged_kernel(unsigned* out) {
    const unsigned t = threadIdx.x;
    out[t * 4] = __activemask();
    unsigned branch = 0;
    if (t % 3 == 0) branch = __activemask();
    out[t * 4 + 1] = branch;
    out[t * 4 + 2] = out[t * 4 + 3] = 0;
    if (t % 2 == 0) {
        const auto together = groups::coalesced_threads();
        out[t * 4 + 2] = together.thread_rank();
        out[t * 4 + 3] = together.shfl(t, 1);
    }
}

}  // namespace VITRINE_GPU_NAMESPACE

template <class On>
void test_grid_sync(On on, const float* x, float* part, float* y, int n, int turns, int blocks,
                    int threads) {
    launch<grid_sync_kernel>(
        on, {static_cast<unsigned>(blocks), static_cast<unsigned>(threads), 0, true}, x, part, y, n,
        turns);
}
template <class On>
void test_chain_of_blocks(On on, unsigned* turn, unsigned* order, int blocks, bool cooperative) {
    launch<chain_of_blocks_kernel>(on, {static_cast<unsigned>(blocks), 32, 0, cooperative}, turn,
                                   order);
}
template <class On>
void test_tiles(On on, int* out, int threads) {
    launch<tiles_kernel>(on, {1, static_cast<unsigned>(threads)}, out);
}
template <class On>
void test_converged(On on, unsigned* out, int threads) {
    launch<converged_kernel>(on, {1, static_cast<unsigned>(threads)}, out);
}

template void test_grid_sync(Gpu, const float*, float*, float*, int, int, int, int);
template void test_chain_of_blocks(Gpu, unsigned*, unsigned*, int, bool);
template void test_tiles(Gpu, int*, int);
template void test_converged(Gpu, unsigned*, int);

}  // namespace vitrine::kernels

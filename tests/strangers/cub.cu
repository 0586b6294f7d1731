// Sums, scans and maxima by CUB.
//
// check plain => clean
// check -DNO_BARRIER => race @second
// check plain -DBRANCH => barrier @second
#include <cub/block/block_scan.cuh>
#include <cub/cub.cuh>

#include <vector>

constexpr int threads = 96;

using Best = cub::KeyValuePair<int, int>;

__global__ void sums(const int* x, int* out, Best* best) {
    using Reduce = cub::BlockReduce<int, threads>;
    using ReduceBest = cub::BlockReduce<Best, threads>;
    using Scan = cub::BlockScan<int, threads>;
    using WarpSum = cub::WarpReduce<int>;
    __shared__ typename Reduce::TempStorage storage;
    __shared__ typename ReduceBest::TempStorage storage_of_best;
    __shared__ typename Scan::TempStorage storage_of_scan;
    __shared__ typename WarpSum::TempStorage storage_of_warp[threads / 32];
    const int i = threadIdx.x;
    const int sum = Reduce(storage).Sum(x[i]);
#ifndef NO_BARRIER
    __syncthreads();
#endif
    int squares = 0;
#ifdef BRANCH
    if (i < 64)
#endif
        squares = Reduce(storage).Reduce(x[i] * x[i], cub::Sum());  // @second
    const Best greatest = ReduceBest(storage_of_best).Reduce(Best{i, x[i]}, cub::ArgMax());
    int before, all;
    Scan(storage_of_scan).ExclusiveSum(x[i], before, all);
    const int of_warp = WarpSum(storage_of_warp[i / 32]).Sum(x[i]);
    out[4 + i] = before;
    if (i == 0) {
        out[0] = sum;
        out[1] = squares;
        out[2] = all;
        *best = greatest;
    }
    if (i == 32) out[3] = of_warp;
}

int main() {
    std::vector<int> x(threads), out(4 + threads), scanned(threads);
    for (int i = 0; i < threads; ++i) x[i] = i == 17 ? 1000 : i % 5;
    int *x_device, *out_device, *scanned_device;
    Best *best_device, best;
    cudaMalloc(&x_device, threads * sizeof(int));
    cudaMalloc(&scanned_device, threads * sizeof(int));
    cudaMalloc(&out_device, out.size() * sizeof(int));
    cudaMalloc(&best_device, sizeof(Best));
    cudaMemcpy(x_device, x.data(), threads * sizeof(int), cudaMemcpyHostToDevice);
    sums<<<1, threads>>>(x_device, out_device, best_device);
    if (cudaDeviceSynchronize() != cudaSuccess) return 0;  // as BRANCH and NO_BARRIER expect
    cudaMemcpy(out.data(), out_device, out.size() * sizeof(int), cudaMemcpyDeviceToHost);
    cudaMemcpy(&best, best_device, sizeof(Best), cudaMemcpyDeviceToHost);
    int sum = 0, squares = 0, of_warp = 0;
    for (int i = 0; i < threads; ++i) {
        if (out[4 + i] != sum) return 1;
        sum += x[i];
        squares += x[i] * x[i];
        if (i / 32 == 1) of_warp += x[i];
    }
    if (out[0] != sum || out[1] != squares || out[2] != sum || out[3] != of_warp) return 2;
    if (best.key != 17 || best.value != 1000) return 3;

    void* storage = nullptr;
    std::size_t bytes = 0;
    cub::DeviceScan::InclusiveSum(storage, bytes, x_device, scanned_device, threads);
    cudaMalloc(&storage, bytes);
    cub::DeviceScan::InclusiveSum(storage, bytes, x_device, scanned_device, threads);
    cudaMemcpy(scanned.data(), scanned_device, threads * sizeof(int), cudaMemcpyDeviceToHost);
    if (scanned[threads - 1] != sum) return 4;
    cub::DeviceReduce::Max(storage, bytes, x_device, out_device, threads);
    cudaMemcpy(out.data(), out_device, sizeof(int), cudaMemcpyDeviceToHost);
    return out[0] == 1000 ? 0 : 5;
}

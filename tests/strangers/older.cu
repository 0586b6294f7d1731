// What programs of older compute capabilities do, and what only looks wrong.
//
// check plain => clean
// check -DVECTOR_OF_OWN => clean
// check plain -DHOST_OVERFLOW => clean
#include <climits>
#include <cstdio>
#include <math.h>

__device__ float lerp(float a, float b, float t) { return a + t * (b - a); }

/// Warp operations without a mask.
__global__ void warp_sums(const float* x, float* sums, unsigned* even) {
    float sum = lerp(0.0f, x[threadIdx.x], 1.0f);
    for (int distance = 16; distance > 0; distance /= 2) sum += __shfl_down(sum, distance);
    const float of_all = __shfl(sum, 0);
    if (__all(of_all == __shfl_xor(of_all, 1)) && threadIdx.x % 32 == 0) sums[threadIdx.x / 32] = sum;
    if (__any(threadIdx.x % 2)) even[threadIdx.x] = __ballot(threadIdx.x % 2 == 0);
}

/// An array of the thread's own, copied by vectors: nvcc aligns it.
__global__ void copy_by_vectors(const float* x, float* y) {
    struct {
        float first, pair[2];
    } own;
    float* pair = own.pair;
    *reinterpret_cast<float2*>(pair) = reinterpret_cast<const float2*>(x)[threadIdx.x];
    y[threadIdx.x] = pair[0] + pair[1];
}

int main(int count, char**) {
    int spoilt = INT_MAX;
#ifdef HOST_OVERFLOW
    spoilt += count;  // the host's code is not judged
#endif
    float x[64], sums[2], *x_device, *sums_device;
    unsigned even[64], *even_device;
    for (int i = 0; i < 64; ++i) x[i] = float(i);
    cudaMalloc(&x_device, sizeof x);
    cudaMalloc(&sums_device, sizeof sums);
    cudaMalloc(&even_device, sizeof even);
    cudaMemcpy(x_device, x, sizeof x, cudaMemcpyHostToDevice);
    warp_sums<<<1, 64>>>(x_device, sums_device, even_device);
    cudaMemcpy(sums, sums_device, sizeof sums, cudaMemcpyDeviceToHost);
    cudaMemcpy(even, even_device, sizeof even, cudaMemcpyDeviceToHost);
    if (sums[0] != 496 || sums[1] != 1520 || even[33] != 0x55555555u) return 1;
#ifdef VECTOR_OF_OWN
    copy_by_vectors<<<1, 32>>>(x_device, reinterpret_cast<float*>(even_device));
    if (cudaDeviceSynchronize() != cudaSuccess) return 2;
#endif
    cudaSharedMemConfig banks;
    cudaDeviceGetSharedMemConfig(&banks);
    return banks == cudaSharedMemBankSizeFourByte && spoilt != 0 ? 0 : 3;
}

// A product of matrices in half precision on tensor cores, its factors copied asynchronously, and a
// count of lanes by whichever run together.
// check plain => clean
// check -DNO_WAIT => uninitialised @load
// check -DNO_BARRIER => race @sum @read
#include <cassert>
#include <cooperative_groups.h>
#include <cooperative_groups/memcpy_async.h>
#include <cooperative_groups/scan.h>
#include <cstdio>
#include <cuda_bf16.h>
#include <cuda_fp16.h>
#include <cuda_pipeline.h>
#include <mma.h>
#include <vector>

namespace cg = cooperative_groups;
using namespace nvcuda;

__device__ unsigned lanes_counted;

__global__ void product(const half* a, const half* b, float* c) {
    __shared__ __align__(32) half a_near[256];
    __shared__ __align__(32) half b_near[256];
    const cg::thread_block block = cg::this_thread_block();
    cg::memcpy_async(block, a_near, a, sizeof a_near);
    for (unsigned i = threadIdx.x; i < 32; i += blockDim.x)
        __pipeline_memcpy_async(b_near + 8 * i, b + 8 * i, 16);
    __pipeline_commit();
#ifndef NO_WAIT
    cg::wait(block);
#endif
    wmma::fragment<wmma::matrix_a, 16, 16, 16, half, wmma::row_major> a_part;
    wmma::fragment<wmma::matrix_b, 16, 16, 16, half, wmma::row_major> b_part;
    wmma::fragment<wmma::accumulator, 16, 16, 16, float> sum;
    wmma::fill_fragment(sum, 0.0f);
    wmma::load_matrix_sync(a_part, a_near, 16);  // @load
    wmma::load_matrix_sync(b_part, b_near, 16);
    wmma::mma_sync(sum, a_part, b_part, sum);
    wmma::store_matrix_sync(c, sum, 16, wmma::mem_row_major);
}

__global__ void largest(const __nv_bfloat162* x, __nv_bfloat16* result, int n) {
    __shared__ float best[32];
    const unsigned t = threadIdx.x;
    __nv_bfloat16 own = __float2bfloat16(-1e30f);
    for (int i = static_cast<int>(t); i < n; i += 32) {
        own = __hmax(own, __hmax(__low2bfloat16(x[i]), __high2bfloat16(x[i])));
    }
    best[t] = __bfloat162float(own);  // @sum
#ifndef NO_BARRIER
    __syncthreads();
#endif
    if (t == 0) {
        for (int i = 1; i < 32; ++i) best[0] = fmaxf(best[0], best[i]);  // @read
        *result = __float2bfloat16(best[0]);
    }
}

__global__ void count_lanes(int n) {
    if (static_cast<int>(threadIdx.x) >= n) return;
    const unsigned active = __activemask();
    const auto together = cg::coalesced_threads();
    assert(__popc(active) == static_cast<int>(together.size()));
    if (together.thread_rank() == 0) atomicAdd(&lanes_counted, together.size());
}

int main() {
    std::vector<half> a(256), b(256);
    std::vector<float> c(256);
    for (int i = 0; i < 256; ++i) {
        a[i] = __float2half(static_cast<float>(i % 7));
        b[i] = __float2half(static_cast<float>(i % 5));
    }
    half *a_there, *b_there;
    float* c_there;
    cudaMalloc(&a_there, 512);
    cudaMalloc(&b_there, 512);
    cudaMalloc(&c_there, 1024);
    cudaMemcpy(a_there, a.data(), 512, cudaMemcpyHostToDevice);
    cudaMemcpy(b_there, b.data(), 512, cudaMemcpyHostToDevice);
    product<<<1, 32>>>(a_there, b_there, c_there);
    cudaMemcpy(c.data(), c_there, 1024, cudaMemcpyDeviceToHost);
    int wrong = 0;
    for (int i = 0; i < 16; ++i)
        for (int j = 0; j < 16; ++j) {
            float sum = 0;
            for (int k = 0; k < 16; ++k)
                sum += __half2float(a[16 * i + k]) * __half2float(b[16 * k + j]);
            wrong += c[16 * i + j] != sum;
        }

    std::vector<__nv_bfloat162> x(100);
    for (int i = 0; i < 100; ++i)
        x[i] = __floats2bfloat162_rn(static_cast<float>(i), static_cast<float>(-i));
    __nv_bfloat162* x_there;
    __nv_bfloat16* result;
    cudaMalloc(&x_there, 400);
    cudaMalloc(&result, 2);
    cudaMemcpy(x_there, x.data(), 400, cudaMemcpyHostToDevice);
    largest<<<1, 32>>>(x_there, result, 100);
    __nv_bfloat16 found;
    cudaMemcpy(&found, result, 2, cudaMemcpyDeviceToHost);
    wrong += __bfloat162float(found) != 99.0f;

    unsigned counted = 0;
    cudaMemcpyToSymbol(lanes_counted, &counted, sizeof counted);
    count_lanes<<<1, 64>>>(50);
    cudaMemcpyFromSymbol(&counted, lanes_counted, sizeof counted);
    wrong += counted != 50;
    std::printf("%d wrong\n", wrong);
    return wrong ? 1 : 0;
}

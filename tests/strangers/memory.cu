// Memory that is not what the program takes it for: the program goes on after each.
//
// check => uninitialised @sum, out_of_bounds @end, use_after_free @freed, host_pointer @host,
//          misaligned @vector, host_access @peek, call @long, call @twice, call @direction, call @pitch
// check plain -DCALLS_ONLY => call @long, call @twice, call @direction, call @pitch
// check -DFOLLOWERS => race @all, call @long, call @twice, call @direction, call @pitch
#include <cstdio>

__global__ void sum(const float* x, float* out, int n) {
    float s = 0;
    for (int i = 0; i < n; ++i) s += x[i];  // @sum
    *out = s;
}
__global__ void fill_to(float* values, int n) {
    const int i = blockIdx.x * blockDim.x + threadIdx.x;
    if (i <= n) values[i] = 1;  // @end
}
__global__ void fill_freed(float* gone) { gone[threadIdx.x] = 2; }      // @freed
__global__ void fill_host(float* hosts) { hosts[threadIdx.x] = 3; }     // @host
__global__ void fill_vector(float* row) {
    *reinterpret_cast<float4*>(row + 1) = make_float4(0, 1, 2, 3);  // @vector
}
// Both threads' sums; then a kernel that reads what the first one was ended before it wrote.
__global__ void both(const float* in, float* sums) {
    sums[0] += in[threadIdx.x];  // @all
    __syncthreads();
    sums[1 + threadIdx.x] = in[threadIdx.x];
}
__global__ void after(const float* sums, float* out) { out[threadIdx.x] = sums[1 + threadIdx.x]; }

int main() {
    float *x, *out, *gone, host[32] = {};
    cudaMalloc(&x, 32 * sizeof(float));
    cudaMalloc(&out, sizeof(float));
    cudaMalloc(&gone, 32 * sizeof(float));
    cudaFree(gone);
#ifdef FOLLOWERS
    cudaMemset(x, 0, 32 * sizeof(float));
    float* sums;
    cudaMalloc(&sums, 3 * sizeof(float));
    cudaMemset(sums, 0, sizeof(float));
    both<<<1, 2>>>(x, sums);
    after<<<1, 2>>>(sums, x);
#elif !defined(CALLS_ONLY)
    sum<<<1, 1>>>(x, out, 32);
    fill_to<<<1, 64>>>(x, 32);
    fill_freed<<<1, 32>>>(gone);
    fill_host<<<1, 32>>>(host);
    fill_vector<<<1, 1>>>(x);
    std::printf("%g\n", x[3]);  // @peek
#endif
    cudaMemcpy(x, host, 33 * sizeof(float), cudaMemcpyHostToDevice);  // @long
    cudaFree(gone);                                                   // @twice
    cudaMemcpy(x, host, sizeof host, cudaMemcpyDeviceToHost);         // @direction
    cudaMemcpy2D(x, 16, host, 8, 12, 2, cudaMemcpyHostToDevice);      // @pitch
    return cudaGetLastError() == cudaSuccess ? 3 : 0;
}

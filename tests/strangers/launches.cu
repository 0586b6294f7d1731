// Everything that a launch can look like. "k<<<1, 2>>>(x)" in a string and in a comment is none:
// k<<<1, 2>>>(x).
//
// check plain => clean
#include <cuda.h>
#include <cuda_runtime.h>
#include <device_launch_parameters.h>

#include <cstdio>

#ifndef __CUDACC__
#error "a CUDA compiler compiles this"
#endif
#if __CUDA_ARCH__ >= 600
#define HAS_ATOMIC_DOUBLE 1
#endif

__device__ int counter;
__managed__ int total = 5;
__constant__ float weights[2] = {1.5f, 2.5f};
__device__ double precise;

struct Pair {
    int a, b;
};

template <class T, int N, bool Twice = false>
__global__ void add(T* x, T value, int n) {
    const int i = blockIdx.x * N + threadIdx.x;
    if (i < n) x[i] += Twice ? 2 * value : value;
}
template <class T>
__global__ void scale(T* x, T factor, const int n) {
    for (int i = threadIdx.x; i < n; i += blockDim.x) x[i] *= factor;
}
__global__ void scale(int* x, Pair p) { x[threadIdx.x] = x[threadIdx.x] * p.a + p.b; }
namespace inner {
extern "C" __global__ void count(const float* x) {
    if (x == nullptr) atomicAdd(&counter, 1);
}
}  // namespace inner
__global__ void weigh(float* x) {
    extern volatile __shared__ float first[], second[];
    extern __shared__ Pair pairs[];
    first[threadIdx.x] = weights[threadIdx.x % 2];
    __syncthreads();
    if (threadIdx.x == 0) x[0] = second[0] + first[1] + (sizeof pairs[0] == 8);
    if (threadIdx.x == 1) atomicAdd(&precise, 0.5);
}
__device__ __noinline__ static float twice(float x) { return 2 * x; }
__global__ static void apply(float* x) { x[threadIdx.x] = twice(x[threadIdx.x]); }

#define LAUNCH(kernel, blocks, ...) \
    kernel<<<blocks, 32>>>(__VA_ARGS__)
#define LAUNCH_ADD(T, x) add<T, 32><<<1, 32>>>(x, T(1), 32)

template <class T>
void add_all(T* x) {
    add<T, (32 > 16 ? 32 : 16)><<<1, 32>>>(x, T(1), 32);
    add<T, 32, true><<<dim3(1, 1), dim3(32), 0, 0>>>(x, 1, 32);
}

struct Runner {
    void (*kernel)(float*);
    void run(float* x) { kernel<<<1, 32>>>(x), this->kernel<<<1, 32>>>(x); }
};

static dim3 shape(int n) { return dim3(n); }

int main() {
    float* x;
    int* y;
    cudaMallocManaged(&x, 32 * sizeof(float));
    cudaMallocManaged(&y, 32 * sizeof(int));
    for (int i = 0; i < 32; ++i) x[i] = 1, y[i] = i;
    add_all(x);                       // 4
    LAUNCH_ADD(float, x);             // 5
    scale<<<1, 32>>>(x, 2.0f, 32); scale<<<1, 32>>>(y, Pair{2, 1});  // 10
    LAUNCH(scale, 1, x, 0.5f, 32);    // 5
    LAUNCH(apply, 1 + (0 >> 2), x);   // 10
    Runner{apply}.run(x);             // 40
    inner::count<<<2,
                   shape(3)>>>(NULL);
    ::inner::count<<<1, 1>>>(nullptr);
    void (*const kernels[])(float*) = {apply, weigh};
    (*kernels)<<<1, 32>>>(x);         // 80
    float factor = 0.25f;
    int n = 32;
    void* arguments[] = {&x, &factor, &n};
    cudaLaunchKernel((const void*)scale<float>, dim3(1), dim3(32), arguments, 0, 0);  // 20
    cudaDeviceSynchronize();
    const bool scaled = x[0] == 20 && x[31] == 20 && y[3] == 7;
    kernels[1]<<<1, 32, 32 * sizeof(float)>>>(x);
    int calls = 0;
    double half = 0;
    cudaMemcpyFromSymbol(&calls, counter, sizeof calls);
    cudaMemcpyFromSymbol(&half, precise, sizeof half, 0, cudaMemcpyDeviceToHost);
    int device = -1, *null = 0;
    cudaDeviceProp properties;
    cudaGetDevice(&device);
    cudaGetDeviceProperties(&properties, device);
    std::printf("%s: %g %d %g %s\n", properties.name, x[0], calls, half, "k<<<1, 2>>>(x)");
    cudaFree(null);
    const bool right = scaled && x[0] == 5 && calls == 7 && half == 0.5 && total == 5;
    return right && properties.warpSize == warpSize && HAS_ATOMIC_DOUBLE ? 0 : 3;
}

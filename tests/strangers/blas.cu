// Programs that compare their kernels with cuBLAS.
//
// check plain => clean
// check plain -DSHORT => call @operand
// check plain -DHOSTS => call @operand
// check -DON_DEVICE => clean
// check -DON_DEVICE -DARRAY_OF_HOST => call @batch
#include <cublasLt.h>
#include <cublas_v2.h>
#include <cuda_fp16.h>

#include <cmath>
#include <vector>

constexpr int m = 5, n = 3, k = 4;

template <class T>
T* on_device(const std::vector<T>& values) {
    T* memory;
    cudaMalloc(&memory, values.size() * sizeof(T));
    cudaMemcpy(memory, values.data(), values.size() * sizeof(T), cudaMemcpyHostToDevice);
    return memory;
}

template <class T>
std::vector<T> on_host(const T* memory, int count) {
    std::vector<T> values(count);
    cudaMemcpy(values.data(), memory, count * sizeof(T), cudaMemcpyDeviceToHost);
    return values;
}

/// c[i + j m] = 2 sum over l of a(i, l) b(l, j) + 3, row by row and column by column.
__global__ void product(const float* a, const float* b, float* c) {
    const int i = threadIdx.x, j = threadIdx.y;
    float sum = 0;
    for (int l = 0; l < k; ++l) sum += a[i + l * m] * b[j + l * n];
    c[i + j * m] = 2 * sum + 3;
}

int main() {
    std::vector<float> a(m * k), b(k * n), ones(m * n, 1.0f);
    for (int i = 0; i < m * k; ++i) a[i] = float(i % 7) - 2;
    for (int i = 0; i < k * n; ++i) b[i] = float(i % 5) - 1;
    float *a_device = on_device(a), *b_device = on_device(b), *mine = on_device(ones), *theirs = on_device(ones);
    product<<<1, dim3(m, n)>>>(a_device, b_device, mine);

    cublasHandle_t handle;
    cublasLtHandle_t unused;
    if (cublasCreate(&handle) != CUBLAS_STATUS_SUCCESS || cublasLtCreate(&unused) != CUBLAS_STATUS_SUCCESS) return 1;
    const float alpha = 2, beta = 3;
#if defined(SHORT)
    float* c = theirs + 1;
#elif defined(HOSTS)
    float* c = ones.data();
#else
    float* c = theirs;
#endif
    const auto status = cublasSgemm(  // @operand
        handle, CUBLAS_OP_N, CUBLAS_OP_T, m, n, k, &alpha, a_device, m, b_device, n, &beta, c, m);
    if (c != theirs) return status == CUBLAS_STATUS_INVALID_VALUE ? 0 : 2;
    if (on_host(mine, m * n) != on_host(theirs, m * n)) return 3;

    // The same in half precision, whose numbers are small enough to be exact; y = -y; |y|.
    std::vector<__half> a_half(a.begin(), a.end()), b_half(b.begin(), b.end());
    __half *a16 = on_device(a_half), *b16 = on_device(b_half);
    cudaMemcpy(theirs, ones.data(), m * n * sizeof(float), cudaMemcpyHostToDevice);
    cublasGemmEx(handle, CUBLAS_OP_N, CUBLAS_OP_T, m, n, k, &alpha, a16, CUDA_R_16F, m, b16, CUDA_R_16F, n, &beta,
                 theirs, CUDA_R_32F, m, CUBLAS_COMPUTE_32F, CUBLAS_GEMM_DEFAULT);
    const float minus = -1;
    float norm, largest;
    int where;
    cublasSaxpy(handle, m * n, &minus, mine, 1, theirs, 1);
    cublasSnrm2(handle, m * n, theirs, 1, &norm);
    if (norm != 0) return 4;
    cublasIsamax(handle, m, mine, 1, &where);
    largest = 0;
    for (const float x : on_host(mine, m)) largest = std::fmax(largest, std::fabs(x));
    if (std::fabs(on_host(mine, m)[where - 1]) != largest) return 5;

#ifdef ON_DEVICE
    // Factors, a result, and where matrices lie, in the memory of the device: two products at once.
    cublasSetPointerMode(handle, CUBLAS_POINTER_MODE_DEVICE);
    float *two = on_device(std::vector<float>{2}), *three = on_device(std::vector<float>{3}), *sum = on_device(std::vector<float>{0});
    const std::vector<const float*> all_a{a_device, a_device}, all_b{b_device, b_device};
    const std::vector<float*> all_c{theirs, on_device(ones)};
    cudaMemcpy(theirs, ones.data(), m * n * sizeof(float), cudaMemcpyHostToDevice);
    const float** as = on_device(all_a);
#ifdef ARRAY_OF_HOST
    const float* const* bs = all_b.data();
#else
    const float* const* bs = on_device(all_b);
#endif
    const auto batch = cublasSgemmBatched(  // @batch
        handle, CUBLAS_OP_N, CUBLAS_OP_T, m, n, k, two, as, m, bs, n, three, on_device(all_c), m, 2);
    if (batch != CUBLAS_STATUS_SUCCESS) return 0;  // as ARRAY_OF_HOST expects
    for (const float* c : all_c)
        if (on_host(c, m * n) != on_host(mine, m * n)) return 6;
    cublasSasum(handle, m * n, all_c[1], 1, sum);
    if (on_host(sum, 1)[0] <= 0) return 7;
#endif

    cublasDestroy(handle);
    cublasLtDestroy(unused);
    for (void* memory : {(void*)a_device, (void*)b_device, (void*)mine, (void*)theirs, (void*)a16, (void*)b16})
        cudaFree(memory);
    return 0;
}

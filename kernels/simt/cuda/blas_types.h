// The types of cuBLAS, and products whose operands are told apart at run time: for
// include/cublas_v2.h.
#pragma once

#include "vitrine/kernels/simt/half_functions.h"

#include "blas.h"
#include "host_access.h"
#include "vitrine/kernels/simt/cuda/include/library_types.h"

using cublasHandle_t = struct VitrineCublas*;

enum cublasStatus_t {
    CUBLAS_STATUS_SUCCESS = 0,
    CUBLAS_STATUS_NOT_INITIALIZED = 1,
    CUBLAS_STATUS_ALLOC_FAILED = 3,
    CUBLAS_STATUS_INVALID_VALUE = 7,
    CUBLAS_STATUS_ARCH_MISMATCH = 8,
    CUBLAS_STATUS_MAPPING_ERROR = 11,
    CUBLAS_STATUS_EXECUTION_FAILED = 13,
    CUBLAS_STATUS_INTERNAL_ERROR = 14,
    CUBLAS_STATUS_NOT_SUPPORTED = 15,
    CUBLAS_STATUS_LICENSE_ERROR = 16
};
enum cublasOperation_t { CUBLAS_OP_N, CUBLAS_OP_T, CUBLAS_OP_C };
enum cublasPointerMode_t { CUBLAS_POINTER_MODE_HOST, CUBLAS_POINTER_MODE_DEVICE };
enum cublasAtomicsMode_t { CUBLAS_ATOMICS_NOT_ALLOWED, CUBLAS_ATOMICS_ALLOWED };
enum cublasMath_t {
    CUBLAS_DEFAULT_MATH = 0,
    CUBLAS_TENSOR_OP_MATH = 1,
    CUBLAS_PEDANTIC_MATH = 2,
    CUBLAS_TF32_TENSOR_OP_MATH = 3,
    CUBLAS_MATH_DISALLOW_REDUCED_PRECISION_REDUCTION = 16
};
enum cublasComputeType_t {
    CUBLAS_COMPUTE_16F = 64,
    CUBLAS_COMPUTE_16F_PEDANTIC = 65,
    CUBLAS_COMPUTE_32F = 68,
    CUBLAS_COMPUTE_32F_PEDANTIC = 69,
    CUBLAS_COMPUTE_64F = 70,
    CUBLAS_COMPUTE_32I = 72,
    CUBLAS_COMPUTE_32F_FAST_16F = 74,
    CUBLAS_COMPUTE_32F_FAST_16BF = 75,
    CUBLAS_COMPUTE_32F_FAST_TF32 = 77
};
enum cublasGemmAlgo_t {
    CUBLAS_GEMM_DEFAULT = -1,
    CUBLAS_GEMM_ALGO0 = 0,
    CUBLAS_GEMM_DEFAULT_TENSOR_OP = 99
};
constexpr cublasGemmAlgo_t CUBLAS_GEMM_DFALT = CUBLAS_GEMM_DEFAULT;

namespace vitrine_cuda::blas {

inline cublasStatus_t status(bool done) {
    return done ? CUBLAS_STATUS_SUCCESS : CUBLAS_STATUS_INVALID_VALUE;
}

/// A factor, which may lie on the device (CUBLAS_POINTER_MODE_DEVICE).
template <class T>
T get(const T* factor) {
    const EmulatorRuns here;
    return *factor;
}

template <class T>
Operand<T> operand(const T* data, int ld, cublasOperation_t how = CUBLAS_OP_N) {
    return {data, ld, how != CUBLAS_OP_N};
}

/// `count` products, whose operands lie where three arrays of pointers say, which the device has.
template <class In, class Out, class Sum>
cublasStatus_t gemm_each(Call call, cublasOperation_t how_a, cublasOperation_t how_b, int m, int n,
                         int k, Sum alpha, const In* const* a, int lda, const In* const* b, int ldb,
                         Sum beta, Out* const* c, int ldc, int count) {
    const EmulatorRuns here;
    const auto bytes = static_cast<std::size_t>(count < 0 ? 0 : count) * sizeof(void*);
    if (!is_device(call, a, bytes, "array of matrices A") ||
        !is_device(call, b, bytes, "array of matrices B") ||
        !is_device(call, c, bytes, "array of matrices C"))
        return CUBLAS_STATUS_INVALID_VALUE;
    for (int i = 0; i < count; ++i)
        if (!gemm(call, m, n, k, alpha, operand(a[i], lda, how_a), operand(b[i], ldb, how_b), beta,
                  c[i], ldc))
            return CUBLAS_STATUS_INVALID_VALUE;
    return CUBLAS_STATUS_SUCCESS;
}

/// `count` products, whose operands follow each other at a distance.
template <class In, class Out, class Sum>
cublasStatus_t gemm_strided(Call call, cublasOperation_t how_a, cublasOperation_t how_b, int m,
                            int n, int k, Sum alpha, const In* a, int lda, long long step_a,
                            const In* b, int ldb, long long step_b, Sum beta, Out* c, int ldc,
                            long long step_c, int count) {
    for (int i = 0; i < count; ++i)
        if (!gemm(call, m, n, k, alpha, operand(a + i * step_a, lda, how_a),
                  operand(b + i * step_b, ldb, how_b), beta, c + i * step_c, ldc))
            return CUBLAS_STATUS_INVALID_VALUE;
    return CUBLAS_STATUS_SUCCESS;
}

/// The same for operands whose types are known by their numbers.
template <class In, class Out, class Factor, class Sum>
cublasStatus_t gemm_as(Call call, cublasOperation_t how_a, cublasOperation_t how_b, int m, int n,
                       int k, const void* alpha, const void* a, int lda, long long step_a,
                       const void* b, int ldb, long long step_b, const void* beta, void* c,
                       int ldc, long long step_c, int count) {
    return gemm_strided(call, how_a, how_b, m, n, k, Sum(get(static_cast<const Factor*>(alpha))),
                        static_cast<const In*>(a), lda, step_a, static_cast<const In*>(b), ldb,
                        step_b, Sum(get(static_cast<const Factor*>(beta))), static_cast<Out*>(c),
                        ldc, step_c, count);
}

inline cublasStatus_t gemm_of_types(Call call, cublasOperation_t how_a, cublasOperation_t how_b,
                                    int m, int n, int k, const void* alpha, const void* a,
                                    cudaDataType type_a, int lda, long long step_a, const void* b,
                                    cudaDataType type_b, int ldb, long long step_b,
                                    const void* beta, void* c, cudaDataType type_c, int ldc,
                                    long long step_c, int count, cublasComputeType_t compute) {
    const auto as = [&](auto run) {
        return run(call, how_a, how_b, m, n, k, alpha, a, lda, step_a, b, ldb, step_b, beta, c, ldc,
                   step_c, count);
    };
    const auto types = [&](cudaDataType in, cudaDataType out) {
        return type_a == in && type_b == in && type_c == out;
    };
    const bool half_factors =
        compute == CUBLAS_COMPUTE_16F || compute == CUBLAS_COMPUTE_16F_PEDANTIC;
    if (types(CUDA_R_32F, CUDA_R_32F)) return as(gemm_as<float, float, float, float>);
    if (types(CUDA_R_64F, CUDA_R_64F)) return as(gemm_as<double, double, double, double>);
    if (types(CUDA_R_16F, CUDA_R_32F)) return as(gemm_as<__half, float, float, float>);
    if (types(CUDA_R_16F, CUDA_R_16F))
        return half_factors ? as(gemm_as<__half, __half, __half, float>)
                            : as(gemm_as<__half, __half, float, float>);
    if (types(CUDA_R_16BF, CUDA_R_32F)) return as(gemm_as<__nv_bfloat16, float, float, float>);
    if (types(CUDA_R_16BF, CUDA_R_16BF))
        return as(gemm_as<__nv_bfloat16, __nv_bfloat16, float, float>);
    if (types(CUDA_R_8I, CUDA_R_32I))
        return as(gemm_as<std::int8_t, std::int32_t, std::int32_t, std::int32_t>);
    return CUBLAS_STATUS_NOT_SUPPORTED;
}

}  // namespace vitrine_cuda::blas

namespace vitrine_blas = vitrine_cuda::blas;

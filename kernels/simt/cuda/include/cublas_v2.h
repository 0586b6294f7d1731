// cuBLAS, as far as programs use it to compare their own kernels with: vectors, products of
// matrices, single, double and half. Names and parameters are those of NVIDIA's manual; what each
// does stands in blas.h. Everything is complete when the call returns.
#pragma once
#include "vitrine/kernels/simt/cuda/prelude.h"

#include "vitrine/kernels/simt/cuda/blas_types.h"

#define CUBLAS_API_H_  // helper_cuda.h looks for it

inline cublasStatus_t cublasCreate(cublasHandle_t* handle) {
    static char handles;
    *handle = reinterpret_cast<cublasHandle_t>(&handles);
    return CUBLAS_STATUS_SUCCESS;
}
inline cublasStatus_t cublasDestroy(cublasHandle_t) { return CUBLAS_STATUS_SUCCESS; }
inline cublasStatus_t cublasSetStream(cublasHandle_t, cudaStream_t) {
    return CUBLAS_STATUS_SUCCESS;
}
inline cublasStatus_t cublasSetMathMode(cublasHandle_t, cublasMath_t) {
    return CUBLAS_STATUS_SUCCESS;
}
inline cublasStatus_t cublasSetAtomicsMode(cublasHandle_t, cublasAtomicsMode_t) {
    return CUBLAS_STATUS_SUCCESS;
}
inline cublasStatus_t cublasSetWorkspace(cublasHandle_t, void*, std::size_t) {
    return CUBLAS_STATUS_SUCCESS;
}
/// Factors and results are found wherever their pointers point.
inline cublasStatus_t cublasSetPointerMode(cublasHandle_t, cublasPointerMode_t) {
    return CUBLAS_STATUS_SUCCESS;
}
inline cublasStatus_t cublasGetVersion(cublasHandle_t, int* version) {
    *version = 120400;
    return CUBLAS_STATUS_SUCCESS;
}
inline const char* cublasGetStatusName(cublasStatus_t status) {
    switch (status) {
        case CUBLAS_STATUS_SUCCESS: return "CUBLAS_STATUS_SUCCESS";
        case CUBLAS_STATUS_INVALID_VALUE: return "CUBLAS_STATUS_INVALID_VALUE";
        case CUBLAS_STATUS_NOT_SUPPORTED: return "CUBLAS_STATUS_NOT_SUPPORTED";
        default: return "CUBLAS_STATUS_INTERNAL_ERROR";
    }
}
inline const char* cublasGetStatusString(cublasStatus_t status) {
    return cublasGetStatusName(status);
}

inline cublasStatus_t cublasSaxpy(cublasHandle_t, int n, const float* alpha, const float* x,
                                  int x_step, float* y, int y_step, VITRINE_CUDA_CALLER) {
    return vitrine_blas::status(vitrine_blas::axpby({"cublasSaxpy", file, line}, n,
        vitrine_blas::get(alpha), x, x_step, float(1), y, y_step));
}
inline cublasStatus_t cublasScopy(cublasHandle_t, int n, const float* x, int x_step, float* y,
                                  int y_step, VITRINE_CUDA_CALLER) {
    return vitrine_blas::status(vitrine_blas::axpby({"cublasScopy", file, line}, n, float(1), x,
        x_step, float(0), y, y_step));
}
inline cublasStatus_t cublasSscal(cublasHandle_t, int n, const float* alpha, float* x, int step,
                                  VITRINE_CUDA_CALLER) {
    return vitrine_blas::status(vitrine_blas::scal({"cublasSscal", file, line}, n,
        vitrine_blas::get(alpha), x, step));
}
inline cublasStatus_t cublasSswap(cublasHandle_t, int n, float* x, int x_step, float* y, int y_step,
                                  VITRINE_CUDA_CALLER) {
    return vitrine_blas::status(vitrine_blas::swap({"cublasSswap", file, line}, n, x, x_step, y,
        y_step));
}
inline cublasStatus_t cublasSdot(cublasHandle_t, int n, const float* x, int x_step, const float* y,
                                 int y_step, float* result, VITRINE_CUDA_CALLER) {
    return vitrine_blas::status(vitrine_blas::dot({"cublasSdot", file, line}, n, x, x_step, y,
        y_step, result));
}
inline cublasStatus_t cublasSnrm2(cublasHandle_t, int n, const float* x, int step, float* result,
                                  VITRINE_CUDA_CALLER) {
    return vitrine_blas::status(vitrine_blas::nrm2({"cublasSnrm2", file, line}, n, x, step,
        result));
}
inline cublasStatus_t cublasSasum(cublasHandle_t, int n, const float* x, int step, float* result,
                                  VITRINE_CUDA_CALLER) {
    return vitrine_blas::status(vitrine_blas::asum({"cublasSasum", file, line}, n, x, step,
        result));
}
inline cublasStatus_t cublasIsamax(cublasHandle_t, int n, const float* x, int step, int* result,
                                   VITRINE_CUDA_CALLER) {
    return vitrine_blas::status(vitrine_blas::extreme({"cublasIsamax", file, line}, n, x, step,
        true, result));
}
inline cublasStatus_t cublasIsamin(cublasHandle_t, int n, const float* x, int step, int* result,
                                   VITRINE_CUDA_CALLER) {
    return vitrine_blas::status(vitrine_blas::extreme({"cublasIsamin", file, line}, n, x, step,
        false, result));
}
inline cublasStatus_t cublasSgemv(cublasHandle_t, cublasOperation_t how, int m, int n,
                                  const float* alpha, const float* a, int lda, const float* x,
                                  int x_step, const float* beta, float* y, int y_step,
                                  VITRINE_CUDA_CALLER) {
    return vitrine_blas::status(vitrine_blas::gemv({"cublasSgemv", file, line}, m, n,
        vitrine_blas::get(alpha), vitrine_blas::operand(a, lda, how), x, x_step,
        vitrine_blas::get(beta), y, y_step));
}
inline cublasStatus_t cublasSger(cublasHandle_t, int m, int n, const float* alpha, const float* x,
                                 int x_step, const float* y, int y_step, float* a, int lda,
                                 VITRINE_CUDA_CALLER) {
    return vitrine_blas::status(vitrine_blas::ger({"cublasSger", file, line}, m, n,
        vitrine_blas::get(alpha), x, x_step, y, y_step, a, lda));
}
inline cublasStatus_t cublasSgeam(cublasHandle_t, cublasOperation_t how_a, cublasOperation_t how_b,
                                  int m, int n, const float* alpha, const float* a, int lda,
                                  const float* beta, const float* b, int ldb, float* c, int ldc,
                                  VITRINE_CUDA_CALLER) {
    return vitrine_blas::status(vitrine_blas::geam({"cublasSgeam", file, line}, m, n,
        vitrine_blas::get(alpha), vitrine_blas::operand(a, lda, how_a), vitrine_blas::get(beta),
        vitrine_blas::operand(b, ldb, how_b), c, ldc));
}
inline cublasStatus_t cublasDaxpy(cublasHandle_t, int n, const double* alpha, const double* x,
                                  int x_step, double* y, int y_step, VITRINE_CUDA_CALLER) {
    return vitrine_blas::status(vitrine_blas::axpby({"cublasDaxpy", file, line}, n,
        vitrine_blas::get(alpha), x, x_step, double(1), y, y_step));
}
inline cublasStatus_t cublasDcopy(cublasHandle_t, int n, const double* x, int x_step, double* y,
                                  int y_step, VITRINE_CUDA_CALLER) {
    return vitrine_blas::status(vitrine_blas::axpby({"cublasDcopy", file, line}, n, double(1), x,
        x_step, double(0), y, y_step));
}
inline cublasStatus_t cublasDscal(cublasHandle_t, int n, const double* alpha, double* x, int step,
                                  VITRINE_CUDA_CALLER) {
    return vitrine_blas::status(vitrine_blas::scal({"cublasDscal", file, line}, n,
        vitrine_blas::get(alpha), x, step));
}
inline cublasStatus_t cublasDswap(cublasHandle_t, int n, double* x, int x_step, double* y,
                                  int y_step, VITRINE_CUDA_CALLER) {
    return vitrine_blas::status(vitrine_blas::swap({"cublasDswap", file, line}, n, x, x_step, y,
        y_step));
}
inline cublasStatus_t cublasDdot(cublasHandle_t, int n, const double* x, int x_step,
                                 const double* y, int y_step, double* result, VITRINE_CUDA_CALLER) {
    return vitrine_blas::status(vitrine_blas::dot({"cublasDdot", file, line}, n, x, x_step, y,
        y_step, result));
}
inline cublasStatus_t cublasDnrm2(cublasHandle_t, int n, const double* x, int step, double* result,
                                  VITRINE_CUDA_CALLER) {
    return vitrine_blas::status(vitrine_blas::nrm2({"cublasDnrm2", file, line}, n, x, step,
        result));
}
inline cublasStatus_t cublasDasum(cublasHandle_t, int n, const double* x, int step, double* result,
                                  VITRINE_CUDA_CALLER) {
    return vitrine_blas::status(vitrine_blas::asum({"cublasDasum", file, line}, n, x, step,
        result));
}
inline cublasStatus_t cublasIdamax(cublasHandle_t, int n, const double* x, int step, int* result,
                                   VITRINE_CUDA_CALLER) {
    return vitrine_blas::status(vitrine_blas::extreme({"cublasIdamax", file, line}, n, x, step,
        true, result));
}
inline cublasStatus_t cublasIdamin(cublasHandle_t, int n, const double* x, int step, int* result,
                                   VITRINE_CUDA_CALLER) {
    return vitrine_blas::status(vitrine_blas::extreme({"cublasIdamin", file, line}, n, x, step,
        false, result));
}
inline cublasStatus_t cublasDgemv(cublasHandle_t, cublasOperation_t how, int m, int n,
                                  const double* alpha, const double* a, int lda, const double* x,
                                  int x_step, const double* beta, double* y, int y_step,
                                  VITRINE_CUDA_CALLER) {
    return vitrine_blas::status(vitrine_blas::gemv({"cublasDgemv", file, line}, m, n,
        vitrine_blas::get(alpha), vitrine_blas::operand(a, lda, how), x, x_step,
        vitrine_blas::get(beta), y, y_step));
}
inline cublasStatus_t cublasDger(cublasHandle_t, int m, int n, const double* alpha, const double* x,
                                 int x_step, const double* y, int y_step, double* a, int lda,
                                 VITRINE_CUDA_CALLER) {
    return vitrine_blas::status(vitrine_blas::ger({"cublasDger", file, line}, m, n,
        vitrine_blas::get(alpha), x, x_step, y, y_step, a, lda));
}
inline cublasStatus_t cublasDgeam(cublasHandle_t, cublasOperation_t how_a, cublasOperation_t how_b,
                                  int m, int n, const double* alpha, const double* a, int lda,
                                  const double* beta, const double* b, int ldb, double* c, int ldc,
                                  VITRINE_CUDA_CALLER) {
    return vitrine_blas::status(vitrine_blas::geam({"cublasDgeam", file, line}, m, n,
        vitrine_blas::get(alpha), vitrine_blas::operand(a, lda, how_a), vitrine_blas::get(beta),
        vitrine_blas::operand(b, ldb, how_b), c, ldc));
}
inline cublasStatus_t cublasSgemm(cublasHandle_t, cublasOperation_t how_a, cublasOperation_t how_b,
                                  int m, int n, int k, const float* alpha, const float* a, int lda,
                                  const float* b, int ldb, const float* beta, float* c, int ldc,
                                  VITRINE_CUDA_CALLER) {
    return vitrine_blas::status(vitrine_blas::gemm({"cublasSgemm", file, line}, m, n, k,
        vitrine_blas::get(alpha), vitrine_blas::operand(a, lda, how_a), vitrine_blas::operand(b,
        ldb, how_b), vitrine_blas::get(beta), c, ldc));
}
inline cublasStatus_t cublasSgemmBatched(cublasHandle_t, cublasOperation_t how_a,
                                         cublasOperation_t how_b, int m, int n, int k,
                                         const float* alpha, const float* const a[], int lda,
                                         const float* const b[], int ldb, const float* beta,
                                         float* const c[], int ldc, int count,
                                         VITRINE_CUDA_CALLER) {
    return vitrine_blas::gemm_each({"cublasSgemmBatched", file, line}, how_a, how_b, m, n, k,
        vitrine_blas::get(alpha), a, lda, b, ldb, vitrine_blas::get(beta), c, ldc, count);
}
inline cublasStatus_t cublasSgemmStridedBatched(cublasHandle_t, cublasOperation_t how_a,
                                                cublasOperation_t how_b, int m, int n, int k,
                                                const float* alpha, const float* a, int lda,
                                                long long step_a, const float* b, int ldb,
                                                long long step_b, const float* beta, float* c,
                                                int ldc, long long step_c, int count,
                                                VITRINE_CUDA_CALLER) {
    return vitrine_blas::gemm_strided({"cublasSgemmStridedBatched", file, line}, how_a, how_b, m, n,
        k, vitrine_blas::get(alpha), a, lda, step_a, b, ldb, step_b, vitrine_blas::get(beta), c,
        ldc, step_c, count);
}
inline cublasStatus_t cublasDgemm(cublasHandle_t, cublasOperation_t how_a, cublasOperation_t how_b,
                                  int m, int n, int k, const double* alpha, const double* a,
                                  int lda, const double* b, int ldb, const double* beta, double* c,
                                  int ldc, VITRINE_CUDA_CALLER) {
    return vitrine_blas::status(vitrine_blas::gemm({"cublasDgemm", file, line}, m, n, k,
        vitrine_blas::get(alpha), vitrine_blas::operand(a, lda, how_a), vitrine_blas::operand(b,
        ldb, how_b), vitrine_blas::get(beta), c, ldc));
}
inline cublasStatus_t cublasDgemmBatched(cublasHandle_t, cublasOperation_t how_a,
                                         cublasOperation_t how_b, int m, int n, int k,
                                         const double* alpha, const double* const a[], int lda,
                                         const double* const b[], int ldb, const double* beta,
                                         double* const c[], int ldc, int count,
                                         VITRINE_CUDA_CALLER) {
    return vitrine_blas::gemm_each({"cublasDgemmBatched", file, line}, how_a, how_b, m, n, k,
        vitrine_blas::get(alpha), a, lda, b, ldb, vitrine_blas::get(beta), c, ldc, count);
}
inline cublasStatus_t cublasDgemmStridedBatched(cublasHandle_t, cublasOperation_t how_a,
                                                cublasOperation_t how_b, int m, int n, int k,
                                                const double* alpha, const double* a, int lda,
                                                long long step_a, const double* b, int ldb,
                                                long long step_b, const double* beta, double* c,
                                                int ldc, long long step_c, int count,
                                                VITRINE_CUDA_CALLER) {
    return vitrine_blas::gemm_strided({"cublasDgemmStridedBatched", file, line}, how_a, how_b, m, n,
        k, vitrine_blas::get(alpha), a, lda, step_a, b, ldb, step_b, vitrine_blas::get(beta), c,
        ldc, step_c, count);
}
inline cublasStatus_t cublasHgemm(cublasHandle_t, cublasOperation_t how_a, cublasOperation_t how_b,
                                  int m, int n, int k, const __half* alpha, const __half* a,
                                  int lda, const __half* b, int ldb, const __half* beta, __half* c,
                                  int ldc, VITRINE_CUDA_CALLER) {
    return vitrine_blas::status(vitrine_blas::gemm({"cublasHgemm", file, line}, m, n, k,
        float(vitrine_blas::get(alpha)), vitrine_blas::operand(a, lda, how_a),
        vitrine_blas::operand(b, ldb, how_b), float(vitrine_blas::get(beta)), c, ldc));
}
inline cublasStatus_t cublasHgemmBatched(cublasHandle_t, cublasOperation_t how_a,
                                         cublasOperation_t how_b, int m, int n, int k,
                                         const __half* alpha, const __half* const a[], int lda,
                                         const __half* const b[], int ldb, const __half* beta,
                                         __half* const c[], int ldc, int count,
                                         VITRINE_CUDA_CALLER) {
    return vitrine_blas::gemm_each({"cublasHgemmBatched", file, line}, how_a, how_b, m, n, k,
        float(vitrine_blas::get(alpha)), a, lda, b, ldb, float(vitrine_blas::get(beta)), c, ldc,
        count);
}
inline cublasStatus_t cublasHgemmStridedBatched(cublasHandle_t, cublasOperation_t how_a,
                                                cublasOperation_t how_b, int m, int n, int k,
                                                const __half* alpha, const __half* a, int lda,
                                                long long step_a, const __half* b, int ldb,
                                                long long step_b, const __half* beta, __half* c,
                                                int ldc, long long step_c, int count,
                                                VITRINE_CUDA_CALLER) {
    return vitrine_blas::gemm_strided({"cublasHgemmStridedBatched", file, line}, how_a, how_b, m, n,
        k, float(vitrine_blas::get(alpha)), a, lda, step_a, b, ldb, step_b,
        float(vitrine_blas::get(beta)), c, ldc, step_c, count);
}

inline cublasStatus_t cublasGemmEx(cublasHandle_t, cublasOperation_t how_a,
                                   cublasOperation_t how_b, int m, int n, int k, const void* alpha,
                                   const void* a, cudaDataType type_a, int lda, const void* b,
                                   cudaDataType type_b, int ldb, const void* beta, void* c,
                                   cudaDataType type_c, int ldc, cublasComputeType_t compute,
                                   cublasGemmAlgo_t, VITRINE_CUDA_CALLER) {
    return vitrine_blas::gemm_of_types({"cublasGemmEx", file, line}, how_a, how_b, m, n, k, alpha,
                                       a, type_a, lda, 0, b, type_b, ldb, 0, beta, c, type_c, ldc,
                                       0, 1, compute);
}
inline cublasStatus_t cublasGemmStridedBatchedEx(
    cublasHandle_t, cublasOperation_t how_a, cublasOperation_t how_b, int m, int n, int k,
    const void* alpha, const void* a, cudaDataType type_a, int lda, long long step_a,
    const void* b, cudaDataType type_b, int ldb, long long step_b, const void* beta, void* c,
    cudaDataType type_c, int ldc, long long step_c, int count, cublasComputeType_t compute,
    cublasGemmAlgo_t, VITRINE_CUDA_CALLER) {
    return vitrine_blas::gemm_of_types({"cublasGemmStridedBatchedEx", file, line}, how_a, how_b, m,
                                       n, k, alpha, a, type_a, lda, step_a, b, type_b, ldb, step_b,
                                       beta, c, type_c, ldc, step_c, count, compute);
}

// Copies between host and device of vectors and matrices with distances.
inline cublasStatus_t cublasSetMatrix(int rows, int columns, int bytes, const void* from, int ld,
                                      void* to, int to_ld, VITRINE_CUDA_CALLER) {
    const auto size = static_cast<std::size_t>(bytes);
    return vitrine_blas::status(
        cudaMemcpy2D(to, size * to_ld, from, size * ld, size * rows, columns,
                     cudaMemcpyHostToDevice, file, line) == cudaSuccess);
}
inline cublasStatus_t cublasGetMatrix(int rows, int columns, int bytes, const void* from, int ld,
                                      void* to, int to_ld, VITRINE_CUDA_CALLER) {
    const auto size = static_cast<std::size_t>(bytes);
    return vitrine_blas::status(
        cudaMemcpy2D(to, size * to_ld, from, size * ld, size * rows, columns,
                     cudaMemcpyDeviceToHost, file, line) == cudaSuccess);
}
inline cublasStatus_t cublasSetVector(int n, int bytes, const void* from, int step, void* to,
                                      int to_step, VITRINE_CUDA_CALLER) {
    return cublasSetMatrix(1, n, bytes, from, step, to, to_step, file, line);
}
inline cublasStatus_t cublasGetVector(int n, int bytes, const void* from, int step, void* to,
                                      int to_step, VITRINE_CUDA_CALLER) {
    return cublasGetMatrix(1, n, bytes, from, step, to, to_step, file, line);
}

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

// The functions that exist for several types, as objects: a call of one is a call of its operator().
namespace vitrine_cublas {

struct Function {
    const char* name;
};

template <class T>
struct Axpy : Function {
    cublasStatus_t operator()(cublasHandle_t, int n, const T* alpha, const T* x, int x_step, T* y, int y_step,
                              VITRINE_CUDA_CALLER) const {
        return vitrine_blas::status(vitrine_blas::axpby({name, file, line}, n, vitrine_blas::get(alpha), x, x_step,
                                                        T(1), y, y_step));
    }
};
template <class T>
struct Copy : Function {
    cublasStatus_t operator()(cublasHandle_t, int n, const T* x, int x_step, T* y, int y_step,
                              VITRINE_CUDA_CALLER) const {
        return vitrine_blas::status(
            vitrine_blas::axpby({name, file, line}, n, T(1), x, x_step, T(0), y, y_step));
    }
};
template <class T>
struct Scal : Function {
    cublasStatus_t operator()(cublasHandle_t, int n, const T* alpha, T* x, int step, VITRINE_CUDA_CALLER) const {
        return vitrine_blas::status(vitrine_blas::scal({name, file, line}, n, vitrine_blas::get(alpha), x, step));
    }
};
template <class T>
struct Swap : Function {
    cublasStatus_t operator()(cublasHandle_t, int n, T* x, int x_step, T* y, int y_step, VITRINE_CUDA_CALLER) const {
        return vitrine_blas::status(vitrine_blas::swap({name, file, line}, n, x, x_step, y, y_step));
    }
};
template <class T>
struct Dot : Function {
    cublasStatus_t operator()(cublasHandle_t, int n, const T* x, int x_step, const T* y, int y_step, T* result,
                              VITRINE_CUDA_CALLER) const {
        return vitrine_blas::status(vitrine_blas::dot({name, file, line}, n, x, x_step, y, y_step, result));
    }
};
template <class T>
struct Nrm2 : Function {
    cublasStatus_t operator()(cublasHandle_t, int n, const T* x, int step, T* result, VITRINE_CUDA_CALLER) const {
        return vitrine_blas::status(vitrine_blas::nrm2({name, file, line}, n, x, step, result));
    }
};
template <class T>
struct Asum : Function {
    cublasStatus_t operator()(cublasHandle_t, int n, const T* x, int step, T* result, VITRINE_CUDA_CALLER) const {
        return vitrine_blas::status(vitrine_blas::asum({name, file, line}, n, x, step, result));
    }
};
template <class T, bool greatest>
struct Extreme : Function {
    cublasStatus_t operator()(cublasHandle_t, int n, const T* x, int step, int* result, VITRINE_CUDA_CALLER) const {
        return vitrine_blas::status(vitrine_blas::extreme({name, file, line}, n, x, step, greatest, result));
    }
};
template <class T>
struct Gemv : Function {
    cublasStatus_t operator()(cublasHandle_t, cublasOperation_t how, int m, int n, const T* alpha, const T* a, int lda,
                              const T* x, int x_step, const T* beta, T* y, int y_step, VITRINE_CUDA_CALLER) const {
        return vitrine_blas::status(vitrine_blas::gemv({name, file, line}, m, n, vitrine_blas::get(alpha),
                                                       vitrine_blas::operand(a, lda, how), x, x_step,
                                                       vitrine_blas::get(beta), y, y_step));
    }
};
template <class T>
struct Ger : Function {
    cublasStatus_t operator()(cublasHandle_t, int m, int n, const T* alpha, const T* x, int x_step, const T* y,
                              int y_step, T* a, int lda, VITRINE_CUDA_CALLER) const {
        return vitrine_blas::status(
            vitrine_blas::ger({name, file, line}, m, n, vitrine_blas::get(alpha), x, x_step, y, y_step, a, lda));
    }
};
template <class T>
struct Geam : Function {
    cublasStatus_t operator()(cublasHandle_t, cublasOperation_t how_a, cublasOperation_t how_b, int m, int n,
                              const T* alpha, const T* a, int lda, const T* beta, const T* b, int ldb, T* c, int ldc,
                              VITRINE_CUDA_CALLER) const {
        return vitrine_blas::status(vitrine_blas::geam(
            {name, file, line}, m, n, vitrine_blas::get(alpha), vitrine_blas::operand(a, lda, how_a),
            vitrine_blas::get(beta), vitrine_blas::operand(b, ldb, how_b), c, ldc));
    }
};

// Products; Sum is what halves are added up in.
template <class T, class Sum = T>
struct Gemm : Function {
    cublasStatus_t operator()(cublasHandle_t, cublasOperation_t how_a, cublasOperation_t how_b, int m, int n, int k,
                              const T* alpha, const T* a, int lda, const T* b, int ldb, const T* beta, T* c, int ldc,
                              VITRINE_CUDA_CALLER) const {
        return vitrine_blas::status(vitrine_blas::gemm(
            {name, file, line}, m, n, k, Sum(vitrine_blas::get(alpha)), vitrine_blas::operand(a, lda, how_a),
            vitrine_blas::operand(b, ldb, how_b), Sum(vitrine_blas::get(beta)), c, ldc));
    }
};
template <class T, class Sum = T>
struct GemmBatched : Function {
    cublasStatus_t operator()(cublasHandle_t, cublasOperation_t how_a, cublasOperation_t how_b, int m, int n, int k,
                              const T* alpha, const T* const a[], int lda, const T* const b[], int ldb, const T* beta,
                              T* const c[], int ldc, int count, VITRINE_CUDA_CALLER) const {
        return vitrine_blas::gemm_each({name, file, line}, how_a, how_b, m, n, k, Sum(vitrine_blas::get(alpha)), a,
                                       lda, b, ldb, Sum(vitrine_blas::get(beta)), c, ldc, count);
    }
};
template <class T, class Sum = T>
struct GemmStridedBatched : Function {
    cublasStatus_t operator()(cublasHandle_t, cublasOperation_t how_a, cublasOperation_t how_b, int m, int n, int k,
                              const T* alpha, const T* a, int lda, long long step_a, const T* b, int ldb,
                              long long step_b, const T* beta, T* c, int ldc, long long step_c, int count,
                              VITRINE_CUDA_CALLER) const {
        return vitrine_blas::gemm_strided({name, file, line}, how_a, how_b, m, n, k, Sum(vitrine_blas::get(alpha)), a,
                                          lda, step_a, b, ldb, step_b, Sum(vitrine_blas::get(beta)), c, ldc, step_c,
                                          count);
    }
};

}  // namespace vitrine_cublas

inline constexpr vitrine_cublas::Axpy<float> cublasSaxpy{{"cublasSaxpy"}};
inline constexpr vitrine_cublas::Copy<float> cublasScopy{{"cublasScopy"}};
inline constexpr vitrine_cublas::Scal<float> cublasSscal{{"cublasSscal"}};
inline constexpr vitrine_cublas::Swap<float> cublasSswap{{"cublasSswap"}};
inline constexpr vitrine_cublas::Dot<float> cublasSdot{{"cublasSdot"}};
inline constexpr vitrine_cublas::Nrm2<float> cublasSnrm2{{"cublasSnrm2"}};
inline constexpr vitrine_cublas::Asum<float> cublasSasum{{"cublasSasum"}};
inline constexpr vitrine_cublas::Extreme<float, true> cublasIsamax{{"cublasIsamax"}};
inline constexpr vitrine_cublas::Extreme<float, false> cublasIsamin{{"cublasIsamin"}};
inline constexpr vitrine_cublas::Gemv<float> cublasSgemv{{"cublasSgemv"}};
inline constexpr vitrine_cublas::Ger<float> cublasSger{{"cublasSger"}};
inline constexpr vitrine_cublas::Geam<float> cublasSgeam{{"cublasSgeam"}};
inline constexpr vitrine_cublas::Gemm<float> cublasSgemm{{"cublasSgemm"}};
inline constexpr vitrine_cublas::GemmBatched<float> cublasSgemmBatched{{"cublasSgemmBatched"}};
inline constexpr vitrine_cublas::GemmStridedBatched<float> cublasSgemmStridedBatched{{"cublasSgemmStridedBatched"}};
inline constexpr vitrine_cublas::Axpy<double> cublasDaxpy{{"cublasDaxpy"}};
inline constexpr vitrine_cublas::Copy<double> cublasDcopy{{"cublasDcopy"}};
inline constexpr vitrine_cublas::Scal<double> cublasDscal{{"cublasDscal"}};
inline constexpr vitrine_cublas::Swap<double> cublasDswap{{"cublasDswap"}};
inline constexpr vitrine_cublas::Dot<double> cublasDdot{{"cublasDdot"}};
inline constexpr vitrine_cublas::Nrm2<double> cublasDnrm2{{"cublasDnrm2"}};
inline constexpr vitrine_cublas::Asum<double> cublasDasum{{"cublasDasum"}};
inline constexpr vitrine_cublas::Extreme<double, true> cublasIdamax{{"cublasIdamax"}};
inline constexpr vitrine_cublas::Extreme<double, false> cublasIdamin{{"cublasIdamin"}};
inline constexpr vitrine_cublas::Gemv<double> cublasDgemv{{"cublasDgemv"}};
inline constexpr vitrine_cublas::Ger<double> cublasDger{{"cublasDger"}};
inline constexpr vitrine_cublas::Geam<double> cublasDgeam{{"cublasDgeam"}};
inline constexpr vitrine_cublas::Gemm<double> cublasDgemm{{"cublasDgemm"}};
inline constexpr vitrine_cublas::GemmBatched<double> cublasDgemmBatched{{"cublasDgemmBatched"}};
inline constexpr vitrine_cublas::GemmStridedBatched<double> cublasDgemmStridedBatched{{"cublasDgemmStridedBatched"}};
inline constexpr vitrine_cublas::Gemm<__half, float> cublasHgemm{{"cublasHgemm"}};
inline constexpr vitrine_cublas::GemmBatched<__half, float> cublasHgemmBatched{{"cublasHgemmBatched"}};
inline constexpr vitrine_cublas::GemmStridedBatched<__half, float> cublasHgemmStridedBatched{
    {"cublasHgemmStridedBatched"}};

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

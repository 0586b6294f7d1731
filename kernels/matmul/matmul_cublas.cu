// The call of cuBLAS that matmul_cublas.h describes, and the kernel that adds the bias to what it left.
//
// grid    x: 256 elements of C a block, row after row, matrix after matrix
// block   256 threads; a thread adds to one element, and to the one a whole grid further on, until C ends
#include <cublas_v2.h>

#include <string>
#include <type_traits>

#include "vitrine/kernels/base/gpu.h"

#include "matmul_cublas.h"

namespace vitrine::kernels {
inline namespace VITRINE_GPU_NAMESPACE {

constexpr unsigned add_bias_threads = 256;

template <class T>
__global__ void add_bias_kernel(const T* bias, T* c, std::int64_t N, std::int64_t elements) {
    const std::int64_t step = static_cast<std::int64_t>(gridDim.x) * add_bias_threads;
    for (std::int64_t e = static_cast<std::int64_t>(blockIdx.x) * add_bias_threads + threadIdx.x; e < elements;
         e += step)
        c[e] += bias[e % N];
}

inline void check_cublas(cublasStatus_t status, const char* what) {
    if (status == CUBLAS_STATUS_SUCCESS) return;
    const std::string text = std::string("cublas: ") + what + ": " + cublasGetStatusString(status);
    if (status == CUBLAS_STATUS_ALLOC_FAILED) throw OutOfMemory(text);
    throw Error(text);
}

/// cuBLAS's state, which takes long to make and must not be used by two threads at once: each thread keeps its own.
class CublasHandle {
public:
    CublasHandle() { check_cublas(cublasCreate(&handle_), "cublasCreate"); }
    ~CublasHandle() { cublasDestroy(handle_); }
    CublasHandle(const CublasHandle&) = delete;
    CublasHandle& operator=(const CublasHandle&) = delete;
    operator cublasHandle_t() const { return handle_; }

private:
    cublasHandle_t handle_ = nullptr;
};

}  // namespace VITRINE_GPU_NAMESPACE

template <class T>
bool matmul_cublas(Gpu on, const T* a, const T* b, const T* bias, T* c, const MatmulShape& s, bool tf32) {
    if (!fits_cublas(s)) return false;
    static thread_local const CublasHandle handle;
    check_cublas(cublasSetStream(handle, on.stream), "cublasSetStream");

    constexpr bool f64 = std::is_same_v<T, double>;
    constexpr cudaDataType type = f64 ? CUDA_R_64F : CUDA_R_32F;
    const cublasComputeType_t sums = f64    ? CUBLAS_COMPUTE_64F
                                     : tf32 ? CUBLAS_COMPUTE_32F_FAST_TF32
                                            : CUBLAS_COMPUTE_32F;
    const CublasOperand A = cublas_operand(s.M, s.K, s.a_row, s.a_col), B = cublas_operand(s.K, s.N, s.b_row, s.b_col);
    const std::int64_t a_step = s.batch_rank ? s.a_batch[0] : 0, b_step = s.batch_rank ? s.b_batch[0] : 0;
    const auto op = [](const CublasOperand& x) { return x.transposed ? CUBLAS_OP_T : CUBLAS_OP_N; };
    const T one = 1, zero = 0;
    check_cublas(cublasGemmStridedBatchedEx_64(handle, op(B), op(A), s.N, s.M, s.K,           //
                                               &one, b, type, B.leading, b_step,              //
                                               a, type, A.leading, a_step,                    //
                                               &zero, c, type, s.N, s.M * s.N, s.matrices(),  //
                                               sums, CUBLAS_GEMM_DEFAULT),
                 "cublasGemmStridedBatchedEx_64");
    if (wait_after_launch()) check_cuda(cudaStreamSynchronize(on.stream), "cublasGemmStridedBatchedEx_64");

    if (bias) {
        const std::int64_t elements = s.matrices() * s.M * s.N;
        launch<add_bias_kernel<T>>(on, {grid_for(elements, add_bias_threads), add_bias_threads}, bias, c, s.N,
                                   elements);
    }
    return true;
}

template bool matmul_cublas(Gpu, const float*, const float*, const float*, float*, const MatmulShape&, bool);
template bool matmul_cublas(Gpu, const double*, const double*, const double*, double*, const MatmulShape&, bool);

}  // namespace vitrine::kernels

// The product in bf16 on a GPU: the tensor-core kernel of the ladder (matmul_cuda_tensor_cores.cu), for f32 and bf16.
#include "matmul_bf16.h"
#include "matmul_steps.h"

namespace vitrine::kernels {

template <class T>
std::size_t matmul_bf16_workspace_bytes(Gpu, const MatmulShape&) {
    return 0;
}

template <class T>
void matmul_bf16(Gpu on, const T* a, const T* b, float* c, const MatmulShape& s, MatmulWorkspace,
                 const MatmulEpilogue<float>& e) {
    matmul_tensor_cores(on, a, b, c, s, e);
}

template std::size_t matmul_bf16_workspace_bytes<float>(Gpu, const MatmulShape&);
template std::size_t matmul_bf16_workspace_bytes<bf16>(Gpu, const MatmulShape&);
template void matmul_bf16(Gpu, const float*, const float*, float*, const MatmulShape&, MatmulWorkspace,
                          const MatmulEpilogue<float>&);
template void matmul_bf16(Gpu, const bf16*, const bf16*, float*, const MatmulShape&, MatmulWorkspace,
                          const MatmulEpilogue<float>&);

}  // namespace vitrine::kernels

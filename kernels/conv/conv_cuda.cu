// Chooses the algorithm: conv_cuda_direct.cu or conv_cuda_gemm.cu, which draw their grids and blocks.
#include "conv_cuda.h"

namespace vitrine::kernels {
inline namespace VITRINE_GPU_NAMESPACE {

// Tiles of 64 columns stay almost empty for groups of a few channels.
inline bool conv_by_gemm(const ConvShape& s) {
    const bool chosen = s.algorithm == ConvAlgorithm::direct || s.algorithm == ConvAlgorithm::implicit_gemm;
    if (!chosen) return s.G == 1 || (s.Cg() >= 16 && s.Og() >= 16);
    return s.algorithm == ConvAlgorithm::implicit_gemm;
}

}  // namespace VITRINE_GPU_NAMESPACE

template <class T>
std::size_t conv_forward_workspace_bytes(Gpu, const ConvShape&) {
    return 0;
}

template <class T>
std::size_t conv_backward_data_workspace_bytes(Gpu, const ConvShape&) {
    return 0;
}

template <class T>
std::size_t conv_backward_weight_workspace_bytes(Gpu on, const ConvShape& s) {
    return conv_by_gemm(s) ? conv_backward_weight_gemm_bytes<T>(on, s) : conv_backward_weight_direct_bytes<T>(on, s);
}

template <class T>
void conv_forward(Gpu on, const T* x, const T* w, const T* bias, T* y, const ConvShape& s, ConvWorkspace) {
    if (conv_by_gemm(s)) return conv_forward_gemm(on, x, w, bias, y, s);
    conv_forward_direct(on, x, w, bias, y, s);
}

template <class T>
void conv_backward_data(Gpu on, const T* dy, const T* w, const T* bias, T* dx, const ConvShape& s, ConvWorkspace) {
    if (conv_by_gemm(s)) return conv_backward_data_gemm(on, dy, w, bias, dx, s);
    conv_backward_data_direct(on, dy, w, bias, dx, s);
}

template <class T>
void conv_backward_weight(Gpu on, const T* x, const T* dy, T* dw, const ConvShape& s, ConvWorkspace ws) {
    if (conv_by_gemm(s)) return conv_backward_weight_gemm(on, x, dy, dw, s, ws);
    conv_backward_weight_direct(on, x, dy, dw, s, ws);
}

template std::size_t conv_forward_workspace_bytes<float>(Gpu, const ConvShape&);
template std::size_t conv_forward_workspace_bytes<double>(Gpu, const ConvShape&);
template std::size_t conv_backward_data_workspace_bytes<float>(Gpu, const ConvShape&);
template std::size_t conv_backward_data_workspace_bytes<double>(Gpu, const ConvShape&);
template std::size_t conv_backward_weight_workspace_bytes<float>(Gpu, const ConvShape&);
template std::size_t conv_backward_weight_workspace_bytes<double>(Gpu, const ConvShape&);
template void conv_forward(Gpu, const float*, const float*, const float*, float*, const ConvShape&, ConvWorkspace);
template void conv_forward(Gpu, const double*, const double*, const double*, double*, const ConvShape&, ConvWorkspace);
template void conv_backward_data(Gpu, const float*, const float*, const float*, float*, const ConvShape&,
                                 ConvWorkspace);
template void conv_backward_data(Gpu, const double*, const double*, const double*, double*, const ConvShape&,
                                 ConvWorkspace);
template void conv_backward_weight(Gpu, const float*, const float*, float*, const ConvShape&, ConvWorkspace);
template void conv_backward_weight(Gpu, const double*, const double*, double*, const ConvShape&, ConvWorkspace);

}  // namespace vitrine::kernels

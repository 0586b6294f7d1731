// Chooses the algorithm.
#include "conv_cpu.h"

namespace vitrine::kernels {

namespace {

bool by_gemm(const ConvShape& s) { return s.algorithm != ConvAlgorithm::direct; }

}  // namespace

template <class T>
std::size_t conv_forward_workspace_bytes(Cpu, const ConvShape& s) {
    return by_gemm(s) ? conv_forward_gemm_bytes<T>(s) : 0;
}

template <class T>
std::size_t conv_backward_data_workspace_bytes(Cpu, const ConvShape& s) {
    return by_gemm(s) ? conv_backward_data_gemm_bytes<T>(s) : 0;
}

template <class T>
std::size_t conv_backward_weight_workspace_bytes(Cpu, const ConvShape& s) {
    return by_gemm(s) ? conv_backward_weight_gemm_bytes<T>(s) : 0;
}

template <class T>
void conv_forward(Cpu, const T* x, const T* w, const T* bias, T* y, const ConvShape& s, ConvWorkspace ws) {
    if (by_gemm(s)) return conv_forward_gemm(x, w, bias, y, s, ws);
    conv_forward_direct(x, w, bias, y, s);
}

template <class T>
void conv_backward_data(Cpu, const T* dy, const T* w, const T* bias, T* dx, const ConvShape& s, ConvWorkspace ws) {
    if (by_gemm(s)) return conv_backward_data_gemm(dy, w, bias, dx, s, ws);
    conv_backward_data_direct(dy, w, bias, dx, s);
}

template <class T>
void conv_backward_weight(Cpu, const T* x, const T* dy, T* dw, const ConvShape& s, ConvWorkspace ws) {
    if (by_gemm(s)) return conv_backward_weight_gemm(x, dy, dw, s, ws);
    conv_backward_weight_direct(x, dy, dw, s);
}

template std::size_t conv_forward_workspace_bytes<float>(Cpu, const ConvShape&);
template std::size_t conv_forward_workspace_bytes<double>(Cpu, const ConvShape&);
template std::size_t conv_backward_data_workspace_bytes<float>(Cpu, const ConvShape&);
template std::size_t conv_backward_data_workspace_bytes<double>(Cpu, const ConvShape&);
template std::size_t conv_backward_weight_workspace_bytes<float>(Cpu, const ConvShape&);
template std::size_t conv_backward_weight_workspace_bytes<double>(Cpu, const ConvShape&);
template void conv_forward(Cpu, const float*, const float*, const float*, float*, const ConvShape&, ConvWorkspace);
template void conv_forward(Cpu, const double*, const double*, const double*, double*, const ConvShape&, ConvWorkspace);
template void conv_backward_data(Cpu, const float*, const float*, const float*, float*, const ConvShape&,
                                 ConvWorkspace);
template void conv_backward_data(Cpu, const double*, const double*, const double*, double*, const ConvShape&,
                                 ConvWorkspace);
template void conv_backward_weight(Cpu, const float*, const float*, float*, const ConvShape&, ConvWorkspace);
template void conv_backward_weight(Cpu, const double*, const double*, double*, const ConvShape&, ConvWorkspace);

}  // namespace vitrine::kernels

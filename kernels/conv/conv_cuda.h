// The kernels of conv_cuda_direct.cu, and the sum of pieces. For .cu files.
#pragma once

#include "conv.h"
#include "vitrine/kernels/base/gpu.h"

namespace vitrine::kernels {
inline namespace VITRINE_GPU_NAMESPACE {

// The formula as it stands; `ws` as large as conv_backward_weight_direct_bytes() says.
template <class T>
std::size_t conv_backward_weight_direct_bytes(Gpu on, const ConvShape& s);
template <class T>
void conv_forward_direct(Gpu on, const T* x, const T* w, const T* bias, T* y, const ConvShape& s);
template <class T>
void conv_backward_data_direct(Gpu on, const T* dy, const T* w, const T* bias, T* dx, const ConvShape& s);
template <class T>
void conv_backward_weight_direct(Gpu on, const T* x, const T* dy, T* dw, const ConvShape& s, ConvWorkspace ws);

// dw = the sum of its pieces, in their order; a thread for an element.
template <class T>
__global__ void conv_add_pieces_kernel(const T* sums, T* dw, std::int64_t elements, std::int64_t pieces) {
    const std::int64_t step = std::int64_t(gridDim.x) * blockDim.x;
    for (std::int64_t i = std::int64_t(blockIdx.x) * blockDim.x + threadIdx.x; i < elements; i += step) {
        T sum = 0;
        for (std::int64_t piece = 0; piece < pieces; ++piece) sum += sums[piece * elements + i];
        dw[i] = sum;
    }
}

template <class T>
void conv_add_pieces(Gpu on, const T* sums, T* dw, std::int64_t elements, std::int64_t pieces) {
    launch<conv_add_pieces_kernel<T>>(on, {grid_for(elements, 256), 256}, sums, dw, elements, pieces);
}

}  // namespace VITRINE_GPU_NAMESPACE
}  // namespace vitrine::kernels

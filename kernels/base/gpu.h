// Everything that a .cu file includes. nvcc sees CUDA here, any other compiler sees the emulator
// (device simt, see docs/simt.md), so that one kernel file runs on both:
//
//     namespace vitrine::kernels {
//     inline namespace VITRINE_GPU_NAMESPACE {           // on_cuda, on_simt: both fit in a program
//     template <class T>
//     __global__ void double_kernel(const T* x, T* y, std::int64_t n) { ... }
//     }
//
//     template <class T>
//     void double_forward(Gpu on, const T* x, T* y, std::int64_t n) {        // Gpu: Cuda or Simt
//         launch<double_kernel<T>>(on, {grid_for(n, 256), 256, shared_bytes}, x, y, n);
//     }
//     template void double_forward(Gpu, const float*, float*, std::int64_t);
//     }
//
// launch() checks that the kernel was launched and throws vitrine::Error naming it; an empty grid
// is no work and no error. VITRINE_SYNC=1 in the environment waits after every launch, so that an
// error of a running kernel names it too. The rules that keep a kernel runnable on both sides are
// in docs/simt.md.
#pragma once

#include <cstdint>

#include "device.h"
#include "error.h"

#if defined(__CUDACC__)
#include "gpu_cuda.h"
#else
#include "vitrine/kernels/simt/gpu_simt.h"
#endif

namespace vitrine::kernels {
inline namespace VITRINE_GPU_NAMESPACE {

/// Blocks of `per_block` items that cover `items`, at most the 2^31 - 1 of a grid (a kernel for
/// more items strides over the grid).
inline unsigned grid_for(std::int64_t items, std::int64_t per_block) {
    const std::int64_t blocks = (items + per_block - 1) / per_block;
    return static_cast<unsigned>(blocks < 0x7fffffff ? blocks : 0x7fffffff);
}

}  // namespace VITRINE_GPU_NAMESPACE
}  // namespace vitrine::kernels

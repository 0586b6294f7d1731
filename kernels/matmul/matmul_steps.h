// The kernel ladder of matmul: a file for each step, docs/ladders.md compares them. Every step takes every MatmulShape.
// The step register_tiled is the op's own kernel, in matmul_cuda.cu.
#pragma once

#include <type_traits>

#include "matmul.h"
#include "vitrine/kernels/base/gpu.h"

namespace vitrine::kernels {
inline namespace VITRINE_GPU_NAMESPACE {

/// A block for each tile of rows x columns elements of C along x, a matrix of the batch along z.
inline Launch matmul_tiles_launch(const MatmulShape& s, int rows, int columns, dim3 block) {
    constexpr std::int64_t z_most = 65535;
    const std::int64_t matrices = s.matrices(), tiles = (s.M + rows - 1) / rows * ((s.N + columns - 1) / columns);
    return {dim3(grid_for(tiles, 1), 1, static_cast<unsigned>(matrices < z_most ? matrices : z_most)), block};
}

/// Where the block's tile begins.
struct MatmulTile {
    std::int64_t i0, j0;
};
inline __device__ MatmulTile matmul_tile_of_block(const MatmulShape& s, int rows, int columns) {
    const std::int64_t along_n = (s.N + columns - 1) / columns;
    return {blockIdx.x / along_n * rows, blockIdx.x % along_n * columns};
}

}  // namespace VITRINE_GPU_NAMESPACE

template <class T>
void matmul_naive(Gpu on, const T* a, const T* b, T* c, const MatmulShape& s, const MatmulEpilogue<T>& e);
template <class T>
void matmul_coalesced(Gpu on, const T* a, const T* b, T* c, const MatmulShape& s, const MatmulEpilogue<T>& e);
template <class T>
void matmul_tiled(Gpu on, const T* a, const T* b, T* c, const MatmulShape& s, const MatmulEpilogue<T>& e);
template <class T>
void matmul_vectorised(Gpu on, const T* a, const T* b, T* c, const MatmulShape& s, const MatmulEpilogue<T>& e);
/// Factors are rounded to bf16, or are bf16.
template <class T>
void matmul_tensor_cores(Gpu on, const T* a, const T* b, float* c, const MatmulShape& s, const MatmulEpilogue<float>& e);

/// The step that s.step names, or the one for factors of bf16; `false` if that is the op's own kernel.
template <class T>
bool matmul_step(Gpu on, const T* a, const T* b, T* c, const MatmulShape& s, const MatmulEpilogue<T>& e) {
    switch (s.step) {
        case KernelStep::naive: matmul_naive(on, a, b, c, s, e); return true;
        case KernelStep::coalesced: matmul_coalesced(on, a, b, c, s, e); return true;
        case KernelStep::tiled: matmul_tiled(on, a, b, c, s, e); return true;
        case KernelStep::vectorised: matmul_vectorised(on, a, b, c, s, e); return true;
        case KernelStep::tensor_cores:
            VITRINE_CHECK((std::is_same_v<T, float>), "matmul: the kernel step tensor_cores multiplies f32");
            if constexpr (std::is_same_v<T, float>) matmul_tensor_cores(on, a, b, c, s, e);
            return true;
        case KernelStep::register_tiled: break;
        case KernelStep::automatic:
            if constexpr (std::is_same_v<T, float>) {
                if (s.bf16_factors) matmul_tensor_cores(on, a, b, c, s, e);
                return s.bf16_factors;
            }
            break;
    }
    return false;
}

}  // namespace vitrine::kernels

// The kernel ladder of matmul: a file for each step, docs/ladders.md compares them. Every step takes every MatmulShape.
// The step register_tiled is the op's own kernel, in matmul_cuda.cu.
#pragma once

#include "matmul.h"
#include "vitrine/kernels/base/gpu.h"

namespace vitrine::kernels {
inline namespace VITRINE_GPU_NAMESPACE {

/// A block for each tile of rows x columns elements of C along x, a matrix of the batch along z.
inline Launch matmul_tiles(const MatmulShape& s, int rows, int columns, dim3 block) {
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
void matmul_naive(Gpu on, const T* a, const T* b, const T* bias, T* c, const MatmulShape& s);
template <class T>
void matmul_coalesced(Gpu on, const T* a, const T* b, const T* bias, T* c, const MatmulShape& s);
template <class T>
void matmul_tiled(Gpu on, const T* a, const T* b, const T* bias, T* c, const MatmulShape& s);
template <class T>
void matmul_vectorised(Gpu on, const T* a, const T* b, const T* bias, T* c, const MatmulShape& s);

}  // namespace vitrine::kernels

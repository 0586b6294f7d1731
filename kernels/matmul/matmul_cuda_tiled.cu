// Step 3 of the ladder: pieces of A and B in shared memory, which the whole block reads from there.
//
//   grid    x: a block for a tile of 32 x 32 elements of C     z: the matrices of the batch
//   block   32 x 32 threads; thread (x, y) takes row y, column x of the tile
//
//                  [ tile_b: 32 x 32 ]      For each 32 steps of k every thread copies one element of A and one of
//                                           B (zeros beyond the edges); barrier; 32 products from shared memory;
//     [ tile_a  ]  [ tile of C       ]      barrier, before the next copy overwrites what others still read.
//     [ 32 x 32 ]  [ 32 x 32         ]
//
// What comes from global memory is used 32 times. The lanes of a warp read one element of tile_a, handed to all of them
// at once, and 32 neighbours of tile_b: no conflicts. But two reads of shared memory for each multiplication remain.
#include "matmul_steps.h"

namespace vitrine::kernels {
inline namespace VITRINE_GPU_NAMESPACE {

constexpr int matmul_side_of_tile = 32;

template <class T>
__global__ void matmul_tiled_kernel(const T* a, const T* b, T* c, MatmulShape s, MatmulEpilogue<T> e, std::int64_t matrices) {
    constexpr int side = matmul_side_of_tile;
    __shared__ T tile_a[side][side], tile_b[side][side];
    const MatmulTile tile = matmul_tile_of_block(s, side, side);
    const int x = static_cast<int>(threadIdx.x), y = static_cast<int>(threadIdx.y);
    const std::int64_t i = tile.i0 + y, j = tile.j0 + x;

    for (std::int64_t matrix = blockIdx.z; matrix < matrices; matrix += gridDim.z) {
        const T* const am = a + s.matrix_at(matrix, s.a_batch);
        const T* const bm = b + s.matrix_at(matrix, s.b_batch);
        T sum = 0;
        for (std::int64_t k0 = 0; k0 < s.K; k0 += side) {
            tile_a[y][x] = i < s.M && k0 + x < s.K ? am[i * s.a_row + (k0 + x) * s.a_col] : T(0);
            tile_b[y][x] = k0 + y < s.K && j < s.N ? bm[(k0 + y) * s.b_row + j * s.b_col] : T(0);
            __syncthreads();
            for (int k = 0; k < side; ++k) sum += tile_a[y][k] * tile_b[k][x];
            __syncthreads();
        }
        if (i < s.M && j < s.N) {
            const std::int64_t at = (matrix * s.M + i) * s.N + j;
            c[at] = e.z(sum, c, at, j);
            if (e.has_more()) e.finish(c, at);
        }
    }
}

}  // namespace VITRINE_GPU_NAMESPACE

template <class T>
void matmul_tiled(Gpu on, const T* a, const T* b, T* c, const MatmulShape& s, const MatmulEpilogue<T>& e) {
    constexpr int side = matmul_side_of_tile;
    launch<matmul_tiled_kernel<T>>(on, matmul_tiles_launch(s, side, side, dim3(side, side)), a, b, c, s, e, s.matrices());
}

template void matmul_tiled(Gpu, const float*, const float*, float*, const MatmulShape&, const MatmulEpilogue<float>&);
template void matmul_tiled(Gpu, const double*, const double*, double*, const MatmulShape&, const MatmulEpilogue<double>&);

}  // namespace vitrine::kernels

// Step 1 of the ladder: a thread for an element of C, the formula as it stands.
//
//   grid    x: a block for a tile of 16 x 16 elements of C     z: the matrices of the batch
//   block   16 x 16 threads; thread (x, y) takes ROW x and COLUMN y of the tile
//
// threadIdx.x runs fastest among the threads of a warp, and here it runs down the rows: what a warp reads of A and
// writes to C lies whole rows apart, a piece of 32 bytes for every 4 that are wanted. Every element of A and B comes
// from global memory again for each of the sums that it is part of.
#include "matmul_steps.h"

namespace vitrine::kernels {
inline namespace VITRINE_GPU_NAMESPACE {

constexpr int matmul_naive_side = 16;

template <class T>
__global__ void matmul_naive_kernel(const T* a, const T* b, T* c, MatmulShape s, MatmulEpilogue<T> e, std::int64_t matrices) {
    const MatmulTile tile = matmul_tile_of_block(s, matmul_naive_side, matmul_naive_side);
    const std::int64_t i = tile.i0 + threadIdx.x, j = tile.j0 + threadIdx.y;
    if (i >= s.M || j >= s.N) return;
    for (std::int64_t matrix = blockIdx.z; matrix < matrices; matrix += gridDim.z) {
        const T* const ai = a + s.matrix_at(matrix, s.a_batch) + i * s.a_row;
        const T* const bj = b + s.matrix_at(matrix, s.b_batch) + j * s.b_col;
        T sum = 0;
        for (std::int64_t k = 0; k < s.K; ++k) sum += ai[k * s.a_col] * bj[k * s.b_row];
        const std::int64_t at = (matrix * s.M + i) * s.N + j;
        c[at] = e.z(sum, c, at, j);
        if (e.has_more()) e.finish(c, at);
    }
}

}  // namespace VITRINE_GPU_NAMESPACE

template <class T>
void matmul_naive(Gpu on, const T* a, const T* b, T* c, const MatmulShape& s, const MatmulEpilogue<T>& e) {
    launch<matmul_naive_kernel<T>>(
        on, matmul_tiles_launch(s, matmul_naive_side, matmul_naive_side, dim3(matmul_naive_side, matmul_naive_side)), a, b,
        c, s, e, s.matrices());
}

template void matmul_naive(Gpu, const float*, const float*, float*, const MatmulShape&, const MatmulEpilogue<float>&);
template void matmul_naive(Gpu, const double*, const double*, double*, const MatmulShape&, const MatmulEpilogue<double>&);

}  // namespace vitrine::kernels

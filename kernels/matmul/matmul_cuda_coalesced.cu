// Step 2 of the ladder: the naive kernel with x and y exchanged.
//
//   grid    x: a block for a tile of 8 x 32 elements of C     z: the matrices of the batch
//   block   32 x 8 threads; thread (x, y) takes ROW y and COLUMN x of the tile: a warp is a piece of one row
//
// A warp now reads one element of A (all lanes the same: one piece) and 32 neighbours of B, and writes 32 neighbours of
// C. The same loads, a fraction of the traffic. Still every element comes from global memory, or a cache, again for
// each sum: two loads for a multiplication and an addition.
#include "matmul_steps.h"

namespace vitrine::kernels {
inline namespace VITRINE_GPU_NAMESPACE {

constexpr int matmul_coalesced_rows = 8, matmul_coalesced_columns = 32;

template <class T>
__global__ void matmul_coalesced_kernel(const T* a, const T* b, T* c, MatmulShape s, MatmulEpilogue<T> e,
                                        std::int64_t matrices) {
    const MatmulTile tile = matmul_tile_of_block(s, matmul_coalesced_rows, matmul_coalesced_columns);
    const std::int64_t i = tile.i0 + threadIdx.y, j = tile.j0 + threadIdx.x;
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
void matmul_coalesced(Gpu on, const T* a, const T* b, T* c, const MatmulShape& s, const MatmulEpilogue<T>& e) {
    const dim3 block(matmul_coalesced_columns, matmul_coalesced_rows);
    launch<matmul_coalesced_kernel<T>>(on, matmul_tiles_launch(s, matmul_coalesced_rows, matmul_coalesced_columns, block), a,
                                       b, c, s, e, s.matrices());
}

template void matmul_coalesced(Gpu, const float*, const float*, float*, const MatmulShape&, const MatmulEpilogue<float>&);
template void matmul_coalesced(Gpu, const double*, const double*, double*, const MatmulShape&, const MatmulEpilogue<double>&);

}  // namespace vitrine::kernels

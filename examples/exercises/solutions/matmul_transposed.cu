// Solution of exercise 5: rows of 33 words. The next row begins one bank further on, so that the elements of a column,
// too, lie in 32 different banks.
//
//   grid    a block for each tile of 32 x 32 elements of C     block   32 x 32 threads; thread (x, y): row y, column x
//
//   c_ij = sum_k a_ik b_jk: the lanes of a warp, x = 0 ... 31, read tile_b(x, k), 32 rows of one column
#include "vitrine/kernels/base/gpu.h"

#include "exercises.h"

namespace exercises {

using vitrine::kernels::Gpu, vitrine::kernels::launch;

constexpr int side = 32;

/// The word of shared memory where element (row, column) of B's tile lies. Word w is in bank w % 32.
__host__ __device__ int tile_place(int row, int column) { return row * (side + 1) + column; }

__global__ void matmul_transposed_kernel(const float* a, const float* b, float* c, int n) {
    __shared__ float tile_a[side][side], tile_b[tile_size];
    const int x = static_cast<int>(threadIdx.x), y = static_cast<int>(threadIdx.y);
    const int i0 = static_cast<int>(blockIdx.y) * side, j0 = static_cast<int>(blockIdx.x) * side;
    float sum = 0;
    for (int k0 = 0; k0 < n; k0 += side) {
        tile_a[y][x] = a[(i0 + y) * n + k0 + x];
        tile_b[tile_place(y, x)] = b[(j0 + y) * n + k0 + x];
        __syncthreads();
        for (int k = 0; k < side; ++k) sum += tile_a[y][k] * tile_b[tile_place(x, k)];
        __syncthreads();
    }
    c[(i0 + y) * n + j0 + x] = sum;
}

void matmul_transposed(Gpu on, const float* a, const float* b, float* c, int blocks) {
    const auto count = static_cast<unsigned>(blocks);
    launch<matmul_transposed_kernel>(on, {dim3(count, count), dim3(side, side)}, a, b, c, blocks * side);
}

}  // namespace exercises

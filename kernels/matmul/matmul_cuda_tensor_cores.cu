// Step 6 of the ladder: tensor cores. A warp multiplies 16 x 16 by 16 x 8 numbers in one instruction. Its factors have
// 16 bits: they are rounded to bf16 (8 bits of fraction and sign, the range of f32) on the way to shared memory; the
// sums stay f32. So results are good to two or three digits.
//
//   grid    x: a block for a tile of 64 x 64 elements of C     z: the matrices of the batch
//   block   32 x 4 threads: 4 warps, each of which makes a quarter of the tile, 32 x 32, as 2 x 4 results of 16 x 8
//
//                  [ shared_b: 32 x 64 ]      warp 0 | warp 1      For each 32 steps of k between two barriers a warp
//     [ shared_a ] [ tile of C         ]      -------+-------      loads its parts of A and B with ldmatrix, which
//     [ 64 x 32  ] [ 64 x 64           ]      warp 2 | warp 3      brings 8 x 8 numbers to where mma wants them.
//
// A thread computes no product of its own any more: of the register-tiled kernel's reads of shared memory there remain 6
// ldmatrix for 32 x 32 x 16 products of a warp. Rows in shared memory are 16 bytes longer than the tile, so that the 8
// rows of a matrix begin in different banks. Any strides: A and B are copied along whichever way neighbours lie. mma leaves
// two neighbours of C in a lane, so a request to write C touches twice as many pieces of memory as it need: once for a
// tile, and simpler than to go through shared memory.
#include "matmul_steps.h"
#include "vitrine/kernels/base/gpu_tensor_core.h"

namespace vitrine::kernels {
inline namespace VITRINE_GPU_NAMESPACE {

constexpr int tensor_tile = 64, tensor_depth = 32, tensor_threads = 128;
constexpr int tensor_row_a = tensor_depth + 8, tensor_row_b = tensor_tile + 8;  // with the 16 bytes

// Copies the piece from (x0, k0) of an operand, element (x, k) at x * x_stride + k * k_stride, to
// shared[x * shared_x + k * shared_k], zeros beyond the edges.
template <class T>
__device__ void tensor_copy_piece(const T* from, std::int64_t x0, std::int64_t x_end, std::int64_t x_stride,
                                  std::int64_t k0, std::int64_t k_end, std::int64_t k_stride, bf16* shared, int shared_x,
                                  int shared_k) {
    const int thread = static_cast<int>(threadIdx.y * 32 + threadIdx.x);
    for (int e = thread; e < tensor_tile * tensor_depth; e += tensor_threads) {
        const int x = k_stride == 1 ? e / tensor_depth : e % tensor_tile;
        const int k = k_stride == 1 ? e % tensor_depth : e / tensor_tile;
        const bool inside = x0 + x < x_end && k0 + k < k_end;
        shared[x * shared_x + k * shared_k] =
            inside ? static_cast<bf16>(from[(x0 + x) * x_stride + (k0 + k) * k_stride]) : bf16(0.0f);
    }
}

// Adds a warp's quarter of the tile, from the rows of A and columns of B in shared memory.
inline __device__ void tensor_multiply(const bf16* rows, const bf16* columns, float (&sum)[2][4][4]) {
    const int lane = static_cast<int>(threadIdx.x);
    for (int k = 0; k < tensor_depth; k += 16) {
        unsigned a[2][4];
        for (int r = 0; r < 2; ++r) ldmatrix_x4(a[r], rows + (r * 16 + lane % 16) * tensor_row_a + k + lane / 16 * 8);
        for (int q = 0; q < 4; ++q) {
            unsigned b[2];
            ldmatrix_x2_trans(b, columns + (k + lane % 16) * tensor_row_b + q * 8);
            for (int r = 0; r < 2; ++r) mma_m16n8k16<bf16>(sum[r][q], a[r], b, sum[r][q]);
        }
    }
}

template <class T>
__global__ void matmul_tensor_cores_kernel(const T* a, const T* b, float* c, MatmulShape s,
                                           MatmulEpilogue<float> e, std::int64_t matrices) {
    __shared__ __align__(16) bf16 shared_a[tensor_tile * tensor_row_a];
    __shared__ __align__(16) bf16 shared_b[tensor_depth * tensor_row_b];
    const MatmulTile tile = matmul_tile_of_block(s, tensor_tile, tensor_tile);
    const int lane = static_cast<int>(threadIdx.x), warp = static_cast<int>(threadIdx.y);
    const int row0 = warp / 2 * 32, column0 = warp % 2 * 32;

    for (std::int64_t matrix = blockIdx.z; matrix < matrices; matrix += gridDim.z) {
        const T* const am = a + s.matrix_at(matrix, s.a_batch);
        const T* const bm = b + s.matrix_at(matrix, s.b_batch);
        float sum[2][4][4] = {};
        for (std::int64_t k0 = 0; k0 < s.K; k0 += tensor_depth) {
            tensor_copy_piece(am, tile.i0, s.M, s.a_row, k0, s.K, s.a_col, shared_a, tensor_row_a, 1);
            tensor_copy_piece(bm, tile.j0, s.N, s.b_col, k0, s.K, s.b_row, shared_b, 1, tensor_row_b);
            __syncthreads();
            tensor_multiply(shared_a + row0 * tensor_row_a, shared_b + column0, sum);
            __syncthreads();  // the next copy overwrites what others may still be reading
        }

        // Of each 16 x 8 a lane has two neighbours of row lane / 4 and two of the row 8 further down.
        for (int r = 0; r < 2; ++r) {
            for (int q = 0; q < 4; ++q) {
                for (int p = 0; p < 4; ++p) {
                    const std::int64_t i = tile.i0 + row0 + r * 16 + lane / 4 + p / 2 * 8;
                    const std::int64_t j = tile.j0 + column0 + q * 8 + lane % 4 * 2 + p % 2;
                    if (i >= s.M || j >= s.N) continue;
                    const std::int64_t at = (matrix * s.M + i) * s.N + j;
                    c[at] = e.z(sum[r][q][p], c, at, j);
                    if (e.has_more()) e.finish(c, at);
                }
            }
        }
    }
}

}  // namespace VITRINE_GPU_NAMESPACE

template <class T>
void matmul_tensor_cores(Gpu on, const T* a, const T* b, float* c, const MatmulShape& s, const MatmulEpilogue<float>& e) {
    launch<matmul_tensor_cores_kernel<T>>(on, matmul_tiles_launch(s, tensor_tile, tensor_tile, dim3(32, tensor_threads / 32)), a,
                                          b, c, s, e, s.matrices());
}

template void matmul_tensor_cores(Gpu, const float*, const float*, float*, const MatmulShape&, const MatmulEpilogue<float>&);
template void matmul_tensor_cores(Gpu, const bf16*, const bf16*, float*, const MatmulShape&, const MatmulEpilogue<float>&);

}  // namespace vitrine::kernels

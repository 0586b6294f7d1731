// The op's own kernel, step 4 of the ladder (register_tiled): a thread computes more than one element, so that what it
// reads of shared memory is used again from registers.
//
// grid    x: one block for a tile of 64 x 64 elements of C, row after row of tiles
//         z: the matrices of the batch
// block   16 x 16 threads; thread (x, y) keeps 4 x 4 sums in registers: rows y, y+16, y+32, y+48 of
//         the tile, columns x, x+16, x+32, x+48
//
//                  [ shared_b: 16 x 64 ]     For each 16 steps of k the block copies a piece of A
//                                            and one of B to shared memory (zeros beyond the edges)
//     [ shared_a ] [ tile of C:        ]     and waits; then every thread reads 4 + 4 numbers for
//     [ 64 x 16  ] [ 64 x 64           ]     each 16 products: half a read a product, where the
//                                            tiled kernel has two. What comes from global memory
//                                            is used 64 times.
//
// Neighbouring threads copy neighbours in memory whichever way an operand lies: transposes are
// coalesced too. The profile shows two passes for one where such a copy of an operand that lies along
// k is written to shared memory: rows of 65 suit f64 as well, rows of 66 f32 alone. It stays: one
// pass in forty.
#include "vitrine/kernels/base/gpu.h"

#include "matmul_steps.h"

namespace vitrine::kernels {
inline namespace VITRINE_GPU_NAMESPACE {

constexpr int matmul_tile = 64;                         // rows and columns of C in a block
constexpr int matmul_depth = 16;                        // steps of k between two barriers
constexpr int matmul_side = 16;                         // threads along a side of the block
constexpr int matmul_sums = matmul_tile / matmul_side;  // sums of a thread along a side
constexpr int matmul_threads = matmul_side * matmul_side;
template <class T>
constexpr int matmul_row = matmul_tile + (sizeof(T) == 4 ? 2 : 1);  // of a piece in shared memory

// Copies the piece [x0, x0+64) x [k0, k0+16) of an operand to shared[k][x], element (x, k) being at
// x * x_stride + k * k_stride. Rows of 66 floats or 65 doubles: what a warp writes along k, two columns of 16 floats or
// one of doubles at a time, then goes to 32 different banks.
template <class T>
__device__ void matmul_copy_piece(const T* from, std::int64_t x0, std::int64_t x_end, std::int64_t x_stride,
                                  std::int64_t k0, std::int64_t k_end, std::int64_t k_stride,
                                  T (*shared)[matmul_row<T>]) {
    const int thread = static_cast<int>(threadIdx.y * matmul_side + threadIdx.x);
    for (int e = thread; e < matmul_tile * matmul_depth; e += matmul_threads) {
        const int x = k_stride == 1 ? e / matmul_depth : e % matmul_tile;
        const int k = k_stride == 1 ? e % matmul_depth : e / matmul_tile;
        const bool inside = x0 + x < x_end && k0 + k < k_end;
        shared[k][x] = inside ? from[(x0 + x) * x_stride + (k0 + k) * k_stride] : T(0);
    }
}

// The rest of the epilogue of what the calling thread wrote: not in the loop that wrote it, which is unrolled, and sixteen
// times erf is much code.
template <class T>
__device__ void matmul_finish_tile(const MatmulEpilogue<T>& e, T* c, const MatmulShape& s, std::int64_t matrix,
                                   std::int64_t i0, std::int64_t j0) {
    for (std::int64_t i = i0 + threadIdx.y; i < s.M && i < i0 + matmul_tile; i += matmul_side) {
        for (std::int64_t j = j0 + threadIdx.x; j < s.N && j < j0 + matmul_tile; j += matmul_side)
            e.finish(c, (matrix * s.M + i) * s.N + j);
    }
}

template <class T>
__global__ void matmul_kernel(const T* a, const T* b, T* c, MatmulShape s, MatmulEpilogue<T> e, std::int64_t matrices) {
    __shared__ T shared_a[matmul_depth][matmul_row<T>];
    __shared__ T shared_b[matmul_depth][matmul_row<T>];
    const int tx = static_cast<int>(threadIdx.x), ty = static_cast<int>(threadIdx.y);
    const auto [i0, j0] = matmul_tile_of_block(s, matmul_tile, matmul_tile);

    for (std::int64_t matrix = blockIdx.z; matrix < matrices; matrix += gridDim.z) {
        const T* const am = a + s.matrix_at(matrix, s.a_batch);
        const T* const bm = b + s.matrix_at(matrix, s.b_batch);
        T sum[matmul_sums][matmul_sums] = {};
        for (std::int64_t k0 = 0; k0 < s.K; k0 += matmul_depth) {
            matmul_copy_piece(am, i0, s.M, s.a_row, k0, s.K, s.a_col, shared_a);
            matmul_copy_piece(bm, j0, s.N, s.b_col, k0, s.K, s.b_row, shared_b);
            __syncthreads();
            for (int k = 0; k < matmul_depth; ++k) {
                T ak[matmul_sums], bk[matmul_sums];
                for (int r = 0; r < matmul_sums; ++r) ak[r] = shared_a[k][ty + r * matmul_side];
                for (int q = 0; q < matmul_sums; ++q) bk[q] = shared_b[k][tx + q * matmul_side];
                for (int r = 0; r < matmul_sums; ++r) {
                    for (int q = 0; q < matmul_sums; ++q) sum[r][q] += ak[r] * bk[q];
                }
            }
            __syncthreads();  // the next copy overwrites what others may still be reading
        }

        for (int r = 0; r < matmul_sums; ++r) {
            const std::int64_t i = i0 + ty + r * matmul_side;
            for (int q = 0; q < matmul_sums; ++q) {
                const std::int64_t j = j0 + tx + q * matmul_side;
                const std::int64_t at = (matrix * s.M + i) * s.N + j;
                if (i < s.M && j < s.N) c[at] = e.z(sum[r][q], c, at, j);
            }
        }
        if (e.has_more()) matmul_finish_tile(e, c, s, matrix, i0, j0);
    }
}

}  // namespace VITRINE_GPU_NAMESPACE

template <class T>
std::size_t matmul_workspace_bytes(Gpu, const MatmulShape&) {
    return 0;
}

template <class T>
void matmul(Gpu on, const T* a, const T* b, T* c, const MatmulShape& s, MatmulWorkspace, const MatmulEpilogue<T>& e) {
    if ((s.bf16_factors || s.step != KernelStep::automatic) && matmul_step(on, a, b, c, s, e)) return;
    launch<matmul_kernel<T>>(on, matmul_tiles_launch(s, matmul_tile, matmul_tile, dim3(matmul_side, matmul_side)), a, b, c, s, e, s.matrices());
}

template std::size_t matmul_workspace_bytes<float>(Gpu, const MatmulShape&);
template std::size_t matmul_workspace_bytes<double>(Gpu, const MatmulShape&);
template void matmul(Gpu, const float*, const float*, float*, const MatmulShape&, MatmulWorkspace, const MatmulEpilogue<float>&);
template void matmul(Gpu, const double*, const double*, double*, const MatmulShape&, MatmulWorkspace, const MatmulEpilogue<double>&);

}  // namespace vitrine::kernels

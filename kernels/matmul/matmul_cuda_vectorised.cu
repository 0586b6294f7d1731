// Step 5 of the ladder: the register-tiled kernel with more sums for a thread, and 16 bytes at a time. W = 4 floats or
// 2 doubles are a pack, S = 8 or 4 sums of a thread along a side.
//
//   grid    x: a block for a tile of 16 S x 16 S elements of C (128 x 128 floats)     z: the matrices of the batch
//   block   16 x 16 threads; thread (x, y) keeps S x S sums: rows and columns in packs, W y, W y + 1, ... of each
//           16 W rows of the tile, W x, ... of each 16 W columns
//
// For each of 8 steps of k between two barriers a thread reads S + S numbers in packs for S S multiplications: 16 times
// fewer requests to shared memory for a product than the tiled kernel (4 for 64). A piece of A lies in shared memory
// turned round, shared_a[k][row], so that both factors are read along it; the rows there are W longer than the tile,
// which puts what a warp writes into different banks. Packs also come from global memory and go to C where the operand's
// neighbours stand at addresses that are multiples of 16; elsewhere, and at the edges, element by element.
#include "matmul_steps.h"
#include "vitrine/kernels/base/gpu_pack.h"

namespace vitrine::kernels {
inline namespace VITRINE_GPU_NAMESPACE {

constexpr int matmul_pack_side = 16, matmul_pack_depth = 8;

template <class T>
constexpr int matmul_pack_sums = 2 * pack_width<T>;  // of a thread along a side
template <class T>
constexpr int matmul_pack_tile = matmul_pack_side * matmul_pack_sums<T>;
template <class T>
constexpr int matmul_pack_row = matmul_pack_tile<T> + pack_width<T>;

/// An operand: element (x, k) at x * x_stride + k * k_stride, x < x_end (rows of A, columns of B), k < k_end.
template <class T>
struct MatmulOperand {
    const T* from;
    std::int64_t x_end, x_stride, k_end, k_stride;
};

// Copies the piece from (x0, k0) to shared[k][x], zeros beyond the edges; a pack runs along k if neighbours do.
template <class T>
__device__ void matmul_copy_packs(const MatmulOperand<T>& o, std::int64_t x0, std::int64_t k0,
                                  T (*shared)[matmul_pack_row<T>]) {
    constexpr int width = pack_width<T>, tile = matmul_pack_tile<T>, depth = matmul_pack_depth;
    const bool along_k = o.k_stride == 1;
    const int thread = static_cast<int>(threadIdx.y * matmul_pack_side + threadIdx.x);
    for (int e = thread; e < tile * depth / width; e += matmul_pack_side * matmul_pack_side) {
        const int x = along_k ? e / (depth / width) : e % (tile / width) * width;
        const int k = along_k ? e % (depth / width) * width : e / (tile / width);
        const T* const at = o.from + (x0 + x) * o.x_stride + (k0 + k) * o.k_stride;
        const bool inside = along_k ? x0 + x < o.x_end && k0 + k + width <= o.k_end
                                    : x0 + x + width <= o.x_end && k0 + k < o.k_end;
        T pack[width];
        if (inside && (along_k || o.x_stride == 1) && pack_aligned(at)) {
            load_pack(at, pack);
        } else {
            for (int i = 0; i < width; ++i) {
                const std::int64_t xi = along_k ? x : x + i, ki = along_k ? k + i : k;
                const bool element = x0 + xi < o.x_end && k0 + ki < o.k_end;
                pack[i] = element ? at[i * (along_k ? o.k_stride : o.x_stride)] : T(0);
            }
        }
        if (!along_k) store_pack(pack, &shared[k][x]);
        else
            for (int i = 0; i < width; ++i) shared[k + i][x] = pack[i];
    }
}

/// Sum `at` of a thread along a side belongs to this row or column of the tile.
template <class T>
__device__ int matmul_pack_place(int thread, int at) {
    constexpr int width = pack_width<T>;
    return (at / width * matmul_pack_side + thread) * width + at % width;
}

template <class T>
__global__ void matmul_vectorised_kernel(const T* a, const T* b, T* c, MatmulShape s, MatmulEpilogue<T> e,
                                         std::int64_t matrices) {
    constexpr int width = pack_width<T>, sums = matmul_pack_sums<T>, tile_side = matmul_pack_tile<T>;
    __shared__ __align__(16) T shared_a[matmul_pack_depth][matmul_pack_row<T>];
    __shared__ __align__(16) T shared_b[matmul_pack_depth][matmul_pack_row<T>];
    const MatmulTile tile = matmul_tile_of_block(s, tile_side, tile_side);
    const int tx = static_cast<int>(threadIdx.x), ty = static_cast<int>(threadIdx.y);

    for (std::int64_t matrix = blockIdx.z; matrix < matrices; matrix += gridDim.z) {
        const MatmulOperand<T> A{a + s.matrix_at(matrix, s.a_batch), s.M, s.a_row, s.K, s.a_col};
        const MatmulOperand<T> B{b + s.matrix_at(matrix, s.b_batch), s.N, s.b_col, s.K, s.b_row};
        T sum[sums][sums] = {};
        for (std::int64_t k0 = 0; k0 < s.K; k0 += matmul_pack_depth) {
            matmul_copy_packs(A, tile.i0, k0, shared_a);
            matmul_copy_packs(B, tile.j0, k0, shared_b);
            __syncthreads();
            for (int k = 0; k < matmul_pack_depth; ++k) {
                T ak[sums], bk[sums];
                for (int p = 0; p < sums; p += width) load_pack(&shared_a[k][matmul_pack_place<T>(ty, p)], ak + p);
                for (int p = 0; p < sums; p += width) load_pack(&shared_b[k][matmul_pack_place<T>(tx, p)], bk + p);
                for (int r = 0; r < sums; ++r) {
                    for (int q = 0; q < sums; ++q) sum[r][q] += ak[r] * bk[q];
                }
            }
            __syncthreads();  // the next copy overwrites what others may still be reading
        }

        for (int r = 0; r < sums; ++r) {
            const std::int64_t i = tile.i0 + matmul_pack_place<T>(ty, r);
            if (i >= s.M) continue;
            T* const ci = c + (matrix * s.M + i) * s.N;
            for (int p = 0; p < sums; p += width) {
                const std::int64_t j = tile.j0 + matmul_pack_place<T>(tx, p);
                for (int q = 0; q < width; ++q)
                    if (j + q < s.N) sum[r][p + q] = e.z(sum[r][p + q], ci, j + q, j + q);
                if (j + width <= s.N && pack_aligned(ci + j)) {
                    store_pack(&sum[r][p], ci + j);
                } else {
                    for (int q = 0; q < width; ++q)
                        if (j + q < s.N) ci[j + q] = sum[r][p + q];
                }
            }
        }
        // Apart from the loop above, which is unrolled.
        for (int r = 0; e.has_more() && r < sums; ++r) {
            const std::int64_t i = tile.i0 + matmul_pack_place<T>(ty, r);
            for (int p = 0; i < s.M && p < sums; ++p) {
                const std::int64_t j = tile.j0 + matmul_pack_place<T>(tx, p);
                if (j < s.N) e.finish(c, (matrix * s.M + i) * s.N + j);
            }
        }
    }
}

}  // namespace VITRINE_GPU_NAMESPACE

template <class T>
void matmul_vectorised(Gpu on, const T* a, const T* b, T* c, const MatmulShape& s, const MatmulEpilogue<T>& e) {
    const dim3 block(matmul_pack_side, matmul_pack_side);
    launch<matmul_vectorised_kernel<T>>(on, matmul_tiles_launch(s, matmul_pack_tile<T>, matmul_pack_tile<T>, block), a, b,
                                        c, s, e, s.matrices());
}

template void matmul_vectorised(Gpu, const float*, const float*, float*, const MatmulShape&, const MatmulEpilogue<float>&);
template void matmul_vectorised(Gpu, const double*, const double*, double*, const MatmulShape&, const MatmulEpilogue<double>&);

}  // namespace vitrine::kernels

// Convolution as an implicit matrix product, in the tiles of kernels/matmul/matmul_cuda.cu. Groups of a few channels run by
// conv_cuda_direct.cu.
//
// grid    x: one block for a tile of 64 x 64 elements of C     y: pieces of the sum (for the weight's gradient)
//         z: the groups
// block   16 x 16 threads; thread (x, y) keeps 4 x 4 sums in registers: rows y, y+16, y+32, y+48 of the tile, columns
//         x, x+16, x+32, x+48
//
//                  [ shared_b: 16 x 64 ]     For each 16 steps of k the block copies a piece of A and one of B to
//                  shared
//     [ shared_a ] [ tile of C:        ]     memory and waits; then every thread reads 4 + 4 numbers for each 16
//     [ 64 x 16  ] [ 64 x 64           ]     products.
//
//                          rows of C              columns    k
//     forward              pixels (n, p, q)       o          (u, v, c)
//     backward for data    pixels (n, h, w)       c          (u, v, o)
//     backward for weight  (u, v, c)              o          pixels (n, p, q), cut into pieces that are added up in
//                                                            their order by a second kernel
//
// A is never written out: a thread keeps the places of its four rows and works out that of its k once for every 16.
#include "conv_cuda.h"

namespace vitrine::kernels {
inline namespace VITRINE_GPU_NAMESPACE {

constexpr int conv_tile = 64;                     // rows and columns of C in a block
constexpr int conv_depth = 16;                    // steps of k between two barriers
constexpr int conv_side = 16;                     // threads along a side of the block
constexpr int conv_sums = conv_tile / conv_side;  // sums of a thread along a side

// A place in a batch of images: where the image begins, row, column, channel. A place of a row of C and one of k add up
// to that of an element of A.
struct ConvPlace {
    std::int64_t image, h, w, c;
};

template <class T>
struct ConvForwardProduct {
    const T *x, *w, *bias;
    T* y;
    ConvShape s;
    static constexpr bool a_along_k = true, b_along_k = false;  // what lies together in memory

    VITRINE_HD std::int64_t M() const { return s.N * s.P * s.Q; }
    VITRINE_HD std::int64_t N() const { return s.Og(); }
    VITRINE_HD std::int64_t K() const { return s.U * s.V * s.Cg(); }
    __device__ ConvPlace row(std::int64_t i, std::int64_t group) const {
        return {i / (s.P * s.Q) * s.H * s.W * s.C, s.h(i / s.Q % s.P, 0), s.w(i % s.Q, 0), group * s.Cg()};
    }
    __device__ ConvPlace step(std::int64_t k) const {
        return {0, k / (s.Cg() * s.V) * s.dilation_h, k / s.Cg() % s.V * s.dilation_w, k % s.Cg()};
    }
    __device__ T a(const ConvPlace& row, const ConvPlace& step) const {
        const std::int64_t h = row.h + step.h, wx = row.w + step.w;
        const bool inside = h >= 0 && h < s.H && wx >= 0 && wx < s.W;
        return inside ? x[row.image + (h * s.W + wx) * s.C + row.c + step.c] : T(0);
    }
    __device__ T b(std::int64_t k, const ConvPlace&, std::int64_t j, std::int64_t group) const {
        return w[k * s.O + group * s.Og() + j];
    }
    __device__ void store(std::int64_t i, std::int64_t j, std::int64_t group, std::int64_t, T sum) const {
        const std::int64_t o = group * s.Og() + j;
        y[i * s.O + o] = bias ? sum + bias[o] : sum;
    }
};

// With a stride of t only one of t * t products is not 0: simple, not fast.
template <class T>
struct ConvBackwardDataProduct {
    const T *dy, *w, *bias;
    T* dx;
    ConvShape s;
    static constexpr bool a_along_k = true, b_along_k = true;

    VITRINE_HD std::int64_t M() const { return s.N * s.H * s.W; }
    VITRINE_HD std::int64_t N() const { return s.Cg(); }
    VITRINE_HD std::int64_t K() const { return s.U * s.V * s.Og(); }
    __device__ ConvPlace row(std::int64_t i, std::int64_t group) const {
        return {i / (s.H * s.W) * s.P * s.Q * s.O, i / s.W % s.H, i % s.W, group * s.Og()};
    }
    __device__ ConvPlace step(std::int64_t k) const {
        return {0, k / (s.Og() * s.V), k / s.Og() % s.V, k % s.Og()};  // u, v, o
    }
    __device__ T a(const ConvPlace& row, const ConvPlace& step) const {
        const std::int64_t p = s.p(row.h, step.h), q = s.q(row.w, step.w);
        return p >= 0 && q >= 0 ? dy[row.image + (p * s.Q + q) * s.O + row.c + step.c] : T(0);
    }
    __device__ T b(std::int64_t, const ConvPlace& step, std::int64_t j, std::int64_t group) const {
        return w[((step.h * s.V + step.w) * s.Cg() + j) * s.O + group * s.Og() + step.c];
    }
    __device__ void store(std::int64_t i, std::int64_t j, std::int64_t group, std::int64_t, T sum) const {
        const std::int64_t c = group * s.Cg() + j;
        dx[i * s.C + c] = bias ? sum + bias[c] : sum;
    }
};

template <class T>
struct ConvBackwardWeightProduct {
    const T *x, *dy;
    T* sums;  // a dw for each piece of the sum
    ConvShape s;
    static constexpr bool a_along_k = false, b_along_k = false;

    VITRINE_HD std::int64_t M() const { return s.U * s.V * s.Cg(); }
    VITRINE_HD std::int64_t N() const { return s.Og(); }
    VITRINE_HD std::int64_t K() const { return s.N * s.P * s.Q; }
    __device__ ConvPlace row(std::int64_t i, std::int64_t group) const {
        return {0, i / (s.Cg() * s.V) * s.dilation_h, i / s.Cg() % s.V * s.dilation_w, group * s.Cg() + i % s.Cg()};
    }
    __device__ ConvPlace step(std::int64_t k) const {
        return {k / (s.P * s.Q) * s.H * s.W * s.C, s.h(k / s.Q % s.P, 0), s.w(k % s.Q, 0), 0};
    }
    __device__ T a(const ConvPlace& row, const ConvPlace& step) const {
        const std::int64_t h = row.h + step.h, wx = row.w + step.w;
        const bool inside = h >= 0 && h < s.H && wx >= 0 && wx < s.W;
        return inside ? x[step.image + (h * s.W + wx) * s.C + row.c] : T(0);
    }
    __device__ T b(std::int64_t k, const ConvPlace&, std::int64_t j, std::int64_t group) const {
        return dy[k * s.O + group * s.Og() + j];
    }
    __device__ void store(std::int64_t i, std::int64_t j, std::int64_t group, std::int64_t piece, T sum) const {
        sums[(piece * M() + i) * s.O + group * s.Og() + j] = sum;
    }
};

// Numbers from one row of a tile to the next, so that the 16 x 2 of them that a warp writes fall into different banks:
// 16 rows of 2 neighbours each, or 2 rows of 16. Half a warp writes f64: 16 rows of one number, or one row.
template <class T, bool along_k>
constexpr int conv_row = conv_tile + (sizeof(T) == 8 ? 1 : along_k ? 2 : 16);

template <class T, class Product>
__global__ void conv_gemm_kernel(Product product) {
    __shared__ T shared_a[conv_depth][conv_row<T, Product::a_along_k>];
    __shared__ T shared_b[conv_depth][conv_row<T, Product::b_along_k>];
    const int tx = static_cast<int>(threadIdx.x), ty = static_cast<int>(threadIdx.y);
    const std::int64_t M = product.M(), N = product.N(), tiles_along_n = (N + conv_tile - 1) / conv_tile;
    const std::int64_t i0 = blockIdx.x / tiles_along_n * conv_tile, j0 = blockIdx.x % tiles_along_n * conv_tile;
    const std::int64_t begin = product.K() * blockIdx.y / gridDim.y, end = product.K() * (blockIdx.y + 1) / gridDim.y;
    // This thread copies one k of A and of B for rows and columns 16 apart; tx runs along what lies together.
    const int ak = Product::a_along_k ? tx : ty, ai = Product::a_along_k ? ty : tx;
    const int bk = Product::b_along_k ? tx : ty, bj = Product::b_along_k ? ty : tx;

    for (std::int64_t group = blockIdx.z; group < product.s.G; group += gridDim.z) {
        ConvPlace rows[conv_sums];
        for (int r = 0; r < conv_sums; ++r) rows[r] = product.row(i0 + ai + r * conv_side, group);
        T sum[conv_sums][conv_sums] = {};
        for (std::int64_t k0 = begin; k0 < end; k0 += conv_depth) {
            const ConvPlace a_step = product.step(k0 + ak), b_step = product.step(k0 + bk);
            for (int r = 0; r < conv_sums; ++r) {
                const std::int64_t i = i0 + ai + r * conv_side, j = j0 + bj + r * conv_side;
                shared_a[ak][ai + r * conv_side] = i < M && k0 + ak < end ? product.a(rows[r], a_step) : T(0);
                shared_b[bk][bj + r * conv_side] = j < N && k0 + bk < end ? product.b(k0 + bk, b_step, j, group) : T(0);
            }
            __syncthreads();
            for (int k = 0; k < conv_depth; ++k) {
                T a[conv_sums], b[conv_sums];
                for (int r = 0; r < conv_sums; ++r) a[r] = shared_a[k][ty + r * conv_side];
                for (int q = 0; q < conv_sums; ++q) b[q] = shared_b[k][tx + q * conv_side];
                for (int r = 0; r < conv_sums; ++r)
                    for (int q = 0; q < conv_sums; ++q) sum[r][q] += a[r] * b[q];
            }
            __syncthreads();  // the next copy overwrites what others may still be reading
        }

        for (int r = 0; r < conv_sums; ++r) {
            for (int q = 0; q < conv_sums; ++q) {
                const std::int64_t i = i0 + ty + r * conv_side, j = j0 + tx + q * conv_side;
                if (i < M && j < N) product.store(i, j, group, blockIdx.y, sum[r][q]);
            }
        }
    }
}

// Tiles of 64 columns stay almost empty for groups of a few channels.
inline bool conv_by_gemm(const ConvShape& s) {
    const bool chosen = s.algorithm == ConvAlgorithm::direct || s.algorithm == ConvAlgorithm::implicit_gemm;
    if (!chosen) return s.G == 1 || (s.Cg() >= 16 && s.Og() >= 16);
    return s.algorithm == ConvAlgorithm::implicit_gemm;
}

inline std::int64_t conv_tiles_of(std::int64_t M, std::int64_t N) {
    return (M + conv_tile - 1) / conv_tile * ((N + conv_tile - 1) / conv_tile);
}

// For C (M, N) of each group, its sum in so many pieces.
inline Launch conv_gemm_launch(const ConvShape& s, std::int64_t M, std::int64_t N, std::int64_t pieces) {
    constexpr std::int64_t z_most = 65535;
    const std::int64_t groups = s.G < z_most ? s.G : z_most;
    const dim3 grid(grid_for(conv_tiles_of(M, N), 1), static_cast<unsigned>(pieces), static_cast<unsigned>(groups));
    return {grid, dim3(conv_side, conv_side)};
}

// Pieces of the weight's sum: enough blocks for a large GPU, but each with some hundred pixels. From the shape alone.
inline std::int64_t conv_gemm_pieces(const ConvShape& s) {
    constexpr std::int64_t blocks_wanted = 512, pixels_least = 256;
    const std::int64_t blocks = conv_tiles_of(s.U * s.V * s.Cg(), s.Og()) * s.G, most = s.N * s.P * s.Q / pixels_least;
    const std::int64_t wanted = blocks_wanted / (blocks > 0 ? blocks : 1);
    const std::int64_t pieces = wanted < most ? wanted : most;
    return pieces > 1 ? pieces : 1;
}

}  // namespace VITRINE_GPU_NAMESPACE

template <class T>
std::size_t conv_forward_workspace_bytes(Gpu, const ConvShape&) {
    return 0;
}

template <class T>
std::size_t conv_backward_data_workspace_bytes(Gpu, const ConvShape&) {
    return 0;
}

template <class T>
std::size_t conv_backward_weight_workspace_bytes(Gpu on, const ConvShape& s) {
    if (!conv_by_gemm(s)) return conv_backward_weight_direct_bytes<T>(on, s);
    const std::int64_t pieces = conv_gemm_pieces(s);
    return pieces == 1 ? 0 : static_cast<std::size_t>(pieces * s.U * s.V * s.Cg() * s.O) * sizeof(T);
}

template <class T>
void conv_forward(Gpu on, const T* x, const T* w, const T* bias, T* y, const ConvShape& s, ConvWorkspace) {
    using Product = ConvForwardProduct<T>;
    if (!conv_by_gemm(s)) return conv_forward_direct(on, x, w, bias, y, s);
    launch<conv_gemm_kernel<T, Product>>(on, conv_gemm_launch(s, s.N * s.P * s.Q, s.Og(), 1), Product{x, w, bias, y, s});
}

template <class T>
void conv_backward_data(Gpu on, const T* dy, const T* w, const T* bias, T* dx, const ConvShape& s, ConvWorkspace) {
    using Product = ConvBackwardDataProduct<T>;
    if (!conv_by_gemm(s)) return conv_backward_data_direct(on, dy, w, bias, dx, s);
    launch<conv_gemm_kernel<T, Product>>(on, conv_gemm_launch(s, s.N * s.H * s.W, s.Cg(), 1), Product{dy, w, bias, dx, s});
}

template <class T>
void conv_backward_weight(Gpu on, const T* x, const T* dy, T* dw, const ConvShape& s, ConvWorkspace ws) {
    using Product = ConvBackwardWeightProduct<T>;
    if (!conv_by_gemm(s)) return conv_backward_weight_direct(on, x, dy, dw, s, ws);
    const std::int64_t pieces = conv_gemm_pieces(s), rows = s.U * s.V * s.Cg();
    T* const sums = pieces == 1 ? dw : static_cast<T*>(ws.data);
    launch<conv_gemm_kernel<T, Product>>(on, conv_gemm_launch(s, rows, s.Og(), pieces), Product{x, dy, sums, s});
    if (pieces > 1) conv_add_pieces(on, sums, dw, rows * s.O, pieces);
}

template std::size_t conv_forward_workspace_bytes<float>(Gpu, const ConvShape&);
template std::size_t conv_forward_workspace_bytes<double>(Gpu, const ConvShape&);
template std::size_t conv_backward_data_workspace_bytes<float>(Gpu, const ConvShape&);
template std::size_t conv_backward_data_workspace_bytes<double>(Gpu, const ConvShape&);
template std::size_t conv_backward_weight_workspace_bytes<float>(Gpu, const ConvShape&);
template std::size_t conv_backward_weight_workspace_bytes<double>(Gpu, const ConvShape&);
template void conv_forward(Gpu, const float*, const float*, const float*, float*, const ConvShape&, ConvWorkspace);
template void conv_forward(Gpu, const double*, const double*, const double*, double*, const ConvShape&, ConvWorkspace);
template void conv_backward_data(Gpu, const float*, const float*, const float*, float*, const ConvShape&, ConvWorkspace);
template void conv_backward_data(Gpu, const double*, const double*, const double*, double*, const ConvShape&, ConvWorkspace);
template void conv_backward_weight(Gpu, const float*, const float*, float*, const ConvShape&, ConvWorkspace);
template void conv_backward_weight(Gpu, const double*, const double*, double*, const ConvShape&, ConvWorkspace);

}  // namespace vitrine::kernels

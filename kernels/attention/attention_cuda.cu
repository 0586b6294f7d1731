// forward, dq   a block owns 4 R rows of queries and goes along the keys, 32 at a time
// dk and dv     a block owns 4 R rows of keys and goes along the queries, 32 at a time
//
//   grid    tiles of all heads in a line      block   128 threads: 4 warps of R rows each, a lane for a column
//
//              lane 0 ... 31                  R is 8, 4 or 2: as many rows as the shared memory holds.
//   warp 0    [ s s s .... s ]  R rows        A lane multiplies its column's row of `tile` with the R rows of its warp,
//   warp 1    [ s s s .... s ]                then the warp multiplies its rows of scores with `tile` again: there a lane
//   warp 2    [ s s s .... s ]                is a column of the result. Rows of `tile` lie width + 1 apart, so that 32
//   warp 3    [ s s s .... s ]                lanes read 32 banks.
//
// delta         a warp for a row: delta_i = do_i . o_i
#include <cmath>

#include "attention.h"
#include "vitrine/kernels/base/gpu.h"
#include "vitrine/kernels/base/gpu_reduce.h"
#include "vitrine/kernels/base/math.h"
#include "vitrine/kernels/dropout/dropout.h"
#include "vitrine/kernels/random/distributions.h"

namespace vitrine::kernels {
inline namespace VITRINE_GPU_NAMESPACE {

constexpr int attention_lanes = 32, attention_warps = 4, attention_threads = 128;

/// The head that a block works at, and its first row there.
struct AttentionBlock {
    std::int64_t batch, head, row;
};

__device__ inline AttentionBlock attention_block(const AttentionShape& n, std::int64_t rows, int rows_of_a_block) {
    const std::int64_t in_a_head = (rows + rows_of_a_block - 1) / rows_of_a_block;
    const std::int64_t head = blockIdx.x / in_a_head;
    return {head / n.heads, head % n.heads, blockIdx.x % in_a_head * rows_of_a_block};
}

__device__ inline std::int64_t row_at(const AttentionBlock& b, const HeadStrides& s, std::int64_t row) {
    return b.batch * s.batch + b.head * s.head + row * s.row;
}

/// `rows` rows of a head from `first` to shared memory; those from `end` on become 0. All threads of the block.
template <class T>
__device__ void load_rows(const T* x, const AttentionBlock& b, const HeadStrides& strides, std::int64_t first,
                          std::int64_t end, int rows, std::int64_t cols, T* to, std::int64_t to_row) {
    for (std::int64_t e = threadIdx.x; e < rows * cols; e += attention_threads) {
        const std::int64_t i = e / cols, c = e % cols;
        to[i * to_row + c] = first + i < end ? x[row_at(b, strides, first + i) + c] : T(0);
    }
}

/// y_r = x_r . t_lane for the warp's R rows x and this lane's row t of the tile.
template <int R, class T>
__device__ void dot_rows(const T* x, const T* t, std::int64_t cols, T* y) {
    for (int r = 0; r < R; ++r) y[r] = 0;
    for (std::int64_t c = 0; c < cols; ++c)
        for (int r = 0; r < R; ++r) y[r] += x[r * cols + c] * t[c];
}

/// y_r = shrink_r y_r + sum_j p_rj tile_j for the warp's R rows p (32 numbers each) and y.
template <int R, class T>
__device__ void add_rows(const T* p, const T* tile, std::int64_t tile_row, std::int64_t cols, const T* shrink, T* y) {
    for (std::int64_t c = threadIdx.x % attention_lanes; c < cols; c += attention_lanes) {
        T sum[R] = {};
        for (int j = 0; j < attention_lanes; ++j)
            for (int r = 0; r < R; ++r) sum[r] += p[r * attention_lanes + j] * tile[j * tile_row + c];
        for (int r = 0; r < R; ++r) y[r * cols + c] = (shrink ? shrink[r] * y[r * cols + c] : y[r * cols + c]) + sum[r];
    }
}

/// s_ij from q_i . k_j; -inf where there is no such query or key, or where j > i.
template <class T>
__device__ T score(T dot, const T* mask, const AttentionShape& n, const AttentionBlock& b, std::int64_t i,
                   std::int64_t j) {
    if (i >= n.queries || j >= n.keys || (n.causal && j > i)) return T(-INFINITY);
    const T s = dot * static_cast<T>(n.scale);
    return mask ? s + mask[b.batch * n.mask_batch + b.head * n.mask_head + i * n.mask_row + j * n.mask_col] : s;
}

/// The number of query i of the block's head among all queries.
__device__ inline std::int64_t query_number(const AttentionShape& n, const AttentionBlock& b, std::int64_t i) {
    return (b.batch * n.heads + b.head) * n.queries + i;
}

/// A word below `threshold` drops; what is kept is multiplied by `keep`.
struct AttentionDropout {
    std::uint32_t threshold;
    double keep;
};

/// z_ij.
template <class T>
__device__ T dropout_factor(const AttentionShape& n, const AttentionBlock& b, AttentionDropout drop, std::int64_t i,
                            std::int64_t j) {
    if (n.dropout_p == 0) return T(1);
    const std::int64_t block = query_number(n, b, i) * attention_row_blocks(n.keys) + j / 4;
    const PhiloxWords w = philox_block(n.from, static_cast<std::uint64_t>(block));
    const std::uint32_t word = j % 4 == 0 ? w.w0 : j % 4 == 1 ? w.w1 : j % 4 == 2 ? w.w2 : w.w3;
    return unit_below(word, drop.threshold) ? T(0) : static_cast<T>(drop.keep);
}

template <int R, class T>
__global__ void attention_forward_kernel(AttentionForward<T> x, AttentionShape n, AttentionDropout drop) {
    VITRINE_DYNAMIC_SHARED(T, shared);
    constexpr int rows = attention_warps * R;
    const int warp = static_cast<int>(threadIdx.x) / attention_lanes, lane = static_cast<int>(threadIdx.x) % attention_lanes;
    const std::int64_t D = n.head_dim, E = n.value_dim, width = (D > E ? D : E) + 1;
    T *q = shared, *acc = q + rows * D, *p = acc + rows * E, *tile = p + rows * attention_lanes;
    T *q_r = q + warp * R * D, *acc_r = acc + warp * R * E, *p_r = p + warp * R * attention_lanes;

    const AttentionBlock b = attention_block(n, n.queries, rows);
    const std::int64_t first = b.row + warp * R;  // the warp's first query
    load_rows(x.q, b, n.q, b.row, n.queries, rows, D, q, D);
    for (std::int64_t e = threadIdx.x; e < rows * E; e += attention_threads) acc[e] = 0;
    T m[R], l[R] = {}, s[R], shrink[R] = {};
    for (int r = 0; r < R; ++r) m[r] = T(-INFINITY);

    const std::int64_t keys = n.causal && b.row + rows < n.keys ? b.row + rows : n.keys;
    for (std::int64_t col = 0; col < keys; col += attention_lanes) {
        __syncthreads();
        load_rows(x.k, b, n.k, col, n.keys, attention_lanes, D, tile, width);
        __syncthreads();
        dot_rows<R>(q_r, tile + lane * width, D, s);
        for (int r = 0; r < R; ++r) {
            const std::int64_t i = first + r, j = col + lane;
            p_r[r * attention_lanes + lane] = 0;
            if (i >= n.queries) continue;
            s[r] = score(s[r], x.mask, n, b, i, j);
            const T larger = ReduceMax{}(m[r], warp_reduce(s[r], ReduceMax{}));
            const T shift = larger == T(-INFINITY) ? T(0) : larger;
            shrink[r] = math::exp(m[r] - shift), m[r] = larger;
            const T e = math::exp(s[r] - shift);
            l[r] = l[r] * shrink[r] + warp_reduce(e, ReduceAdd{});
            p_r[r * attention_lanes + lane] = e * dropout_factor<T>(n, b, drop, i, j);
        }
        __syncthreads();
        load_rows(x.v, b, n.v, col, n.keys, attention_lanes, E, tile, width);
        __syncthreads();
        add_rows<R>(p_r, tile, width, E, shrink, acc_r);
    }

    for (int r = 0; r < R && first + r < n.queries; ++r) {
        const std::int64_t i = first + r;
        for (std::int64_t c = lane; c < E; c += attention_lanes)
            x.o[row_at(b, n.o, i) + c] = l[r] == 0 ? T(0) : acc_r[r * E + c] / l[r];
        if (lane == 0) x.lse[query_number(n, b, i)] = l[r] == 0 ? T(INFINITY) : m[r] + math::log(l[r]);
    }
}

template <class T>
__global__ void attention_delta_kernel(AttentionBackward<T> x, AttentionShape n, T* delta) {
    const std::int64_t row = std::int64_t(blockIdx.x) * attention_warps + threadIdx.x / attention_lanes;
    if (row >= n.batch * n.heads * n.queries) return;  // a whole warp
    const std::int64_t head = row / n.queries;
    const std::int64_t at = row_at({head / n.heads, head % n.heads, 0}, n.o, row % n.queries);
    T sum = 0;
    for (std::int64_t c = threadIdx.x % attention_lanes; c < n.value_dim; c += attention_lanes)
        sum += x.dy[at + c] * x.o[at + c];
    sum = warp_reduce(sum, ReduceAdd{});
    if (threadIdx.x % attention_lanes == 0) delta[row] = sum;
}

template <int R, class T>
__global__ void attention_backward_q_kernel(AttentionBackward<T> x, AttentionShape n, const T* delta,
                                            AttentionDropout drop) {
    VITRINE_DYNAMIC_SHARED(T, shared);
    constexpr int rows = attention_warps * R;
    const int warp = static_cast<int>(threadIdx.x) / attention_lanes, lane = static_cast<int>(threadIdx.x) % attention_lanes;
    const std::int64_t D = n.head_dim, E = n.value_dim, width = (D > E ? D : E) + 1;
    T *q = shared, *dy = q + rows * D, *dq = dy + rows * E, *ds = dq + rows * D, *tile = ds + rows * attention_lanes;
    T *q_r = q + warp * R * D, *dy_r = dy + warp * R * E, *dq_r = dq + warp * R * D, *ds_r = ds + warp * R * attention_lanes;

    const AttentionBlock b = attention_block(n, n.queries, rows);
    const std::int64_t first = b.row + warp * R;
    load_rows(x.q, b, n.q, b.row, n.queries, rows, D, q, D);
    load_rows(x.dy, b, n.o, b.row, n.queries, rows, E, dy, E);
    for (std::int64_t e = threadIdx.x; e < rows * D; e += attention_threads) dq[e] = 0;
    T s[R], dp[R];

    const std::int64_t keys = n.causal && b.row + rows < n.keys ? b.row + rows : n.keys;
    for (std::int64_t col = 0; col < keys; col += attention_lanes) {
        __syncthreads();
        load_rows(x.v, b, n.v, col, n.keys, attention_lanes, E, tile, width);
        __syncthreads();
        dot_rows<R>(dy_r, tile + lane * width, E, dp);
        __syncthreads();
        load_rows(x.k, b, n.k, col, n.keys, attention_lanes, D, tile, width);
        __syncthreads();
        dot_rows<R>(q_r, tile + lane * width, D, s);
        for (int r = 0; r < R; ++r) {
            const std::int64_t i = first + r, j = col + lane;
            T ds_ij = 0;
            if (i < n.queries && j < n.keys) {
                const std::int64_t row = query_number(n, b, i);
                const T p = math::exp(score(s[r], x.mask, n, b, i, j) - x.lse[row]);
                ds_ij = p * (dp[r] * dropout_factor<T>(n, b, drop, i, j) - delta[row]) * static_cast<T>(n.scale);
            }
            ds_r[r * attention_lanes + lane] = ds_ij;
        }
        __syncwarp();
        add_rows<R, T>(ds_r, tile, width, D, nullptr, dq_r);
    }

    __syncthreads();
    for (int r = 0; r < R && first + r < n.queries; ++r)
        for (std::int64_t c = lane; c < D; c += attention_lanes) x.dq[row_at(b, n.dq, first + r) + c] = dq_r[r * D + c];
}

template <int R, class T>
__global__ void attention_backward_kv_kernel(AttentionBackward<T> x, AttentionShape n, const T* delta,
                                             AttentionDropout drop) {
    VITRINE_DYNAMIC_SHARED(T, shared);
    constexpr int rows = attention_warps * R;
    const int warp = static_cast<int>(threadIdx.x) / attention_lanes, lane = static_cast<int>(threadIdx.x) % attention_lanes;
    const std::int64_t D = n.head_dim, E = n.value_dim, width = (D > E ? D : E) + 1;
    T *k = shared, *v = k + rows * D, *dk = v + rows * E, *dv = dk + rows * D, *p = dv + rows * E, *tile = p + rows * attention_lanes;
    T *k_r = k + warp * R * D, *v_r = v + warp * R * E, *dk_r = dk + warp * R * D, *dv_r = dv + warp * R * E;
    T* p_r = p + warp * R * attention_lanes;  // p z, then ds

    const AttentionBlock b = attention_block(n, n.keys, rows);
    const std::int64_t first = b.row + warp * R;  // the warp's first key
    load_rows(x.k, b, n.k, b.row, n.keys, rows, D, k, D);
    load_rows(x.v, b, n.v, b.row, n.keys, rows, E, v, E);
    for (std::int64_t e = threadIdx.x; e < rows * D; e += attention_threads) dk[e] = 0;
    for (std::int64_t e = threadIdx.x; e < rows * E; e += attention_threads) dv[e] = 0;
    T s[R], dp[R];

    for (std::int64_t row = n.causal ? b.row : 0; row < n.queries; row += attention_lanes) {
        const std::int64_t i = row + lane;
        __syncthreads();
        load_rows(x.q, b, n.q, row, n.queries, attention_lanes, D, tile, width);
        __syncthreads();
        dot_rows<R>(k_r, tile + lane * width, D, s);
        __syncthreads();
        load_rows(x.dy, b, n.o, row, n.queries, attention_lanes, E, tile, width);
        __syncthreads();
        dot_rows<R>(v_r, tile + lane * width, E, dp);
        for (int r = 0; r < R; ++r) {
            const std::int64_t j = first + r;
            T z = 0, p_ij = 0;
            if (i < n.queries && j < n.keys) {
                const std::int64_t number = query_number(n, b, i);
                z = dropout_factor<T>(n, b, drop, i, j);
                p_ij = math::exp(score(s[r], x.mask, n, b, i, j) - x.lse[number]);
                s[r] = p_ij * (dp[r] * z - delta[number]) * static_cast<T>(n.scale);
            } else {
                s[r] = 0;
            }
            p_r[r * attention_lanes + lane] = p_ij * z;
        }
        __syncwarp();
        add_rows<R, T>(p_r, tile, width, E, nullptr, dv_r);
        __syncthreads();
        for (int r = 0; r < R; ++r) p_r[r * attention_lanes + lane] = s[r];
        load_rows(x.q, b, n.q, row, n.queries, attention_lanes, D, tile, width);
        __syncthreads();
        add_rows<R, T>(p_r, tile, width, D, nullptr, dk_r);
    }

    __syncthreads();
    for (int r = 0; r < R && first + r < n.keys; ++r) {
        const std::int64_t j = first + r;
        for (std::int64_t c = lane; c < D; c += attention_lanes) x.dk[row_at(b, n.dk, j) + c] = dk_r[r * D + c];
        for (std::int64_t c = lane; c < E; c += attention_lanes) x.dv[row_at(b, n.dv, j) + c] = dv_r[r * E + c];
    }
}

/// Bytes of shared memory for 4 R rows of `row` numbers and 32 scores each, and a tile.
template <class T>
std::size_t attention_shared_bytes(const AttentionShape& n, int R, std::int64_t row) {
    const std::int64_t width = (n.head_dim > n.value_dim ? n.head_dim : n.value_dim) + 1;
    return static_cast<std::size_t>(attention_warps * R * (row + attention_lanes) + attention_lanes * width) * sizeof(T);
}

/// R: the largest of 8 and 4 whose rows fit 48 KiB, else 2.
template <class T>
int rows_of(const AttentionShape& n, std::int64_t row) {
    constexpr std::size_t enough = 48 * 1024;
    return attention_shared_bytes<T>(n, 8, row) <= enough ? 8 : attention_shared_bytes<T>(n, 4, row) <= enough ? 4 : 2;
}

/// For `rows` queries or keys of each head, R to a warp, with `row` numbers each in shared memory.
template <class T>
Launch rows_launch(const AttentionShape& n, std::int64_t rows, int R, std::int64_t row) {
    const std::int64_t blocks = n.batch * n.heads * ((rows + attention_warps * R - 1) / (attention_warps * R));
    return {grid_for(blocks, 1), attention_threads, attention_shared_bytes<T>(n, R, row)};
}
template <class T>
Launch forward_launch(const AttentionShape& n, int R) { return rows_launch<T>(n, n.queries, R, n.head_dim + n.value_dim); }
template <class T>
Launch backward_q_launch(const AttentionShape& n, int R) { return rows_launch<T>(n, n.queries, R, 2 * n.head_dim + n.value_dim); }
template <class T>
Launch backward_kv_launch(const AttentionShape& n, int R) { return rows_launch<T>(n, n.keys, R, 2 * n.head_dim + 2 * n.value_dim); }
inline Launch delta_launch(const AttentionShape& n) { return {grid_for(n.batch * n.heads * n.queries, attention_warps), attention_threads}; }

inline AttentionDropout dropout_of(const AttentionShape& n) { return {unit_threshold(n.dropout_p), dropout_scale(n.dropout_p)}; }

}  // namespace VITRINE_GPU_NAMESPACE

template <class T>
std::size_t attention_workspace_bytes(Gpu, const AttentionShape& n, AttentionPass pass) {
    if (pass == AttentionPass::forward) return 0;
    return static_cast<std::size_t>(n.batch * n.heads * n.queries) * sizeof(T);  // delta
}

template <class T>
void attention_forward(Gpu on, const AttentionForward<T>& x, const AttentionShape& n, AttentionWorkspace) {
    if (rows_of<T>(n, n.head_dim + n.value_dim) == 8) return launch<attention_forward_kernel<8, T>>(on, forward_launch<T>(n, 8), x, n, dropout_of(n));
    if (rows_of<T>(n, n.head_dim + n.value_dim) == 4) return launch<attention_forward_kernel<4, T>>(on, forward_launch<T>(n, 4), x, n, dropout_of(n));
    launch<attention_forward_kernel<2, T>>(on, forward_launch<T>(n, 2), x, n, dropout_of(n));
}

template <class T>
void attention_backward(Gpu on, const AttentionBackward<T>& x, const AttentionShape& n, AttentionWorkspace w) {
    T* delta = static_cast<T*>(w.data);
    launch<attention_delta_kernel<T>>(on, delta_launch(n), x, n, delta);
    switch (rows_of<T>(n, 2 * n.head_dim + n.value_dim)) {
        case 8: launch<attention_backward_q_kernel<8, T>>(on, backward_q_launch<T>(n, 8), x, n, delta, dropout_of(n)); break;
        case 4: launch<attention_backward_q_kernel<4, T>>(on, backward_q_launch<T>(n, 4), x, n, delta, dropout_of(n)); break;
        default: launch<attention_backward_q_kernel<2, T>>(on, backward_q_launch<T>(n, 2), x, n, delta, dropout_of(n)); break;
    }
    switch (rows_of<T>(n, 2 * n.head_dim + 2 * n.value_dim)) {
        case 8: return launch<attention_backward_kv_kernel<8, T>>(on, backward_kv_launch<T>(n, 8), x, n, delta, dropout_of(n));
        case 4: return launch<attention_backward_kv_kernel<4, T>>(on, backward_kv_launch<T>(n, 4), x, n, delta, dropout_of(n));
        default: return launch<attention_backward_kv_kernel<2, T>>(on, backward_kv_launch<T>(n, 2), x, n, delta, dropout_of(n));
    }
}

template std::size_t attention_workspace_bytes<float>(Gpu, const AttentionShape&, AttentionPass);
template std::size_t attention_workspace_bytes<double>(Gpu, const AttentionShape&, AttentionPass);
template void attention_forward(Gpu, const AttentionForward<float>&, const AttentionShape&, AttentionWorkspace);
template void attention_forward(Gpu, const AttentionForward<double>&, const AttentionShape&, AttentionWorkspace);
template void attention_backward(Gpu, const AttentionBackward<float>&, const AttentionShape&, AttentionWorkspace);
template void attention_backward(Gpu, const AttentionBackward<double>&, const AttentionShape&, AttentionWorkspace);

}  // namespace vitrine::kernels

// Scaled dot-product attention of q (N, D), k (M, D), v (M, E), for each head of each batch.
//
//   forward    s_ij = scale q_i . k_j + mask_ij          -inf where j > i and the call is causal
//              L_i  = log sum_j exp(s_ij)
//              p_ij = exp(s_ij - L_i)                    a row of softmax
//              o_i  = sum_j p_ij z_ij v_j                z_ij: 0 or 1 / (1 - dropout_p), by Philox; 1 without dropout
//   backward   dv_j  = sum_i p_ij z_ij do_i
//              ds_ij = p_ij (z_ij do_i . v_j - do_i . o_i)
//              dq_i  = scale sum_j ds_ij k_j             dk_j = scale sum_i ds_ij q_i
//
// No N x M matrix is stored: s is made a tile at a time. Going along a row, forward keeps the largest score m so far, the
// sum l of exp(s - m) and the sum o of exp(s - m) v, and multiplies l and o by exp(m - m') when a tile has a larger m'.
// Of all that only o and L are kept for backward, which makes the tiles again. A causal call skips tiles whose scores
// are all -inf. (T. Dao et al., "FlashAttention", NeurIPS 2022; M. Milakov and N. Gimelshein, "Online normalizer
// calculation for softmax", 2018.)
//
// A row whose scores are all -inf has o = 0, no gradient, and L = +inf, so that exp(s - L) is 0.
// z_ij is word j of the ceil(M / 4) blocks of Philox that belong to row i: nothing is stored, backward draws it again.
// Sums run over tiles in their order: the same bits at any number of threads.
#pragma once

#include <cstddef>
#include <cstdint>

#include "vitrine/kernels/base/device.h"
#include "vitrine/kernels/base/hd.h"
#include "vitrine/kernels/random/philox.h"

namespace vitrine::kernels {

/// Where row i of head h of batch b begins: b * batch + h * head + i * row. The elements of a row lie together.
struct HeadStrides {
    std::int64_t batch, head, row;
};

struct AttentionShape {
    std::int64_t batch, heads;
    std::int64_t queries, keys;        // N, M
    std::int64_t head_dim, value_dim;  // D, E
    HeadStrides q, k, v, o, dq, dk, dv;  // do lies as o does
    std::int64_t mask_batch, mask_head, mask_row, mask_col;
    double scale;
    bool causal;
    double dropout_p;  // 0: none
    Philox from;
};

/// Blocks of Philox that a row of the scores takes, and all rows.
VITRINE_HD constexpr std::int64_t attention_row_blocks(std::int64_t keys) { return (keys + 3) / 4; }
constexpr std::uint64_t attention_dropout_blocks(std::int64_t rows, std::int64_t keys) {
    return static_cast<std::uint64_t>(rows * attention_row_blocks(keys));
}

/// On cuda and simt D and E may not be larger: tiles of whole rows must fit the shared memory.
constexpr std::int64_t attention_gpu_head_max = 256;

/// What forward reads, and what it writes: o as n.o says, lse (batch, heads, queries) contiguous. mask may be null.
template <class T>
struct AttentionForward {
    const T *q, *k, *v, *mask;
    T *o, *lse;
};
/// The same for backward: dy is the gradient of o.
template <class T>
struct AttentionBackward {
    const T *q, *k, *v, *mask, *o, *lse, *dy;
    T *dq, *dk, *dv;
};

/// Scratch memory, aligned to 64 bytes, as much as attention_workspace_bytes() asks for.
struct AttentionWorkspace {
    void* data = nullptr;
    std::size_t bytes = 0;
};
enum class AttentionPass { forward, backward };

template <class T>
std::size_t attention_workspace_bytes(Cpu, const AttentionShape& n, AttentionPass pass);
template <class T>
void attention_forward(Cpu, const AttentionForward<T>& x, const AttentionShape& n, AttentionWorkspace w);
template <class T>
void attention_backward(Cpu, const AttentionBackward<T>& x, const AttentionShape& n, AttentionWorkspace w);

template <class T>
std::size_t attention_workspace_bytes(Simt, const AttentionShape& n, AttentionPass pass);
template <class T>
void attention_forward(Simt, const AttentionForward<T>& x, const AttentionShape& n, AttentionWorkspace w);
template <class T>
void attention_backward(Simt, const AttentionBackward<T>& x, const AttentionShape& n, AttentionWorkspace w);

template <class T>
std::size_t attention_workspace_bytes(Cuda, const AttentionShape& n, AttentionPass pass);
template <class T>
void attention_forward(Cuda, const AttentionForward<T>& x, const AttentionShape& n, AttentionWorkspace w);
template <class T>
void attention_backward(Cuda, const AttentionBackward<T>& x, const AttentionShape& n, AttentionWorkspace w);

}  // namespace vitrine::kernels

#include "attention.h"

#include <cmath>
#include <vector>

#include "vitrine/core/ops/attention.h"
#include "vitrine/core/ops/binary.h"
#include "vitrine/core/ops/copy.h"
#include "vitrine/core/ops/creation.h"
#include "vitrine/core/ops/dropout.h"
#include "vitrine/core/ops/matmul.h"
#include "vitrine/core/ops/reduce.h"
#include "vitrine/core/ops/unary.h"
#include "vitrine/core/ops/view.h"
#include "vitrine/core/tensor_impl.h"

namespace vitrine::nn {
namespace {

void check_options(const Call& call, double dropout, DType dtype, Device device) {
    call.check(dropout >= 0 && dropout <= 1, "dropout ", dropout, "; allowed is 0 to 1");
    call.check(is_floating(dtype), "dtype ", dtype, "; allowed are f32 and f64");
    call.check(is_available(device), "device ", device, " is not available here");
}

}  // namespace

// ---- MultiheadAttention

MultiheadAttention::MultiheadAttention(std::int64_t embed_dim, std::int64_t num_heads, MultiheadAttentionOptions options,
                                       Site site)
    : out_proj(std::max<std::int64_t>(embed_dim, 0), std::max<std::int64_t>(embed_dim, 0),
               {.bias = options.bias, .dtype = options.dtype, .device = options.device}, site),
      num_heads_(num_heads),
      dropout_(options.dropout),
      batch_first_(options.batch_first) {
    const Call call("MultiheadAttention", site);
    call.check(embed_dim >= 1 && num_heads >= 1 && embed_dim % num_heads == 0, "embed_dim ", embed_dim, ", num_heads ",
               num_heads, "; both must be 1 or more, and num_heads must divide embed_dim");
    check_options(call, options.dropout, options.dtype, options.device);
    in_proj_weight = make_tensor({3 * embed_dim, embed_dim}, {1, 3 * embed_dim}, options.dtype, options.device);
    if (options.bias) in_proj_bias = make_tensor({3 * embed_dim}, {1}, options.dtype, options.device);
    init::xavier_uniform_(in_proj_weight);
    in_proj_weight.requires_grad_();
    if (in_proj_bias.defined()) {
        init::zeros_(in_proj_bias);
        init::zeros_(out_proj.bias);
        in_proj_bias.requires_grad_();
    }
}

void MultiheadAttention::reset_parameters() {
    out_proj.reset_parameters();
    init::xavier_uniform_(in_proj_weight);
    if (!in_proj_bias.defined()) return;
    init::zeros_(in_proj_bias);
    init::zeros_(out_proj.bias);
}

void MultiheadAttention::check(const Call& call, const Tensor& query, const Tensor& key, const Tensor& value,
                               const MultiheadAttentionInputs& inputs) const {
    const std::int64_t C = embed_dim();
    call.check(query.defined() && key.defined() && value.defined(), "query, key or value is undefined");
    call.check((query.dim() == 2 || query.dim() == 3) && query.shape().back() == C, "query ", query.shape(), "; allowed are ",
               batch_first_ ? "(B, T, " : "(T, B, ", C, ") and (T, ", C, ')');
    Shape wanted = query.shape();
    const int along = query.dim() == 2 || !batch_first_ ? 0 : 1;  // the dimension of the steps
    if (key.dim() == query.dim()) wanted[along] = key.shape()[along];
    call.check(key.shape() == wanted, "query ", query.shape(), " and key ", key.shape(),
               "; all but their lengths must be equal");
    call.check(value.shape() == wanted, "key ", key.shape(), " and value ", value.shape(), "; both must be equal");
    call.check(key.shape()[along] > 0, "key ", key.shape(), " is an empty sequence");
    if (!inputs.key_padding_mask.defined()) return;
    const Shape padding = query.dim() == 2 ? Shape{key.shape()[0]} : Shape{key.shape()[1 - along], key.shape()[along]};
    call.check(inputs.key_padding_mask.dtype() == DType::boolean && inputs.key_padding_mask.shape() == padding,
               "key_padding_mask ", inputs.key_padding_mask.shape(), ' ', inputs.key_padding_mask.dtype(), "; allowed is ",
               padding, " bool");
}

// A third of the inner map of x, as (B, heads, T, C / heads): a view of what the map gives.
Tensor MultiheadAttention::heads(const Tensor& x, std::int64_t third) const {
    const std::int64_t C = embed_dim(), begin = third * C;
    const Tensor bias = in_proj_bias.defined() ? in_proj_bias.slice(0, begin, begin + C) : Tensor();
    const Tensor y = linear(x, in_proj_weight.slice(0, begin, begin + C), bias);
    if (x.dim() == 2) return y.reshape({1, x.shape()[0], num_heads_, C / num_heads_}).transpose(1, 2);
    const Tensor split = y.reshape({x.shape()[0], x.shape()[1], num_heads_, C / num_heads_});
    return batch_first_ ? split.transpose(1, 2) : split.permute({1, 2, 0, 3});
}

// Both masks as one, added to the scores.
Tensor MultiheadAttention::all_masks(const Call& call, const Tensor& q, const MultiheadAttentionInputs& inputs) const {
    if (!inputs.key_padding_mask.defined()) return inputs.mask;
    call.check(inputs.key_padding_mask.device() == q.device(), "query is on ", q.device(), " and key_padding_mask on ",
               inputs.key_padding_mask.device());
    const Tensor kept = 1 - inputs.key_padding_mask.to(q.dtype());
    Tensor padding = log(kept);  // 0, and -inf where a key is padding
    padding = padding.dim() == 1 ? padding.unsqueeze(0) : padding.unsqueeze(1).unsqueeze(1);
    if (!inputs.mask.defined()) return padding;
    return padding + (inputs.mask.dtype() == DType::boolean ? log(inputs.mask.to(q.dtype())) : inputs.mask);
}

MultiheadAttentionOutput MultiheadAttention::forward(const Tensor& query, const Tensor& key, const Tensor& value,
                                                     MultiheadAttentionInputs inputs) const {
    const Call call("MultiheadAttention", Site::here());
    check(call, query, key, value, inputs);
    const Tensor q = heads(query, 0), k = heads(key, 1), v = heads(value, 2);
    const AttentionOptions options{.mask = all_masks(call, q, inputs),
                                   .causal = inputs.causal,
                                   .dropout_p = is_training() ? dropout_ : 0};

    MultiheadAttentionOutput y;
    Tensor o;  // (B, heads, T, C / heads)
    if (inputs.need_weights) {
        y.weights = attention_weights(q, k, options);
        o = matmul(y.weights, v);
        if (inputs.average_weights) y.weights = mean(y.weights, 1);
        if (query.dim() == 2) y.weights = y.weights.squeeze(0);
    } else {
        o = scaled_dot_product_attention(q, k, v, options);
    }
    o = query.dim() == 2 || batch_first_ ? o.transpose(1, 2) : o.permute({2, 0, 1, 3});
    y.output = linear(o.reshape(query.shape()), out_proj.weight, out_proj.bias);
    return y;
}

MultiheadAttention MultiheadAttention::clone() const {
    return Module::clone(embed_dim(), num_heads_,
                         MultiheadAttentionOptions{.dropout = dropout_,
                                                   .bias = in_proj_bias.defined(),
                                                   .batch_first = batch_first_,
                                                   .dtype = in_proj_weight.dtype(),
                                                   .device = in_proj_weight.device()});
}

void MultiheadAttention::members(Members& m) {
    m("in_proj_weight", in_proj_weight);
    m("in_proj_bias", in_proj_bias);
    m("out_proj", out_proj);
    m("dropout", dropout_);
}

std::string MultiheadAttention::describe() const {
    return join("MultiheadAttention(", embed_dim(), ", ", num_heads_, " heads)");
}

// ---- PositionalEncoding

PositionalEncoding::PositionalEncoding(std::int64_t embed_dim, PositionalEncodingOptions options, Site site)
    : dropout_(options.dropout), batch_first_(options.batch_first) {
    const Call call("PositionalEncoding", site);
    call.check(embed_dim >= 1 && options.max_length >= 1, "embed_dim ", embed_dim, ", max_length ", options.max_length,
               "; both must be 1 or more");
    check_options(call, options.dropout, options.dtype, options.device);
    std::vector<double> table;
    for (std::int64_t t = 0; t < options.max_length; ++t)
        for (std::int64_t c = 0; c < embed_dim; ++c) {
            const double angle = double(t) / std::pow(10000.0, double(c / 2 * 2) / double(embed_dim));
            table.push_back(c % 2 == 0 ? std::sin(angle) : std::cos(angle));
        }
    pe = from_values(std::span<const double>(table), {options.max_length, embed_dim},
                     {.dtype = options.dtype, .device = options.device});
}

Tensor PositionalEncoding::forward(const Tensor& x) const {
    const Call call("PositionalEncoding", Site::here());
    call.check(x.dim() == 3 && x.shape().back() == pe.shape()[1], "x ", x.shape(), "; allowed is ",
               batch_first_ ? "(B, T, " : "(T, B, ", pe.shape()[1], ')');
    const std::int64_t steps = x.shape()[batch_first_ ? 1 : 0];
    call.check(steps <= pe.shape()[0], "x ", x.shape(), " has ", steps, " steps; at most max_length ", pe.shape()[0]);
    const Tensor rows = pe.slice(0, 0, steps);
    return dropout(x + (batch_first_ ? rows : rows.unsqueeze(1)), dropout_, is_training());
}

PositionalEncoding PositionalEncoding::clone() const {
    return Module::clone(pe.shape()[1], PositionalEncodingOptions{.dropout = dropout_,
                                                                 .max_length = pe.shape()[0],
                                                                 .batch_first = batch_first_,
                                                                 .dtype = pe.dtype(),
                                                                 .device = pe.device()});
}

void PositionalEncoding::members(Members& m) {
    m.buffer("pe", pe);
    m("dropout", dropout_);
}

std::string PositionalEncoding::describe() const {
    return join("PositionalEncoding(", pe.shape()[1], ", up to ", pe.shape()[0], " steps)");
}

}  // namespace vitrine::nn

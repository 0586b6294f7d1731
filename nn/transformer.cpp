#include "transformer.h"

#include "fused.h"
#include "vitrine/core/ops/unary.h"

namespace vitrine::nn {

TransformerEncoderLayer::TransformerEncoderLayer(std::int64_t d_model, std::int64_t nhead,
                                                 TransformerEncoderLayerOptions options, Site site)
    : self_attn(d_model, nhead,
                {.dropout = options.dropout,
                 .bias = options.bias,
                 .batch_first = options.batch_first,
                 .dtype = options.dtype,
                 .device = options.device},
                site),
      linear1(d_model, options.dim_feedforward,
              {.bias = options.bias, .dtype = options.dtype, .device = options.device}, site),
      linear2(options.dim_feedforward, d_model,
              {.bias = options.bias, .dtype = options.dtype, .device = options.device}, site),
      norm1(Shape{d_model},
            {.eps = options.layer_norm_eps, .bias = options.bias, .dtype = options.dtype, .device = options.device}, site),
      norm2(Shape{d_model},
            {.eps = options.layer_norm_eps, .bias = options.bias, .dtype = options.dtype, .device = options.device}, site),
      options_(options),
      dropout_(options.dropout, site),
      dropout1_(options.dropout, site),
      dropout2_(options.dropout, site) {}

Tensor TransformerEncoderLayer::attend(const Tensor& x, const MultiheadAttentionInputs& inputs,
                                       const Tensor& residual) const {
    MultiheadAttentionInputs without_weights = inputs;
    without_weights.need_weights = false;
    return dropout_add(dropout1_, self_attn(x, x, x, without_weights).output, residual);
}

Tensor TransformerEncoderLayer::feed_forward(const Tensor& x, const Tensor& residual) const {
    const bool is_relu = options_.activation == TransformerActivation::relu;
    const Tensor a = is_relu ? linear_relu(linear1, x) : gelu(linear1(x));
    return dropout_add(dropout2_, linear2(dropout_(a)), residual);
}

Tensor TransformerEncoderLayer::forward(const Tensor& x, MultiheadAttentionInputs inputs) const {
    if (options_.norm_first) {
        const Tensor y = attend(norm1(x), inputs, x);
        return feed_forward(norm2(y), y);
    }
    const Tensor y = norm1(attend(x, inputs, x));
    return norm2(feed_forward(y, y));
}

TransformerEncoderLayer TransformerEncoderLayer::clone() const {
    TransformerEncoderLayerOptions options = options_;
    options.dtype = linear1.weight.dtype(), options.device = linear1.weight.device();
    return Module::clone(self_attn.embed_dim(), self_attn.num_heads(), options);
}

void TransformerEncoderLayer::members(Members& m) {
    m("self_attn", self_attn);
    m("linear1", linear1), m("linear2", linear2);
    m("norm1", norm1), m("norm2", norm2);
    m("dropout", dropout_), m("dropout1", dropout1_), m("dropout2", dropout2_);
}

std::string TransformerEncoderLayer::describe() const {
    return join("TransformerEncoderLayer(", self_attn.embed_dim(), ", ", self_attn.num_heads(), " heads, ",
                options_.norm_first ? "pre-norm)" : "post-norm)");
}

}  // namespace vitrine::nn

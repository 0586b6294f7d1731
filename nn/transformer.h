// The layer of a transformer's encoder.
#pragma once

#include <cstdint>

#include "attention.h"
#include "norm.h"

namespace vitrine::nn {

enum class TransformerActivation { relu, gelu };

struct TransformerEncoderLayerOptions {
    std::int64_t dim_feedforward = 2048;
    double dropout = 0.1;      ///< of the attention's probabilities, between the linear maps, and of what each branch adds
    TransformerActivation activation = TransformerActivation::relu;
    double layer_norm_eps = 1e-5;
    bool batch_first = false;  ///< inputs and output are (B, T, C) instead of (T, B, C)
    bool norm_first = false;   ///< pre-norm
    bool bias = true;
    DType dtype = DType::f32;  ///< f32 or f64
    Device device = Device::cpu;
};

/// Self-attention, then two linear maps of each step, each added to what went in:
///
///     post-norm   x = norm1(x + attn(x)),   x = norm2(x + ff(x))         ff(x) = linear2(act(linear1(x)))
///     pre-norm    x = x + attn(norm1(x)),   x = x + ff(norm2(x))
///
/// Parameters are named as torch.nn.TransformerEncoderLayer's: self_attn.in_proj_weight, ..., linear1.weight, linear2.weight,
/// norm1.weight, norm2.weight. (Vaswani et al., 2017; pre-norm: R. Xiong et al., ICML 2020.)
class TransformerEncoderLayer : public Module<TransformerEncoderLayer> {
public:
    /// Throws Error as MultiheadAttention does, and for a negative dim_feedforward.
    TransformerEncoderLayer(std::int64_t d_model, std::int64_t nhead, TransformerEncoderLayerOptions options = {},
                            Site site = Site::here());

    /// x (T, B, C), or (B, T, C) with batch_first. `inputs`: mask, key_padding_mask and causal count.
    Tensor forward(const Tensor& x, MultiheadAttentionInputs inputs = {}) const;
    using Module::operator();
    /// With braces for the last argument: `layer(x, {.causal = true})`.
    Tensor operator()(Operand x, MultiheadAttentionInputs inputs) const { return Module::operator()(x, inputs); }
    TransformerEncoderLayer clone() const;

    void members(Members& m) override;
    std::string describe() const override;

    MultiheadAttention self_attn;
    Linear linear1, linear2;
    LayerNorm norm1, norm2;

private:
    // residual + attn(x), residual + ff(x)
    Tensor attend(const Tensor& x, const MultiheadAttentionInputs& inputs, const Tensor& residual) const;
    Tensor feed_forward(const Tensor& x, const Tensor& residual) const;

    TransformerEncoderLayerOptions options_;
    Dropout dropout_, dropout1_, dropout2_;
};

}  // namespace vitrine::nn

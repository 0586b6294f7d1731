// Multi-head attention, and the positions that it cannot see by itself.
#pragma once

#include <cstdint>

#include "basic.h"
#include "linear.h"

namespace vitrine::nn {

struct MultiheadAttentionOptions {
    double dropout = 0;        ///< of the probabilities, in training mode
    bool bias = true;
    bool batch_first = false;  ///< inputs and output are (B, T, C) instead of (T, B, C)
    DType dtype = DType::f32;  ///< f32 or f64
    Device device = Device::cpu;
};

/// Who may look at whom, and what comes back besides the output.
struct MultiheadAttentionInputs {
    Tensor mask = {};              ///< as in scaled_dot_product_attention: broadcasts to (B, heads, T, S)
    Tensor key_padding_mask = {};  ///< (B, S) bool: true where a key is padding, which nobody looks at
    bool causal = false;           ///< position t looks at positions 0 to t alone
    bool need_weights = false;     ///< makes the probabilities too, which then are stored
    bool average_weights = true;   ///< over the heads
};

struct MultiheadAttentionOutput {
    Tensor output;   ///< as query
    Tensor weights;  ///< (B, T, S), or (B, heads, T, S) unless averaged; undefined unless asked for
};

/// Every head h attends with its own thirds of linear maps of query, key and value, C / heads columns each; the heads' results
/// side by side go through out_proj. Parameters are named as torch.nn.MultiheadAttention's: in_proj_weight (3 C, C),
/// in_proj_bias (3 C), out_proj.weight (C, C), out_proj.bias. in_proj_weight starts uniform (Xavier), biases start at 0.
/// (A. Vaswani et al., "Attention is all you need", NeurIPS 2017.)
///
///     nn::MultiheadAttention attention(64, 4, {.batch_first = true});
///     Tensor y = attention(x, x, x, {.causal = true}).output;
class MultiheadAttention : public Module<MultiheadAttention> {
public:
    /// Throws Error unless num_heads >= 1 divides embed_dim, or for an option out of range.
    MultiheadAttention(std::int64_t embed_dim, std::int64_t num_heads, MultiheadAttentionOptions options = {},
                       Site site = Site::here());

    /// query (T, B, C), key and value (S, B, C); batch_first: (B, T, C), (B, S, C); without a batch (T, C), (S, C). Throws
    /// Error for other shapes or an empty sequence of keys.
    MultiheadAttentionOutput forward(const Tensor& query, const Tensor& key, const Tensor& value,
                                     MultiheadAttentionInputs inputs = {}) const;
    using Module::operator();
    /// The same with braces for the last argument: `attention(x, x, x, {.causal = true})`.
    MultiheadAttentionOutput operator()(Operand query, const Tensor& key, const Tensor& value,
                                        MultiheadAttentionInputs inputs) const {
        return Module::operator()(query, key, value, inputs);
    }
    void reset_parameters();
    MultiheadAttention clone() const;

    void members(Members& m) override;
    std::string describe() const override;

    std::int64_t embed_dim() const { return in_proj_weight.shape()[1]; }
    std::int64_t num_heads() const { return num_heads_; }

    Tensor in_proj_weight;  ///< (3 C, C): of query, key, value
    Tensor in_proj_bias;    ///< (3 C), or undefined
    Linear out_proj;

private:
    Tensor heads(const Tensor& x, std::int64_t third) const;
    Tensor all_masks(const Call& call, const Tensor& q, const MultiheadAttentionInputs& inputs) const;
    void check(const Call& call, const Tensor& query, const Tensor& key, const Tensor& value,
               const MultiheadAttentionInputs& inputs) const;

    std::int64_t num_heads_;
    double dropout_;
    bool batch_first_;
};

struct PositionalEncodingOptions {
    double dropout = 0.1;
    std::int64_t max_length = 5000;
    bool batch_first = false;  ///< x is (B, T, C) instead of (T, B, C)
    DType dtype = DType::f32;  ///< f32 or f64
    Device device = Device::cpu;
};

/// y_t = dropout(x_t + pe_t), pe_t,2i = sin(t / 10000^(2i / C)), pe_t,2i+1 = cos(t / 10000^(2i / C)). The table is a buffer,
/// `pe` (max_length, C). (Vaswani et al., 2017.)
class PositionalEncoding : public Module<PositionalEncoding> {
public:
    /// Throws Error for a size below 1 or an option out of range.
    explicit PositionalEncoding(std::int64_t embed_dim, PositionalEncodingOptions options = {}, Site site = Site::here());
    /// Throws Error for another last size, or a sequence longer than max_length.
    Tensor forward(const Tensor& x) const;
    PositionalEncoding clone() const;
    void members(Members& m) override;
    std::string describe() const override;

    Tensor pe;  ///< (max_length, C)

private:
    double dropout_;
    bool batch_first_;
};

}  // namespace vitrine::nn

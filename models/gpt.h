// A decoder-only transformer that predicts the next token: GPT-2, and small ones of its make.
//
//     x_t     = wte[token t] + wpe[t]
//     block   x += attn(ln_1 x),  x += mlp(ln_2 x)            `layers` times; attn is causal
//             mlp(x) = c_proj gelu(c_fc x), four times as wide inside, gelu by tanh
//     logits  = head(ln_f x)                                  the head is wte's weight, or one of its own
//
// A. Radford et al., "Language Models are Unsupervised Multitask Learners", 2019. Parameters have the names and shapes of
// Hugging Face's GPT2Model, so that its files load as they are: wte.weight, wpe.weight, h.0.ln_1.weight,
// h.0.attn.c_attn.weight (in, out), ..., ln_f.bias.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "sampling.h"
#include "vitrine/nn/embedding.h"
#include "vitrine/nn/linear.h"
#include "vitrine/nn/norm.h"

namespace vitrine::models {

struct GptOptions {
    std::int64_t vocabulary = 65;
    std::int64_t context = 64;  ///< the longest sequence
    std::int64_t layers = 4, heads = 4, width = 128;
    double dropout = 0;         ///< of the embeddings, the attention's probabilities and what each branch adds
    bool tied_head = true;      ///< else lm_head.weight (vocabulary, width)
};

/// y = x weight + bias with a weight (in, out), as Hugging Face's Conv1D.
class GptProjection : public nn::Module<GptProjection> {
public:
    GptProjection(std::int64_t in, std::int64_t out, double std);
    Tensor forward(const Tensor& x) const;
    GptProjection clone() const { return Module::clone(weight.shape()[0], weight.shape()[1], 0.0); }
    void members(nn::Members& m) override { m("weight", weight), m("bias", bias); }
    std::string describe() const override;

    Tensor weight, bias;
};

/// Causal attention of a block.
class GptAttention : public nn::Module<GptAttention> {
public:
    explicit GptAttention(const GptOptions& options);
    Tensor forward(const Tensor& x) const;
    void members(nn::Members& m) override { m("c_attn", c_attn_), m("c_proj", c_proj_); }

private:
    std::int64_t heads_;
    double dropout_;
    GptProjection c_attn_, c_proj_;
};

/// The two maps of a block that look at one position at a time.
class GptMlp : public nn::Module<GptMlp> {
public:
    explicit GptMlp(const GptOptions& options);
    Tensor forward(const Tensor& x) const;
    void members(nn::Members& m) override { m("c_fc", c_fc_), m("c_proj", c_proj_); }

private:
    GptProjection c_fc_, c_proj_;
};

class GptBlock : public nn::Module<GptBlock> {
public:
    explicit GptBlock(const GptOptions& options);
    Tensor forward(const Tensor& x) const;
    void members(nn::Members& m) override { m("ln_1", ln_1_), m("attn", attn_), m("ln_2", ln_2_), m("mlp", mlp_); }

private:
    double dropout_;
    nn::LayerNorm ln_1_, ln_2_;
    GptAttention attn_;
    GptMlp mlp_;
};

class Gpt : public nn::Module<Gpt> {
public:
    /// Weights start normal with deviation 0.02, those that end a branch with 0.02 / sqrt(2 layers), biases at 0. Throws
    /// Error for a size below 1, heads that do not divide width, or dropout outside 0 to 1.
    explicit Gpt(GptOptions options = {}, Site site = Site::here());

    /// Logits (B, T, vocabulary) of the token after each of ids (B, T), i64 or i32. Throws Error for another shape, an
    /// empty or too long sequence, or an id out of range.
    Tensor forward(const Tensor& ids) const;
    Gpt clone() const { return Module::clone(options_); }
    void members(nn::Members& m) override;
    std::string describe() const override;
    const GptOptions& options() const { return options_; }

    /// `count` tokens that continue `prime`, each drawn by sample_token from what the last `context` tokens give. Runs in
    /// eval mode without recording. Throws Error for an empty prime or a token out of range.
    std::vector<std::int64_t> generate(std::vector<std::int64_t> prime, std::int64_t count, SamplingOptions options = {},
                                       Generator& generator = default_generator(), Site site = Site::here());

private:
    GptOptions options_;
    nn::Embedding wte_, wpe_;
    std::vector<GptBlock> h_;
    nn::LayerNorm ln_f_;
    std::unique_ptr<nn::Linear> lm_head_;  // null when tied
};

/// Mean cross entropy of logits (B, T, V) and the tokens (B, T) that followed, in nats.
Tensor next_token_loss(const Tensor& logits, const Tensor& targets, Site site = Site::here());

/// GPT-2 with 124 million parameters, as Hugging Face's "gpt2": load_state_dict(data::load_safetensors(file).tensors, false)
/// takes its file, whose masks h.0.attn.bias, ... come back as unexpected.
Gpt gpt2(Site site = Site::here());

}  // namespace vitrine::models

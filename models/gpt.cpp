#include "gpt.h"

#include <algorithm>
#include <cmath>

#include "vitrine/core/ops/attention.h"
#include "vitrine/core/ops/binary.h"
#include "vitrine/core/ops/creation.h"
#include "vitrine/core/ops/cross_entropy.h"
#include "vitrine/core/ops/dropout.h"
#include "vitrine/core/ops/matmul.h"
#include "vitrine/core/ops/split.h"
#include "vitrine/core/ops/unary.h"
#include "vitrine/core/ops/view.h"

namespace vitrine::models {
namespace {

constexpr double std_of_weights = 0.02;

/// For the maps whose results are added up along the depth: the sum then has the same variance at any depth.
double std_of_branch_ends(const GptOptions& options) {
    return std_of_weights / std::sqrt(2 * static_cast<double>(options.layers));
}

const GptOptions& checked(const GptOptions& options, Site site) {
    const Call call("Gpt", site);
    call.check(options.vocabulary >= 1 && options.context >= 1 && options.layers >= 1 && options.width >= 1, "vocabulary ",
               options.vocabulary, ", context ", options.context, ", layers ", options.layers, ", width ", options.width,
               "; all must be 1 or more");
    call.check(options.heads >= 1 && options.width % options.heads == 0, "heads ", options.heads, " for width ",
               options.width, "; they must divide it");
    call.check(options.dropout >= 0 && options.dropout <= 1, "dropout ", options.dropout, "; allowed is 0 to 1");
    return options;
}

}  // namespace

GptProjection::GptProjection(std::int64_t in, std::int64_t out, double std)
    : weight(empty({in, out})), bias(zeros({out})) {
    nn::init::normal_(weight, 0, std);
    weight.requires_grad_(), bias.requires_grad_();
}

Tensor GptProjection::forward(const Tensor& x) const { return linear(x, weight.transpose(0, 1), bias); }

std::string GptProjection::describe() const {
    return join("GptProjection(", weight.shape()[0], ", ", weight.shape()[1], ')');
}

GptAttention::GptAttention(const GptOptions& options)
    : heads_(options.heads),
      dropout_(options.dropout),
      c_attn_(options.width, 3 * options.width, std_of_weights),
      c_proj_(options.width, options.width, std_of_branch_ends(options)) {}

Tensor GptAttention::forward(const Tensor& x) const {
    const std::int64_t B = x.shape()[0], T = x.shape()[1], C = x.shape()[2];
    const std::vector<Tensor> qkv = split(c_attn_(x), C, 2);
    const auto heads = [&](const Tensor& part) {  // (B, heads, T, C / heads), a view
        return part.reshape({B, T, heads_, C / heads_}).transpose(1, 2);
    };
    const Tensor o = scaled_dot_product_attention(heads(qkv[0]), heads(qkv[1]), heads(qkv[2]),
                                                  {.causal = true, .dropout_p = is_training() ? dropout_ : 0});
    return c_proj_(o.transpose(1, 2).reshape({B, T, C}));
}

GptMlp::GptMlp(const GptOptions& options)
    : c_fc_(options.width, 4 * options.width, std_of_weights),
      c_proj_(4 * options.width, options.width, std_of_branch_ends(options)) {}

Tensor GptMlp::forward(const Tensor& x) const { return c_proj_(gelu(c_fc_(x), GeluApproximation::tanh)); }

GptBlock::GptBlock(const GptOptions& options)
    : dropout_(options.dropout), ln_1_(Shape{options.width}), ln_2_(Shape{options.width}), attn_(options), mlp_(options) {}

Tensor GptBlock::forward(const Tensor& x) const {
    const Tensor y = dropout_add(attn_(ln_1_(x)), x, dropout_, is_training());
    return dropout_add(mlp_(ln_2_(y)), y, dropout_, is_training());
}

Gpt::Gpt(GptOptions options, Site site)
    : options_(checked(options, site)),
      wte_(options.vocabulary, options.width),
      wpe_(options.context, options.width),
      ln_f_(Shape{options.width}) {
    nn::init::normal_(wte_.weight, 0, std_of_weights);
    nn::init::normal_(wpe_.weight, 0, std_of_weights);
    for (std::int64_t i = 0; i < options.layers; ++i) h_.emplace_back(options);
    if (options.tied_head) return;
    lm_head_ = std::make_unique<nn::Linear>(options.width, options.vocabulary, nn::LinearOptions{.bias = false});
    nn::init::normal_(lm_head_->weight, 0, std_of_weights);
}

Tensor Gpt::forward(const Tensor& ids) const {
    const Call call("Gpt", Site::here());
    call.check(ids.dim() == 2 && ids.shape()[1] > 0, "ids ", ids.shape(), "; allowed is (B, T) with at least one step");
    const std::int64_t T = ids.shape()[1];
    call.check(T <= options_.context, "ids ", ids.shape(), " has ", T, " steps; at most context ", options_.context);
    Tensor x = wte_(ids) + wpe_.weight.slice(0, 0, T);
    x = dropout(x, options_.dropout, is_training());
    for (const GptBlock& block : h_) x = block(x);
    x = ln_f_(x);
    return linear(x, lm_head_ ? lm_head_->weight : wte_.weight);
}

void Gpt::members(nn::Members& m) {
    m("wte", wte_), m("wpe", wpe_), m("h", h_), m("ln_f", ln_f_);
    m("lm_head", lm_head_);
}

std::string Gpt::describe() const {
    return join("Gpt(", options_.vocabulary, " tokens, context ", options_.context, ", ", options_.layers, " layers of ",
                options_.heads, " heads, width ", options_.width, ')');
}

std::vector<std::int64_t> Gpt::generate(std::vector<std::int64_t> tokens, std::int64_t count, SamplingOptions options,
                                        Generator& generator, Site site) {
    const Call call("Gpt::generate", site);
    call.check(!tokens.empty(), "an empty prime; a text needs a token to begin with");
    call.check(count >= 0, "count ", count, "; allowed is 0 and more");
    const std::size_t begin = tokens.size();
    const auto context = static_cast<std::size_t>(options_.context);
    const bool was_training = is_training();
    const NoGrad no_grad;
    eval();
    try {
        for (std::int64_t n = 0; n < count; ++n) {
            const std::size_t steps = std::min(tokens.size(), context);
            const std::vector<std::int64_t> window(tokens.end() - static_cast<std::ptrdiff_t>(steps), tokens.end());
            const Tensor ids = from_values(std::span<const std::int64_t>(window), {1, static_cast<std::int64_t>(steps)},
                                           {.dtype = DType::i64, .device = wte_.weight.device()});
            const Tensor logits = (*this)(Operand(ids, site));
            tokens.push_back(sample_token(logits.select(0, 0).select(0, -1), options, generator, site));
        }
    } catch (...) {
        train(was_training);
        throw;
    }
    train(was_training);
    return {tokens.begin() + static_cast<std::ptrdiff_t>(begin), tokens.end()};
}

Tensor next_token_loss(const Tensor& logits, const Tensor& targets, Site site) {
    const Call call("next_token_loss", site);
    call.check(logits.dim() == 3 && targets.dim() == 2 && logits.shape()[0] == targets.shape()[0] &&
                   logits.shape()[1] == targets.shape()[1],
               "logits ", logits.shape(), " and targets ", targets.shape(), "; allowed are (B, T, V) and (B, T)");
    const std::int64_t rows = targets.numel();
    return cross_entropy(Operand(logits.reshape({rows, logits.shape()[2]}, site), site), targets.reshape({rows}, site));
}

Gpt gpt2(Site site) {
    return Gpt({.vocabulary = 50257, .context = 1024, .layers = 12, .heads = 12, .width = 768, .dropout = 0.1}, site);
}

}  // namespace vitrine::models

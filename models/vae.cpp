#include "vae.h"

#include "vitrine/core/ops/binary.h"
#include "vitrine/core/ops/loss.h"
#include "vitrine/core/ops/random.h"
#include "vitrine/core/ops/reduce.h"
#include "vitrine/core/ops/unary.h"
#include "vitrine/nn/fused.h"

namespace vitrine::models {

Vae::Vae(VaeOptions options)
    : fc1_(options.inputs, options.hidden),
      fc21_(options.hidden, options.latent),
      fc22_(options.hidden, options.latent),
      fc3_(options.latent, options.hidden),
      fc4_(options.hidden, options.inputs) {}

void Vae::members(nn::Members& m) {
    m("fc1", fc1_);
    m("fc21", fc21_);
    m("fc22", fc22_);
    m("fc3", fc3_);
    m("fc4", fc4_);
}

VaeCode Vae::encode(const Tensor& x) const {
    const Tensor h = linear_relu(fc1_, x);
    return {fc21_(h), fc22_(h)};
}

Tensor Vae::sample(const VaeCode& code, Generator& noise) const {
    return code.mean + exp(0.5 * code.log_var) * randn_like(code.mean, noise);
}

Tensor Vae::decode(const Tensor& z) const { return fc4_(linear_relu(fc3_, z)); }

VaeOutput Vae::forward(const Tensor& x, Generator& noise) const {
    const VaeCode code = encode(x);
    return {decode(sample(code, noise)), code};
}

Tensor vae_loss(const VaeOutput& output, const Tensor& x) {
    const auto& [mean, log_var] = output.code;
    const Tensor bce = binary_cross_entropy_with_logits(output.logits, x, {.reduction = Reduction::sum});
    const Tensor kl = 0.5 * sum(square(mean) + exp(log_var) - 1 - log_var);
    return (bce + kl) / x.size(0);
}

}  // namespace vitrine::models

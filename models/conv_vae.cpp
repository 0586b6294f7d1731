#include "conv_vae.h"

#include "vitrine/core/operand.h"
#include "vitrine/core/ops/binary.h"
#include "vitrine/core/ops/random.h"
#include "vitrine/core/ops/unary.h"

namespace vitrine::models {
namespace {

ConvVaeOptions checked(const ConvVaeOptions& options, Site site) {
    const Call call("ConvVae", site);
    call.check(options.side >= 4 && options.side % 4 == 0, "side ", options.side, "; allowed are multiples of 4");
    call.check(options.channels >= 1, "channels ", options.channels, "; allowed are 1 and more");
    call.check(options.latent >= 1, "latent ", options.latent, "; allowed are 1 and more");
    return options;
}

// What the encoder leaves of a picture: 2 channels times a quarter of each side.
std::int64_t inner(const ConvVaeOptions& o) { return 2 * o.channels * (o.side / 4) * (o.side / 4); }

}  // namespace

ConvVae::ConvVae(ConvVaeOptions options, Site site)
    : side_(checked(options, site).side),
      conv1_(1, options.channels, 3, {.stride = 2, .padding = 1}),
      conv2_(options.channels, 2 * options.channels, 3, {.stride = 2, .padding = 1}),
      fc21_(inner(options), options.latent),
      fc22_(inner(options), options.latent),
      fc3_(options.latent, inner(options)),
      up1_(2 * options.channels, options.channels, 4, {.stride = 2, .padding = 1}),
      up2_(options.channels, 1, 4, {.stride = 2, .padding = 1}) {}

void ConvVae::members(nn::Members& m) {
    m("side", side_);
    m("conv1", conv1_);
    m("conv2", conv2_);
    m("fc21", fc21_);
    m("fc22", fc22_);
    m("fc3", fc3_);
    m("up1", up1_);
    m("up2", up2_);
}

VaeCode ConvVae::encode(const Tensor& x) const {
    const Tensor picture = x.reshape({x.size(0), 1, side_, side_});
    const Tensor h = relu(conv2_(relu(conv1_(picture)))).flatten(1);
    return {fc21_(h), fc22_(h)};
}

Tensor ConvVae::sample(const VaeCode& code, Generator& noise) const {
    return code.mean + exp(0.5 * code.log_var) * randn_like(code.mean, noise);
}

Tensor ConvVae::decode(const Tensor& z) const {
    const Tensor h = relu(fc3_(z)).reshape({z.size(0), -1, side_ / 4, side_ / 4});
    return up2_(relu(up1_(h))).flatten(1);
}

VaeOutput ConvVae::forward(const Tensor& x, Generator& noise) const {
    const VaeCode code = encode(x);
    return {decode(sample(code, noise)), code};
}

}  // namespace vitrine::models

// The steps that are small: a perceptron, and next to nothing.
#include "steps.h"
#include "vitrine/core/ops/binary.h"
#include "vitrine/core/ops/creation.h"
#include "vitrine/core/ops/random.h"
#include "vitrine/models/vae.h"
#include "vitrine/optim/adam.h"

namespace vitrine::bench {

nlohmann::json mnist_vae(double seconds, Size size) {
    const std::int64_t batch = size.batch ? size.batch : 128, hidden = size.width ? size.width : 400;
    constexpr std::int64_t in = 784, latent = 20;
    manual_seed(1);
    models::Vae vae({.hidden = hidden});
    optim::Adam adam(vae.parameters(), {.lr = 1e-3});
    const Tensor x = rand({batch, in});
    const auto times = time_steps(seconds, 50, [&] {
        adam.zero_grad();
        models::vae_loss(vae(x), x).backward();
        adam.step();
    });
    const double images = static_cast<double>(batch), wide = static_cast<double>(hidden);
    const double forward = 2 * images * (in * wide + wide * 2 * latent + latent * wide + wide * in);
    return rates(times, images, 3 * forward - 2 * images * in * wide);
}

nlohmann::json tiny(double seconds, Size) {
    constexpr int ops = 1000;
    const Tensor x = ones({8}, {.requires_grad = true}), dy = ones({8});
    std::vector<double> forward, backward;
    const auto times = time_steps(seconds, 20, [&] {
        const double start = now_ms();
        Tensor y = x;
        for (int i = 0; i < ops; ++i) y = y + x;
        const double middle = now_ms();
        y.backward(dy);
        forward.push_back(middle - start);
        backward.push_back(now_ms() - middle);
    });
    nlohmann::json result = rates(times, ops, 16.0 * ops);
    result["forward_us"] = 1e3 * median(forward) / ops;
    result["backward_us"] = 1e3 * median(backward) / ops;
    return result;
}

}  // namespace vitrine::bench

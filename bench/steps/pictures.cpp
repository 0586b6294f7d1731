// Steps of convolutional nets.
#include "steps.h"
#include "vitrine/core/layout.h"
#include "vitrine/core/ops/creation.h"
#include "vitrine/core/ops/cross_entropy.h"
#include "vitrine/core/ops/random.h"
#include "vitrine/models/cifar_cnn.h"
#include "vitrine/models/resnet.h"
#include "vitrine/optim/sgd.h"

namespace vitrine::bench {
namespace {

template <class Model>
nlohmann::json train(Model& net, std::int64_t batch, double flops, double seconds) {
    optim::SGD sgd(net.parameters(), {.lr = 1e-3, .momentum = 0.9, .weight_decay = 5e-4});
    const Tensor x = channels_last(randn({batch, 3, 32, 32}));
    const Tensor y = full({batch}, 3, {.dtype = DType::i64});
    const auto times = time_steps(seconds, 3, [&] {
        sgd.zero_grad();
        cross_entropy(net(x), y).backward();
        sgd.step();
    });
    return rates(times, static_cast<double>(batch), flops);
}

/// Of a convolution with a square kernel, at its output's size.
double conv(std::int64_t batch, std::int64_t size, std::int64_t in, std::int64_t out, std::int64_t kernel) {
    return 2.0 * static_cast<double>(batch * size * size * in * out * kernel * kernel);
}

}  // namespace

nlohmann::json cifar_cnn(double seconds) {
    constexpr std::int64_t batch = 128;
    manual_seed(1);
    models::CifarCnn net;
    const double first = conv(batch, 32, 3, 32, 3);
    const double forward = first + conv(batch, 32, 32, 32, 3) + conv(batch, 16, 32, 64, 3) + conv(batch, 16, 64, 64, 3) +
                           conv(batch, 8, 64, 128, 3) + conv(batch, 8, 128, 128, 3) + 2.0 * batch * 2048 * 10;
    return train(net, batch, 3 * forward - first, seconds);
}

nlohmann::json resnet18(double seconds) {
    constexpr std::int64_t batch = 64;
    manual_seed(1);
    auto net = models::resnet18({.classes = 10, .small_images = true});
    const double first = conv(batch, 32, 3, 64, 3);
    double forward = first + 4 * conv(batch, 32, 64, 64, 3) + 2.0 * batch * 512 * 10;
    for (std::int64_t stage = 1; stage <= 3; ++stage) {
        const std::int64_t size = 32 >> stage, out = 64 << stage, in = out / 2;
        forward += conv(batch, size, in, out, 3) + 3 * conv(batch, size, out, out, 3) + conv(batch, size, in, out, 1);
    }
    return train(net, batch, 3 * forward - first, seconds);
}

}  // namespace vitrine::bench

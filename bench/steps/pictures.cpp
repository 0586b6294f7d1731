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
nlohmann::json train(Model& net, std::int64_t batch, std::int64_t side, double flops, double seconds) {
    optim::SGD sgd(net.parameters(), {.lr = 1e-3, .momentum = 0.9, .weight_decay = 5e-4});
    const Tensor x = channels_last(randn({batch, 3, side, side}));
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

nlohmann::json cifar_cnn(double seconds, Size size) {
    const std::int64_t batch = size.batch ? size.batch : 128, side = size.length ? size.length : 32;
    const std::int64_t c = size.width ? size.width : 32;
    manual_seed(1);
    models::CifarCnn net({.image_size = side, .channels = {c, 2 * c, 4 * c}});
    const double first = conv(batch, side, 3, c, 3);
    const double forward = first + conv(batch, side, c, c, 3) + conv(batch, side / 2, c, 2 * c, 3) +
                           conv(batch, side / 2, 2 * c, 2 * c, 3) + conv(batch, side / 4, 2 * c, 4 * c, 3) +
                           conv(batch, side / 4, 4 * c, 4 * c, 3) + conv(batch, side / 8, 4 * c, 10, 1);
    return train(net, batch, side, 3 * forward - first, seconds);
}

nlohmann::json resnet18(double seconds, Size size) {
    const std::int64_t batch = size.batch ? size.batch : 64, side = size.length ? size.length : 32;
    const std::int64_t width = size.width ? size.width : 64;
    manual_seed(1);
    auto net = models::resnet18({.classes = 10, .small_images = true, .width = width});
    const double first = conv(batch, side, 3, width, 3);
    double forward = first + 4 * conv(batch, side, width, width, 3) + conv(batch, 1, 8 * width, 10, 1);
    for (std::int64_t stage = 1; stage <= 3; ++stage) {
        const std::int64_t here = side >> stage, out = width << stage, in = out / 2;
        forward += conv(batch, here, in, out, 3) + 3 * conv(batch, here, out, out, 3) + conv(batch, here, in, out, 1);
    }
    return train(net, batch, side, 3 * forward - first, seconds);
}

}  // namespace vitrine::bench

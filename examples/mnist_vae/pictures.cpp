#include "pictures.h"

#include <vector>

namespace vt = vitrine;

namespace {

constexpr std::int64_t pixels = 784;

void write_grid(const std::string& path, const vt::Tensor& pictures, std::int64_t columns) {
    const std::int64_t side = 28;
    vt::data::write_png(path, vt::data::image_grid(pictures.reshape({pictures.numel() / pixels, side, side}), columns));
}

template <class Net>
vt::Tensor reconstructions(const Net& net, const vt::Tensor& x, vt::Generator& noise) {
    constexpr std::int64_t rows = 4, columns = 16;
    const vt::Tensor shown = x.slice(0, 0, std::min(rows * columns, x.size(0) / columns * columns));
    const vt::Tensor made = vt::sigmoid(net(shown, noise).logits);
    std::vector<vt::Tensor> lines;
    for (std::int64_t first = 0; first < shown.size(0); first += columns) {
        lines.push_back(shown.slice(0, first, first + columns));
        lines.push_back(made.slice(0, first, first + columns));
    }
    return vt::cat(lines);
}

template <class Net>
vt::Tensor samples(const Net& net, const vt::Tensor& like, vt::Generator& noise) {
    constexpr std::int64_t count = 100;
    const std::int64_t latent = net.encode(like.slice(0, 0, 1)).mean.size(1);
    return vt::sigmoid(net.decode(vt::randn({count, latent}, {.device = like.device()}, noise)));
}

// Straight lines between the codes' means: where the net has understood, every picture on the way is a digit.
template <class Net>
vt::Tensor walk(const Net& net, const vt::Tensor& x) {
    constexpr std::int64_t walks = 8, steps = 16;
    const vt::Tensor mean = net.encode(x.slice(0, 0, 2 * walks)).mean;
    std::vector<vt::Tensor> lines;
    for (std::int64_t w = 0; w < walks; ++w) {
        const vt::Tensor from = mean.slice(0, 2 * w, 2 * w + 1), to = mean.slice(0, 2 * w + 1, 2 * w + 2);
        for (std::int64_t s = 0; s < steps; ++s) {
            const double t = static_cast<double>(s) / (steps - 1);
            lines.push_back(from * (1 - t) + to * t);
        }
    }
    return vt::sigmoid(net.decode(vt::cat(lines)));
}

}  // namespace

template <class Net>
void write_pictures(const std::string& folder, const Net& net, const vt::Tensor& x, std::int64_t seed) {
    const vt::NoGrad no_grad;
    vt::Generator noise(static_cast<std::uint64_t>(seed));
    write_grid(folder + "/reconstructions.png", reconstructions(net, x, noise), 16);
    write_grid(folder + "/samples.png", samples(net, x, noise), 10);
    write_grid(folder + "/walk.png", walk(net, x), 16);
}

template void write_pictures(const std::string&, const vt::models::Vae&, const vt::Tensor&, std::int64_t);
template void write_pictures(const std::string&, const vt::models::ConvVae&, const vt::Tensor&, std::int64_t);

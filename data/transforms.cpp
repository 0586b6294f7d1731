#include "transforms.h"

#include <algorithm>
#include <cstring>

#include "vitrine/core/layout.h"
#include "vitrine/core/operand.h"
#include "vitrine/core/tensor_impl.h"

namespace vitrine::data {
namespace {

// Pictures as bytes: pixel (h, w) of picture n begins at n * picture() + h * row() + w * pixel.
struct Pixels {
    std::int64_t N, H, W, pixel;
    std::int64_t row() const { return W * pixel; }
    std::int64_t picture() const { return H * row(); }
};

Pixels pixels_of(const Call& call, const Tensor& x) {
    call.check(x.defined(), "x is undefined");
    call.check(x.dim() == 4, "x ", x.shape(), "; allowed is (N, C, H, W)");
    call.check(x.device() == Device::cpu, "x is on ", x.device(), "; allowed is cpu");
    const Shape& s = x.shape();
    return {s[0], s[2], s[3], s[1] * static_cast<std::int64_t>(element_size(x.dtype()))};
}

std::byte* bytes_of(const Tensor& x) { return static_cast<std::byte*>(x.impl()->data()); }

// A number from 0 to bound - 1 from 32 random bits; bound is far below 2^32.
std::int64_t below(std::uint32_t bits, std::int64_t bound) { return static_cast<std::int64_t>(std::uint64_t{bits} * static_cast<std::uint64_t>(bound) >> 32); }

// One picture moved by (dy, dx) pixels, zeros where nothing came from.
void move_picture(const std::byte* from, std::byte* to, const Pixels& n, std::int64_t dy, std::int64_t dx) {
    std::memset(to, 0, static_cast<std::size_t>(n.picture()));
    const std::int64_t first = std::max<std::int64_t>(0, -dx), count = n.W - std::min(n.W, std::abs(dx));
    for (std::int64_t h = 0; h < n.H; ++h) {
        const std::int64_t source = h + dy;
        if (source < 0 || source >= n.H || count == 0) continue;
        std::memcpy(to + h * n.row() + first * n.pixel, from + source * n.row() + (first + dx) * n.pixel, static_cast<std::size_t>(count * n.pixel));
    }
}

void mirror_picture(const std::byte* from, std::byte* to, const Pixels& n) {
    for (std::int64_t h = 0; h < n.H; ++h)
        for (std::int64_t w = 0; w < n.W; ++w)
            std::memcpy(to + h * n.row() + w * n.pixel, from + h * n.row() + (n.W - 1 - w) * n.pixel, static_cast<std::size_t>(n.pixel));
}

}  // namespace

Tensor normalise(const Tensor& x, std::span<const double> mean, std::span<const double> std, Site site) {
    const Call call("normalise", site);
    const Pixels n = pixels_of(call, x);
    call.check(x.dtype() == DType::f32, "x is ", x.dtype(), "; allowed is f32");
    const std::int64_t C = x.shape()[1];
    call.check(std::ssize(mean) == C && std::ssize(std) == C, mean.size(), " means and ", std.size(), " stds for ", C, " channels");
    for (double s : std) call.check(s != 0, "a std is 0");

    const Tensor from = channels_last(x);
    const Tensor y = make_channels_last(x.shape(), x.dtype(), x.device());
    const auto* in = static_cast<const float*>(from.impl()->data());
    auto* out = static_cast<float*>(y.impl()->data());
    for (std::int64_t i = 0; i < n.N * n.H * n.W; ++i)
        for (std::int64_t c = 0; c < C; ++c) {
            const auto channel = static_cast<std::size_t>(c);
            out[i * C + c] = static_cast<float>((in[i * C + c] - mean[channel]) / std[channel]);
        }
    return y;
}

Tensor pad_crop(const Tensor& x, std::int64_t padding, Generator& random, Site site) {
    const Call call("pad_crop", site);
    const Pixels n = pixels_of(call, x);
    call.check(padding >= 0, "padding ", padding, "; allowed are 0 and more");
    const Tensor from = channels_last(x), y = make_channels_last(x.shape(), x.dtype(), x.device());
    const kernels::Philox numbers = random.take(static_cast<std::uint64_t>(n.N));
    for (std::int64_t i = 0; i < n.N; ++i) {
        const auto words = kernels::philox_block(numbers, static_cast<std::uint64_t>(i));
        const std::int64_t dy = below(words.w0, 2 * padding + 1) - padding, dx = below(words.w1, 2 * padding + 1) - padding;
        move_picture(bytes_of(from) + i * n.picture(), bytes_of(y) + i * n.picture(), n, dy, dx);
    }
    return y;
}

Tensor random_flip(const Tensor& x, Generator& random, double p, Site site) {
    const Call call("random_flip", site);
    const Pixels n = pixels_of(call, x);
    call.check(p >= 0 && p <= 1, "p ", p, "; allowed are 0 to 1");
    const Tensor from = channels_last(x), y = make_channels_last(x.shape(), x.dtype(), x.device());
    const kernels::Philox numbers = random.take(static_cast<std::uint64_t>(n.N));
    for (std::int64_t i = 0; i < n.N; ++i) {
        const std::byte* in = bytes_of(from) + i * n.picture();
        std::byte* out = bytes_of(y) + i * n.picture();
        const bool mirrored = kernels::philox_block(numbers, static_cast<std::uint64_t>(i)).w0 * 0x1p-32 < p;
        if (mirrored) mirror_picture(in, out, n);
        else std::memcpy(out, in, static_cast<std::size_t>(n.picture()));
    }
    return y;
}

}  // namespace vitrine::data

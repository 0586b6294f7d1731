#include "cifar_cnn.h"

#include "vitrine/core/ops/pool.h"
#include "vitrine/nn/fused.h"

namespace vitrine::models {
namespace {

const CifarCnnOptions& checked(const CifarCnnOptions& o, Site site) {
    const Call call("CifarCnn", site);
    call.check(o.classes >= 1 && o.in_channels >= 1, "classes ", o.classes, ", in_channels ", o.in_channels,
               "; each must be at least 1");
    for (std::int64_t channels : o.channels)
        call.check(channels >= 1, "a block of ", channels, " channels; it must have at least 1");
    call.check(o.image_size >= 8 && o.image_size % 8 == 0, "image_size ", o.image_size,
               "; it must be a multiple of 8, at least 8");
    return o;
}

}  // namespace

CifarCnn::Block::Block(std::int64_t in, std::int64_t out)
    : conv1(in, out, 3, {.padding = 1, .bias = false}),
      bn1(out),
      conv2(out, out, 3, {.padding = 1, .bias = false}),
      bn2(out) {}

Tensor CifarCnn::Block::forward(const Tensor& x) const {
    const Tensor h = batch_norm_relu(bn1, conv1(x));
    return max_pool2d(batch_norm_relu(bn2, conv2(h)), 2);
}

void CifarCnn::Block::members(nn::Members& m) {
    m("conv1", conv1);
    m("bn1", bn1);
    m("conv2", conv2);
    m("bn2", bn2);
}

CifarCnn::CifarCnn(CifarCnnOptions options, Site site)
    : options_(checked(options, site)),
      fc_(options.channels[2] * (options.image_size / 8) * (options.image_size / 8), options.classes) {
    std::int64_t in = options.in_channels;
    for (std::int64_t out : options.channels) {
        blocks_.emplace_back(in, out);
        in = out;
    }
}

Tensor CifarCnn::forward(const Tensor& x) const {
    const Call call("CifarCnn", Site::here());
    const std::int64_t size = options_.image_size;
    call.check(x.dim() == 4 && x.shape()[1] == options_.in_channels && x.shape()[2] == size && x.shape()[3] == size,
               "x ", x.shape(), "; it must be (N, ", options_.in_channels, ", ", size, ", ", size, ")");
    Tensor h = x;
    for (const Block& block : blocks_) h = block(h);
    return fc_(h.flatten(1));
}

void CifarCnn::members(nn::Members& m) {
    m("blocks", blocks_);
    m("fc", fc_);
}

}  // namespace vitrine::models

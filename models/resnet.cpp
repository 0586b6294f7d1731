#include "resnet.h"

#include "vitrine/core/ops/pool.h"
#include "vitrine/nn/fused.h"

namespace vitrine::models {
namespace {

nn::Conv2d conv(std::int64_t in, std::int64_t out, std::int64_t kernel, std::int64_t stride) {
    nn::Conv2d made(in, out, kernel, {.stride = stride, .padding = kernel / 2, .bias = false});
    nn::init::kaiming_normal_(made.weight,
                              {.mode = nn::init::FanMode::fan_out, .nonlinearity = nn::init::Nonlinearity::relu});
    return made;
}

const ResNetOptions& checked(const ResNetOptions& o, const std::vector<std::int64_t>& blocks, Site site) {
    const Call call("ResNet", site);
    call.check(o.classes >= 1 && o.in_channels >= 1 && o.width >= 1, "classes ", o.classes, ", in_channels ",
               o.in_channels, ", width ", o.width, "; each must be at least 1");
    call.check(blocks.size() == 4, blocks.size(), " layers; there are 4");
    for (std::int64_t n : blocks) call.check(n >= 1, "a layer of ", n, " blocks; it must have at least 1");
    return o;
}

}  // namespace

BasicBlock::BasicBlock(std::int64_t in, std::int64_t out, std::int64_t stride)
    : conv1_(conv(in, out, 3, stride)), bn1_(out), conv2_(conv(out, out, 3, 1)), bn2_(out) {
    if (stride != 1 || in != out)
        downsample_ = std::make_unique<nn::Sequential>(conv(in, out, 1, stride), nn::BatchNorm2d(out));
}

Tensor BasicBlock::forward(const Tensor& x) const {
    const Tensor h = batch_norm_relu(bn1_, conv1_(x));
    const Tensor around = downsample_ ? (*downsample_)(x) : x;
    return batch_norm_add_relu(bn2_, conv2_(h), around);
}

void BasicBlock::members(nn::Members& m) {
    m("conv1", conv1_);
    m("bn1", bn1_);
    m("conv2", conv2_);
    m("bn2", bn2_);
    m("downsample", downsample_);
}

ResNet::Layer ResNet::make_layer(std::int64_t in, std::int64_t out, std::int64_t stride, std::int64_t blocks) {
    Layer layer;
    layer.reserve(static_cast<std::size_t>(blocks));
    layer.emplace_back(in, out, stride);
    for (std::int64_t i = 1; i < blocks; ++i) layer.emplace_back(out, out, 1);
    return layer;
}

ResNet::ResNet(const std::vector<std::int64_t>& blocks, ResNetOptions options, Site site)
    : options_(checked(options, blocks, site)),
      blocks_(blocks),
      conv1_(options.small_images ? conv(options.in_channels, options.width, 3, 1)
                                  : conv(options.in_channels, options.width, 7, 2)),
      bn1_(options.width),
      layer1_(make_layer(options.width, options.width, 1, blocks[0])),
      layer2_(make_layer(options.width, 2 * options.width, 2, blocks[1])),
      layer3_(make_layer(2 * options.width, 4 * options.width, 2, blocks[2])),
      layer4_(make_layer(4 * options.width, 8 * options.width, 2, blocks[3])),
      fc_(8 * options.width, options.classes) {}

Tensor ResNet::forward(const Tensor& x) const {
    Tensor h = batch_norm_relu(bn1_, conv1_(x));
    if (!options_.small_images) h = max_pool2d(h, 3, {.stride = 2, .padding = 1});
    for (const Layer* layer : {&layer1_, &layer2_, &layer3_, &layer4_})
        for (const BasicBlock& block : *layer) h = block(h);
    return fc_(adaptive_avg_pool2d(h, 1).flatten(1));
}

void ResNet::members(nn::Members& m) {
    m("conv1", conv1_);
    m("bn1", bn1_);
    m("layer1", layer1_);
    m("layer2", layer2_);
    m("layer3", layer3_);
    m("layer4", layer4_);
    m("fc", fc_);
}

ResNet resnet18(ResNetOptions options, Site site) { return ResNet({2, 2, 2, 2}, options, site); }

}  // namespace vitrine::models

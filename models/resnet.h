// Residual nets of basic blocks. (He, Zhang, Ren and Sun, CVPR 2016.)
//
//     block      y = relu(bn2(conv2(relu(bn1(conv1 x)))) + x)      3x3 convolutions without bias
//                where the size or the channels change, conv1 has stride 2 and the x that is added is downsample x:
//                a 1x1 convolution with stride 2 and a batch norm
//     stem       conv 7x7 stride 2, batch norm, relu, max pool 3x3 stride 2;
//                for small images conv 3x3, batch norm, relu
//     net        stem; layers 1 to 4 of two blocks with width, 2 width, 4 width, 8 width channels; the average of
//                each channel; one Linear to the classes
//
// Names are torchvision's (conv1.weight, layer2.0.downsample.0.weight, fc.bias): its state dicts load as they are.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "vitrine/nn/conv.h"
#include "vitrine/nn/linear.h"
#include "vitrine/nn/module.h"
#include "vitrine/nn/norm.h"
#include "vitrine/nn/sequential.h"

namespace vitrine::models {

struct ResNetOptions {
    std::int64_t classes = 1000;
    std::int64_t in_channels = 3;
    bool small_images = false;  ///< a stem for images of some 32x32 pixels: 3x3, no stride, no pooling
    std::int64_t width = 64;    ///< channels of the first layer
};

/// Two 3x3 convolutions and a way around them.
class BasicBlock final : public nn::Module<BasicBlock> {
public:
    BasicBlock(std::int64_t in, std::int64_t out, std::int64_t stride);
    Tensor forward(const Tensor& x) const;
    void members(nn::Members& m) override;

private:
    nn::Conv2d conv1_;
    nn::BatchNorm2d bn1_;
    nn::Conv2d conv2_;
    nn::BatchNorm2d bn2_;
    std::unique_ptr<nn::Sequential> downsample_;  // null: x itself is added
};

class ResNet final : public nn::Module<ResNet> {
public:
    /// `blocks` in each of the four layers. Convolutions start as in He et al. (normal, by the fan out). Throws Error
    /// for classes, in_channels or a width below 1.
    ResNet(const std::vector<std::int64_t>& blocks, ResNetOptions options, Site site = Site::here());

    /// Logits (N, classes) of images x (N, in_channels, H, W) of any size. Throws Error for other shapes.
    Tensor forward(const Tensor& x) const;
    ResNet clone() const { return Module::clone(blocks_, options_); }
    void members(nn::Members& m) override;

    const ResNetOptions& options() const { return options_; }

private:
    using Layer = std::vector<BasicBlock>;
    static Layer make_layer(std::int64_t in, std::int64_t out, std::int64_t stride, std::int64_t blocks);

    ResNetOptions options_;
    std::vector<std::int64_t> blocks_;
    nn::Conv2d conv1_;
    nn::BatchNorm2d bn1_;
    Layer layer1_, layer2_, layer3_, layer4_;
    nn::Linear fc_;
};

/// Two blocks in each layer: 11,689,512 parameters with the defaults.
ResNet resnet18(ResNetOptions options = {}, Site site = Site::here());

}  // namespace vitrine::models

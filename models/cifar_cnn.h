// A small convolutional net for CIFAR: three blocks of two 3x3 convolutions.
//
//     block      conv 3x3, batch norm, relu, conv 3x3, batch norm, relu, max pool 2x2
//     net        block to 32 channels, block to 64, block to 128, then one Linear to the classes
//
// The convolutions pad by 1 and have no bias: the batch norm that follows would take it away.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "vitrine/nn/conv.h"
#include "vitrine/nn/linear.h"
#include "vitrine/nn/module.h"
#include "vitrine/nn/norm.h"

namespace vitrine::models {

struct CifarCnnOptions {
    std::int64_t classes = 10;
    std::int64_t in_channels = 3;
    std::int64_t image_size = 32;                          ///< height and width, a multiple of 8
    std::array<std::int64_t, 3> channels = {32, 64, 128};  ///< of the blocks
};

class CifarCnn final : public nn::Module<CifarCnn> {
public:
    /// Throws Error for classes, channels or an image_size below 1, or an image_size that is no multiple of 8.
    explicit CifarCnn(CifarCnnOptions options = {}, Site site = Site::here());

    /// Logits (N, classes) of images x (N, in_channels, image_size, image_size). Throws Error for other shapes.
    Tensor forward(const Tensor& x) const;
    CifarCnn clone() const { return Module::clone(options_); }
    void members(nn::Members& m) override;

    const CifarCnnOptions& options() const { return options_; }

private:
    struct Block final : nn::Module<Block> {
        Block(std::int64_t in, std::int64_t out);
        Tensor forward(const Tensor& x) const;
        void members(nn::Members& m) override;

        nn::Conv2d conv1;
        nn::BatchNorm2d bn1;
        nn::Conv2d conv2;
        nn::BatchNorm2d bn2;
    };

    CifarCnnOptions options_;
    std::vector<Block> blocks_;
    nn::Linear fc_;
};

}  // namespace vitrine::models

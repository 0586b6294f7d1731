// The variational autoencoder of vae.h with convolutions for its two perceptrons.
//
//     encoder    h = relu(conv2 relu(conv1 x))             each halves the picture: 28 x 28, 14 x 14, 7 x 7
//                mean = fc21 h       log_var = fc22 h
//     decoder    h = relu(fc3 z)
//                logits = up2 relu(up1 h)                   each doubles it again
#pragma once

#include "vae.h"
#include "vitrine/nn/conv.h"

namespace vitrine::models {

struct ConvVaeOptions {
    std::int64_t side = 28;      ///< of a picture, which is square: a multiple of 4
    std::int64_t channels = 32;  ///< of conv1 and up1; conv2 has twice as many
    std::int64_t latent = 20;
};

/// Takes and gives pictures as rows, x (N, side side), as Vae does; vae_loss is its loss too.
class ConvVae : public nn::Module<ConvVae> {
public:
    /// Throws Error for a side that is not a positive multiple of 4, and for other sizes below 1.
    explicit ConvVae(ConvVaeOptions options = {}, Site site = Site::here());

    VaeCode encode(const Tensor& x) const;
    Tensor sample(const VaeCode& code, Generator& noise = default_generator()) const;
    Tensor decode(const Tensor& z) const;

    VaeOutput forward(const Tensor& x, Generator& noise = default_generator()) const;
    void members(nn::Members& m) override;

private:
    std::int64_t side_;
    nn::Conv2d conv1_, conv2_;
    nn::Linear fc21_, fc22_, fc3_;
    nn::ConvTranspose2d up1_, up2_;
};

}  // namespace vitrine::models

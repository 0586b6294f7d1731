// A variational autoencoder of two perceptrons with one hidden layer each.
//
// D. P. Kingma and M. Welling, "Auto-Encoding Variational Bayes", 2014. Sizes and names as in PyTorch's example.
//
//     encoder    h = relu(fc1 x)       mean = fc21 h       log_var = fc22 h
//     sample     z = mean + exp(log_var / 2) noise,        noise normal
//     decoder    logits = fc4 relu(fc3 z),                 the picture is sigmoid(logits)
//
//     loss       BCE + KL an image, in nats:
//                BCE = -sum_i x_i log p_i + (1 - x_i) log(1 - p_i),   p = sigmoid(logits)
//                KL  = 1/2 sum_j mean_j^2 + exp(log_var_j) - 1 - log_var_j
#pragma once

#include <cstdint>

#include "vitrine/core/generator.h"
#include "vitrine/nn/linear.h"
#include "vitrine/nn/module.h"

namespace vitrine::models {

struct VaeOptions {
    std::int64_t inputs = 784;  ///< grey values of a picture
    std::int64_t hidden = 400;
    std::int64_t latent = 20;
};

/// What the encoder says about x (N, inputs): a normal distribution of z for each, mean and log_var (N, latent).
struct VaeCode {
    Tensor mean, log_var;
};

/// A picture that went through: its code and the decoder's logits (N, inputs) for a sample of it.
struct VaeOutput {
    Tensor logits;
    VaeCode code;
};

class Vae : public nn::Module<Vae> {
public:
    /// Throws Error for a negative size.
    explicit Vae(VaeOptions options = {});

    VaeCode encode(const Tensor& x) const;
    /// One z (N, latent) for each code.
    Tensor sample(const VaeCode& code, Generator& noise = default_generator()) const;
    /// The logits of the pictures that z (N, latent) stands for.
    Tensor decode(const Tensor& z) const;

    VaeOutput forward(const Tensor& x, Generator& noise = default_generator()) const;
    void members(nn::Members& m) override;

private:
    nn::Linear fc1_, fc21_, fc22_, fc3_, fc4_;
};

/// BCE + KL, the mean over the N images of x (N, inputs), whose values lie in [0, 1]: a scalar.
Tensor vae_loss(const VaeOutput& output, const Tensor& x);

}  // namespace vitrine::models

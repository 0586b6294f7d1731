// What mnist_vae draws after each epoch.
#pragma once

#include <string>

#include <vitrine/vitrine.h>

/// For Net = models::Vae and models::ConvVae. Writes into `folder`, for a trained net and test pictures x (N, 784), N
/// >= 32:
///
///     reconstructions.png   4 double rows of 16: pictures of the test set above what the net makes of them
///     samples.png           10 x 10 pictures drawn from nothing: normal z, decoded
///     walk.png              8 walks in 16 steps through the latent space, each from one test picture to another
///
/// The noise comes from a generator of `seed`, so that the pictures of different epochs can be compared.
template <class Net>
void write_pictures(const std::string& folder, const Net& net, const vitrine::Tensor& x, std::int64_t seed);

// Changes to batches of pictures, for DataLoader::map().
//
//     loader.map([](data::Example& batch, Generator& random) {
//         batch.x = data::random_flip(data::pad_crop(batch.x, 4, random), random);
//     });
//
// x is (N, C, H, W) on the cpu, of any dtype; the result is a fresh tensor, channels-last. All throw Error for another
// number of dimensions or device. Each picture of a batch gets numbers of its own.
#pragma once

#include <cstdint>
#include <span>

#include "vitrine/core/generator.h"
#include "vitrine/core/tensor.h"

namespace vitrine::data {

/// (x - mean_c) / std_c for each channel. x: f32. Throws Error unless there is one mean and one std, not 0, a channel.
Tensor normalise(const Tensor& x, std::span<const double> mean, std::span<const double> std, Site site = Site::here());

/// Each picture with `padding` zeros around it, cut to its old size at a random place: moved by up to `padding` pixels.
/// Throws Error for a negative padding.
Tensor pad_crop(const Tensor& x, std::int64_t padding, Generator& random, Site site = Site::here());

/// Each picture mirrored, left to right, with probability p. Throws Error unless 0 <= p <= 1.
Tensor random_flip(const Tensor& x, Generator& random, double p = 0.5, Site site = Site::here());

}  // namespace vitrine::data

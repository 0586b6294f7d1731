// Tensors of random numbers. Numbers go to the elements in logical (row-major) order, whatever the strides, and are the
// same on every device: docs/derivations/random.md says which element gets which.
#pragma once

#include "vitrine/core/generator.h"
#include "vitrine/core/tensor.h"

namespace vitrine {

/// Uniform in [0, 1): multiples of 2^-24 (f32) or 2^-53 (f64). Throws Error for a negative size or a dtype that is not
/// floating.
Tensor rand(const Shape& shape, TensorOptions options = {}, Generator& generator = default_generator(),
            Site site = Site::here());
/// Normal with mean 0 and standard deviation 1.
Tensor randn(const Shape& shape, TensorOptions options = {}, Generator& generator = default_generator(),
             Site site = Site::here());
/// 1 with probability p, else 0; 0 <= p <= 1, else Error.
Tensor bernoulli(const Shape& shape, double p, TensorOptions options = {}, Generator& generator = default_generator(),
                 Site site = Site::here());

/// The same shape, dtype, device and order of dimensions as x.
Tensor rand_like(const Tensor& x, Generator& generator = default_generator(), Site site = Site::here());
Tensor randn_like(const Tensor& x, Generator& generator = default_generator(), Site site = Site::here());

/// 0, 1, ..., n-1 in a random order, every order equally likely: i64 unless options say otherwise. Throws Error for n <
/// 0 and for numbers that the dtype cannot hold.
Tensor randperm(std::int64_t n, TensorOptions options = {}, Generator& generator = default_generator(),
                Site site = Site::here());

/// Fills x, of any strides, in place and returns it. Throws Error while recording if x requires grad (initialise under
/// NoGrad), and unless lo <= hi with hi - lo finite.
Tensor& uniform_(Tensor& x, double lo = 0, double hi = 1, Generator& generator = default_generator(),
                 Site site = Site::here());
/// The same with normal numbers; std >= 0.
Tensor& normal_(Tensor& x, double mean = 0, double std = 1, Generator& generator = default_generator(),
                Site site = Site::here());
/// The same with ones (probability p) and zeros; 0 <= p <= 1.
Tensor& bernoulli_(Tensor& x, double p = 0.5, Generator& generator = default_generator(), Site site = Site::here());

}  // namespace vitrine

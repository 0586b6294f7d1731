// Memory layouts that kernels ask for. For the library's own ops and data sets.
#pragma once

#include "tensor_impl.h"

namespace vitrine {

/// x itself if its elements fill one block in some order of its dimensions, else a row-major copy.
inline Tensor dense(const Tensor& x, Site site) { return is_dense(x.shape(), x.strides()) ? x : x.contiguous(site); }

/// Strides of images (N, C, H, W), or of (N, C, L), whose channels lie together: the one layout that vision kernels know.
Strides channels_last_strides(const Shape& shape);
/// x itself if its channels lie together without gaps, else a copy that lies so.
Tensor channels_last(const Tensor& x);
/// A new tensor of images in that layout; elements are not initialised.
Tensor make_channels_last(const Shape& shape, DType dtype, Device device);

/// x itself if its elements lie as `strides` says, else a copy that does.
Tensor with_strides(const Tensor& x, const Strides& strides);

}  // namespace vitrine

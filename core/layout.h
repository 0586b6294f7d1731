// Memory layouts that kernels ask for. Private to core/ops.
#pragma once

#include "tensor_impl.h"

namespace vitrine {

/// x itself if its elements fill one block in some order of its dimensions, else a row-major copy.
inline Tensor dense(const Tensor& x, Site site) { return is_dense(x.shape(), x.strides()) ? x : x.contiguous(site); }

/// x itself if its elements lie as `strides` says, else a copy that does.
Tensor with_strides(const Tensor& x, const Strides& strides);

}  // namespace vitrine

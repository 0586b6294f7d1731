// Taking from, and adding to, places that a tensor of indices names. Indices are i64 or i32, counted from 0, not negative.
#pragma once

#include "vitrine/core/operand.h"

namespace vitrine {

/// y has index's shape; along the axis it takes what index names: for axis 1, y[i][j] = x[i][index[i][j]]. index has as
/// many dimensions as x and is on no other axis longer. Every dtype. Throws Error for other shapes, for indices that are
/// not i64 or i32 or lie outside 0 to size-1, for two devices.
Tensor gather(Operand x, std::int64_t axis, const Tensor& index);

/// As gather, after x and index were broadcast together on the axes other than `axis`.
Tensor take_along_dim(Operand x, const Tensor& index, std::int64_t axis);

/// The slices of x along an axis that a vector of indices names, in its order: y's size there is the vector's.
Tensor index_select(Operand x, std::int64_t axis, const Tensor& index);

/// x with src added where index names it: for axis 1, y[i][index[i][j]] += src[i][j], in the order of j, on every device.
/// index has x's number of dimensions, is nowhere longer than src, and on no axis but `axis` longer than x. f32, f64, i32
/// and i64. A new tensor; x stays as it is.
Tensor scatter_add(Operand x, std::int64_t axis, const Tensor& index, const Tensor& src);

/// x with the slices of src added to the slices of x that a vector of indices names: the other way round of index_select.
Tensor index_add(Operand x, std::int64_t axis, const Tensor& index, const Tensor& src);

/// y (ids' shape, classes): 1 at the place that an id names, else 0. ids from 0 to classes-1.
Tensor one_hot(Operand ids, std::int64_t classes, DType dtype = DType::i64);

}  // namespace vitrine

// How a reduction of a tensor reads it and what it returns. Private to core/ops.
#pragma once

#include "vitrine/core/axes.h"
#include "vitrine/core/operand.h"
#include "vitrine/core/workspace.h"
#include "vitrine/kernels/reduce/reduce.h"

namespace vitrine {

struct ReducePlan {
    kernels::ReduceShape n;  // for the kernels
    Shape keep_shape;        // of the result with keepdim
    Strides keep_strides;    // its elements without gaps, in the order in which x's kept dimensions lie in memory
    Shape shape;             // of the result
    Strides strides;

    /// A new tensor for the result.
    Tensor result(const Tensor& x, DType dtype) const;
};

/// In which order the elements of one reduction are counted.
enum class ReduceOrder { memory, row_major };

/// Checks the axes.
ReducePlan plan_reduction(const Call& call, const Tensor& x, const Axes& axes, bool keepdim,
                          ReduceOrder order = ReduceOrder::memory);
/// For a result of the given shape, to which x's is reduced: sizes of 1, and missing leading dimensions, where x has
/// others. Throws Error for any other shape.
ReducePlan plan_reduction_to(const Call& call, const Tensor& x, const Shape& shape);

/// The head of a reduction's checked call: y has x's dtype.
struct ReduceCall {
    Call call;
    const Tensor& x;
    Axes axes;
    ReducePlan plan;
    Tensor y;
    Workspace workspace;

    ReduceCall(const Call& call, const Operand& operand, const Axes& axes, bool keepdim);
};

/// Throws Error where there is no element to choose from.
void require_elements(const Call& call, const Tensor& x, const Axes& axes, const ReducePlan& plan);

/// x reshaped, or x itself if it has that shape.
Tensor with_shape(const Tensor& x, const Shape& shape);

}  // namespace vitrine

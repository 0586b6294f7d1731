#include "reduce_plan.h"

#include <algorithm>
#include <array>

#include "vitrine/core/ops/view.h"
#include "vitrine/core/tensor_impl.h"

namespace vitrine {
namespace {

using Mask = std::array<bool, Shape::max_dims>;

// A dimension further in. One whose elements follow those of the last without a step joins it.
void append(kernels::ReduceDims& dims, std::int64_t size, std::int64_t stride) {
    if (size == 1) return;
    if (dims.count > 0 && dims.stride[dims.count - 1] == size * stride) {
        dims.size[dims.count - 1] *= size;
        dims.stride[dims.count - 1] = stride;
        return;
    }
    dims.size[dims.count] = size;
    dims.stride[dims.count++] = stride;
}

// The dimensions that `take` names, outermost in memory first; repeated ones (stride 0) before all others.
Shape outermost_first(const Strides& strides, const Mask& mask, bool take) {
    Shape order;
    for (int i = 0; i < strides.dims(); ++i)
        if (mask[static_cast<std::size_t>(i)] == take) order.push_back(i);
    const auto outer = [&](std::int64_t i) {
        return strides[static_cast<int>(i)] == 0 ? INT64_MAX : strides[static_cast<int>(i)];
    };
    std::stable_sort(&order[0], &order[0] + order.dims(),
                     [&](std::int64_t a, std::int64_t b) { return outer(a) > outer(b); });
    return order;
}

ReducePlan plan_for(const Tensor& x, const Mask& reduced, const Mask& gone, ReduceOrder order) {
    ReducePlan plan;
    plan.keep_shape = x.shape();
    for (int i = 0; i < x.dim(); ++i)
        if (reduced[static_cast<std::size_t>(i)]) plan.keep_shape[i] = 1;
    plan.keep_strides = dense_strides(plan.keep_shape, x.strides());
    for (int i = 0; i < x.dim(); ++i) {
        if (gone[static_cast<std::size_t>(i)]) continue;
        plan.shape.push_back(plan.keep_shape[i]);
        plan.strides.push_back(plan.keep_strides[i]);
    }

    for (std::int64_t d : outermost_first(plan.keep_strides, reduced, false))
        append(plan.n.kept, x.shape()[static_cast<int>(d)], x.strides()[static_cast<int>(d)]);
    Shape inner = outermost_first(x.strides(), reduced, true);
    if (order == ReduceOrder::row_major) std::sort(&inner[0], &inner[0] + inner.dims());
    for (std::int64_t d : inner)
        append(plan.n.reduced, x.shape()[static_cast<int>(d)], x.strides()[static_cast<int>(d)]);
    return plan;
}

}  // namespace

Tensor ReducePlan::result(const Tensor& x, DType dtype) const { return make_tensor(shape, strides, dtype, x.device()); }

ReducePlan plan_reduction(const Call& call, const Tensor& x, const Axes& axes, bool keepdim, ReduceOrder order) {
    Mask reduced{};
    for (std::int64_t axis : axes.list()) {
        bool& named = reduced[static_cast<std::size_t>(call.axis(x, axis))];
        call.check(!named, "axes ", axes.list(), " of x ", x.shape(), "; each axis can be named once");
        named = true;
    }
    if (axes.all()) reduced.fill(true);
    return plan_for(x, reduced, keepdim ? Mask{} : reduced, order);
}

ReducePlan plan_reduction_to(const Call& call, const Tensor& x, const Shape& shape) {
    const int leading = x.dim() - shape.dims();
    bool broadcasts = leading >= 0;
    Mask reduced{}, gone{};
    for (int i = 0; broadcasts && i < x.dim(); ++i) {
        const auto at = static_cast<std::size_t>(i);
        gone[at] = i < leading;
        reduced[at] = gone[at] || shape[i - leading] != x.shape()[i];
        broadcasts = gone[at] || !reduced[at] || shape[i - leading] == 1;
    }
    call.check(broadcasts, "x ", x.shape(), " to ", shape, ", which does not broadcast to x's shape");
    return plan_for(x, reduced, gone, ReduceOrder::memory);
}

ReduceCall::ReduceCall(const Call& c, const Operand& operand, const Axes& over, bool keepdim)
    : call(c), x(call.floating(operand)), axes(over), plan(plan_reduction(call, x, axes, keepdim)), y(plan.result(x, x.dtype())),
      workspace(x.device(), kernels::reduce_workspace_bytes(plan.n)) {}

void require_elements(const Call& call, const Tensor& x, const Axes& axes, const ReducePlan& plan) {
    if (plan.n.reduced.elements() > 0) return;
    if (axes.all()) call.fail(join("x ", x.shape(), " has no elements; at least one is needed"));
    call.fail(join("x ", x.shape(), " has no elements along axes ", axes.list(), "; at least one is needed"));
}

Tensor with_shape(const Tensor& x, const Shape& shape) { return x.shape() == shape ? x : reshape(x, shape); }

}  // namespace vitrine

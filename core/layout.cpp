#include "layout.h"

#include "grad_mode.h"

namespace vitrine {

Strides channels_last_strides(const Shape& shape) {
    Strides strides = shape;
    std::int64_t step = 1;
    strides[1] = step;
    step *= shape[1] ? shape[1] : 1;
    for (int d = shape.dims() - 1; d >= 2; --d) {
        strides[d] = step;
        step *= shape[d] ? shape[d] : 1;
    }
    strides[0] = step;
    return strides;
}

Tensor channels_last(const Tensor& x) { return with_strides(x, channels_last_strides(x.shape())); }

Tensor make_channels_last(const Shape& shape, DType dtype, Device device) {
    return make_tensor(shape, channels_last_strides(shape), dtype, device);
}

Tensor with_strides(const Tensor& x, const Strides& strides) {
    if (same_layout(x.shape(), strides, x.strides())) return x;
    const NoGrad no_grad;
    Tensor copy = make_tensor(x.shape(), strides, x.dtype(), x.device());
    return copy.copy_(x);
}

}  // namespace vitrine

#include "creation.h"

#include <cmath>
#include <cstring>

#include "vitrine/core/operand.h"
#include "vitrine/core/tensor_impl.h"

namespace vitrine {

Tensor empty(const Shape& shape, TensorOptions options, Site site) {
    const Call call("empty", site);
    for (std::int64_t size : shape) call.check(size >= 0, "shape ", shape, "; sizes cannot be negative");
    Tensor x = make_tensor(shape, contiguous_strides(shape), options.dtype.value_or(DType::f32), options.device);
    if (options.requires_grad) x.requires_grad_();
    return x;
}

Tensor full(const Shape& shape, double value, TensorOptions options, Site site) {
    Tensor x = empty(shape, {.dtype = options.dtype, .device = options.device}, site);
    x.fill_(value);
    if (options.requires_grad) x.requires_grad_();
    return x;
}

Tensor zeros(const Shape& shape, TensorOptions options, Site site) { return full(shape, 0, options, site); }
Tensor ones(const Shape& shape, TensorOptions options, Site site) { return full(shape, 1, options, site); }
Tensor scalar(double value, TensorOptions options, Site site) { return full({}, value, options, site); }

Tensor arange(double begin, double end, double step, TensorOptions options, Site site) {
    const Call call("arange", site);
    call.check(step != 0 && std::isfinite(begin) && std::isfinite(end) && std::isfinite(step), "begin ", begin, ", end ", end, ", step ", step,
               "; the step cannot be 0 and all must be finite");
    std::vector<double> values;
    const double count = std::ceil((end - begin) / step);
    call.check(count < 1e12, count, " elements");
    for (std::int64_t i = 0; i < static_cast<std::int64_t>(count); ++i) values.push_back(begin + static_cast<double>(i) * step);
    if (!options.dtype) options.dtype = DType::i64;
    return from_values(std::span<const double>(values), {static_cast<std::int64_t>(values.size())}, options, site);
}

Tensor empty_like(const Tensor& x) { return make_tensor(x.shape(), dense_strides(x.shape(), x.strides()), x.dtype(), x.device()); }

Tensor full_like(const Tensor& x, double value) {
    Tensor y = empty_like(x);
    y.fill_(value);
    return y;
}
Tensor zeros_like(const Tensor& x) { return full_like(x, 0); }
Tensor ones_like(const Tensor& x) { return full_like(x, 1); }

void require_count(std::int64_t count, const Shape& shape, Site site) {
    Call("tensor", site).check(shape.numel() == count, count, " values for shape ", shape);
}

namespace {

template <class To, class From>
void convert(void* to, std::span<const From> from) {
    auto* out = static_cast<To*>(to);
    for (std::size_t i = 0; i < from.size(); ++i) out[i] = static_cast<To>(from[i]);
}

template <class From>
Tensor from_list(std::span<const From> values, const Shape& shape, TensorOptions options, Site site) {
    require_count(static_cast<std::int64_t>(values.size()), shape, site);
    const DType dtype = options.dtype.value_or(DType::f32);
    std::vector<double> host(values.size());  // 8 bytes an element hold any dtype
    switch (dtype) {
        case DType::f32: convert<float>(host.data(), values); break;
        case DType::f64: convert<double>(host.data(), values); break;
        case DType::i32: convert<std::int32_t>(host.data(), values); break;
        case DType::i64: convert<std::int64_t>(host.data(), values); break;
        case DType::u8: convert<std::uint8_t>(host.data(), values); break;
        case DType::boolean: convert<bool>(host.data(), values); break;
        case DType::bf16: convert<bf16>(host.data(), values); break;
        case DType::f16: convert<f16>(host.data(), values); break;
    }
    Tensor x = empty(shape, {.dtype = dtype, .device = options.device}, site);
    if (!values.empty()) copy_bytes(x.impl()->data(), options.device, host.data(), Device::cpu, values.size() * element_size(dtype));
    if (options.requires_grad) x.requires_grad_();
    return x;
}

}  // namespace

Tensor from_values(std::span<const double> values, const Shape& shape, TensorOptions options, Site site) {
    return from_list(values, shape, options, site);
}
Tensor from_values(std::span<const std::int64_t> values, const Shape& shape, TensorOptions options, Site site) {
    return from_list(values, shape, options, site);
}

Tensor from_memory(void* data, std::shared_ptr<void> owner, const Shape& shape, const Strides& strides, DType dtype, Site site) {
    const Call call("from_blob", site);
    call.check(shape.dims() == strides.dims(), "shape ", shape, " with strides ", strides);
    for (int i = 0; i < shape.dims(); ++i) call.check(shape[i] >= 0 && strides[i] >= 0, "shape ", shape, " with strides ", strides, "; negative ones are not allowed");
    call.check(data != nullptr || shape.numel() == 0, "the memory is null");
    Ref<Storage> storage(new Storage);
    storage->data = data;
    storage->owner = std::move(owner);
    Ref<TensorImpl> impl(new TensorImpl);
    impl->storage = std::move(storage);
    impl->shape = shape;
    impl->strides = strides;
    impl->dtype = dtype;
    return Tensor(std::move(impl));
}

}  // namespace vitrine

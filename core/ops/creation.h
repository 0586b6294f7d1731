// Tensors from nothing, from values, from memory.
#pragma once

#include <functional>
#include <initializer_list>
#include <memory>
#include <span>
#include <type_traits>
#include <utility>
#include <vector>

#include "vitrine/core/tensor.h"

namespace vitrine {

/// A tensor whose elements are not initialised (0xFF bytes on simt). Throws Error for a negative size or a device that
/// is not available, OutOfMemory.
Tensor empty(const Shape& shape, TensorOptions options = {}, Site site = Site::here());
Tensor full(const Shape& shape, double value, TensorOptions options = {}, Site site = Site::here());
Tensor zeros(const Shape& shape, TensorOptions options = {}, Site site = Site::here());
Tensor ones(const Shape& shape, TensorOptions options = {}, Site site = Site::here());
/// begin, begin+step, ... below end (above it for a negative step); i64 unless options say otherwise.
Tensor arange(double begin, double end, double step = 1, TensorOptions options = {}, Site site = Site::here());

/// The same shape, dtype, device and order of dimensions as x.
Tensor empty_like(const Tensor& x);
Tensor zeros_like(const Tensor& x);
Tensor ones_like(const Tensor& x);
Tensor full_like(const Tensor& x, double value);

/// A tensor of the given values in row-major order; their number must be shape's.
Tensor from_values(std::span<const double> values, const Shape& shape, TensorOptions options = {}, Site site = Site::here());
Tensor from_values(std::span<const std::int64_t> values, const Shape& shape, TensorOptions options = {}, Site site = Site::here());

/// `tensor({1.5, 2.0})`: f32 from floating literals, i64 from integers, bool from bools, unless options name a dtype.
template <class T>
Tensor tensor(std::initializer_list<T> values, TensorOptions options = {}, Site site = Site::here()) {
    using V = std::conditional_t<std::is_integral_v<T>, std::int64_t, double>;
    if (!options.dtype) options.dtype = std::is_same_v<T, bool> ? DType::boolean : std::is_integral_v<T> ? DType::i64 : DType::f32;
    const std::vector<V> list(values.begin(), values.end());
    return from_values(std::span<const V>(list), {static_cast<std::int64_t>(list.size())}, options, site);
}
/// `tensor({{1.0, 2.0}, {3.0, 4.0}})`: rows of equal length, else Error.
template <class T>
Tensor tensor(std::initializer_list<std::initializer_list<T>> rows, TensorOptions options = {}, Site site = Site::here()) {
    using V = std::conditional_t<std::is_integral_v<T>, std::int64_t, double>;
    if (!options.dtype) options.dtype = std::is_same_v<T, bool> ? DType::boolean : std::is_integral_v<T> ? DType::i64 : DType::f32;
    std::vector<V> list;
    for (const auto& row : rows) list.insert(list.end(), row.begin(), row.end());
    const auto cols = rows.size() ? rows.begin()->size() : 0;
    return from_values(std::span<const V>(list), {static_cast<std::int64_t>(rows.size()), static_cast<std::int64_t>(cols)}, options, site);
}
/// One number: a tensor without dimensions, f32 unless options name a dtype.
Tensor scalar(double value, TensorOptions options = {}, Site site = Site::here());

/// A tensor over memory of the caller's, without a copy; `owner` is kept as long as any tensor uses it.
Tensor from_memory(void* data, std::shared_ptr<void> owner, const Shape& shape, const Strides& strides, DType dtype, Site site = Site::here());

/// A cpu tensor over the caller's memory, without a copy. `deleter(data)` is called when the last tensor over it is gone;
/// without one the memory must outlive them. Throws Error for negative sizes or strides.
template <class T>
Tensor from_blob(T* data, const Shape& shape, const Strides& strides, std::function<void(T*)> deleter = {}, Site site = Site::here()) {
    std::shared_ptr<void> owner(data, [deleter](void* p) {
        if (deleter) deleter(static_cast<T*>(p));
    });
    return from_memory(data, std::move(owner), shape, strides, dtype_of<T>, site);
}
template <class T>
Tensor from_blob(T* data, const Shape& shape, Site site = Site::here()) {
    return from_blob<T>(data, shape, contiguous_strides(shape), {}, site);
}

/// Throws Error unless `count` values fill the shape.
void require_count(std::int64_t count, const Shape& shape, Site site);

/// A cpu tensor that owns the given vector, without a copy. Throws Error unless sizes agree.
template <class T>
Tensor from_vector(std::vector<T>&& values, const Shape& shape, Site site = Site::here()) {
    auto kept = std::make_shared<std::vector<T>>(std::move(values));
    void* data = kept->data();
    const auto count = static_cast<std::int64_t>(kept->size());
    require_count(count, shape, site);
    return from_memory(data, std::move(kept), shape, contiguous_strides(shape), dtype_of<T>, site);
}

}  // namespace vitrine

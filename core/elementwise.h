// What elementwise ops share: shapes that broadcast, dtypes that promote, strides for a kernel, the in-place rules.
// Private to core/ops.
#pragma once

#include <array>
#include <type_traits>

#include "operand.h"
#include "tensor_impl.h"
#include "vitrine/kernels/base/strided.h"

namespace vitrine {

Shape broadcast_sizes(const Call& call, const Shape& x, const Shape& w);
/// The shape that x and w have when dimensions of size 1 (and missing leading ones) are repeated. Throws Error when two
/// sizes differ and neither is 1.
inline Shape broadcast_shape(const Call& call, const Tensor& x, const Tensor& w) {
    return x.shape() == w.shape() ? x.shape() : broadcast_sizes(call, x.shape(), w.shape());
}

/// x's strides seen as `shape`, to which it broadcasts: 0 where it is repeated.
Strides broadcast_strides(const Tensor& x, const Shape& shape);

/// Where a kernel finds the elements of its operands, output first, all broadcast to `shape`.
template <class... Tensors>
kernels::Strided<sizeof...(Tensors)> walk(const Shape& shape, const Tensors&... tensors) {
    constexpr std::size_t N = sizeof...(Tensors);
    if (((tensors.shape() == shape && tensors.is_contiguous()) && ...)) return kernels::flat<N>(shape.numel());
    const std::array<Strides, N> strides{broadcast_strides(tensors, shape)...};
    std::array<const std::int64_t*, N> begins;
    for (std::size_t k = 0; k < N; ++k) begins[k] = strides[k].begin();
    return kernels::strided<N>(shape.dims(), shape.begin(), begins);
}

/// A new tensor of `shape` in the order of dimensions of `like`, if that has the full shape, else row-major.
Tensor make_result(const Shape& shape, const Tensor& like, DType dtype);

DType promote_mixed(const Call& call, const Operand& x, const Operand& w);
/// The dtype in which x and w meet: one dtype stays; bool < u8 < i32 < i64 < floating; a number never changes a
/// floating tensor's dtype, a floating number makes an integer tensor f32. Throws Error for f32 with f64, or two
/// numbers.
inline DType promote(const Call& call, const Operand& x, const Operand& w) {
    const bool tensors = !x.is_number() && !w.is_number() && x.tensor().defined() && w.tensor().defined();
    const bool one = tensors && x.tensor().dtype() == w.tensor().dtype() && !is_half(x.tensor().dtype());
    return one ? x.tensor().dtype() : promote_mixed(call, x, w);
}

/// A number as an element of type T; whole numbers that T cannot hold wrap around, as integer arithmetic does.
template <class T>
T element_from(double number) {
    if constexpr (std::is_same_v<T, bool>)
        return number != 0;
    else if constexpr (std::is_integral_v<T>)
        return static_cast<T>(static_cast<std::int64_t>(number));
    else
        return static_cast<T>(number);
}

/// Throws Error while recording if x or another operand requires grad, or if x's elements share memory (an expanded
/// view). `instead` is what to write: "x = x + w".
void check_in_place(const Call& call, const Tensor& x, bool other_requires_grad, const char* instead);
/// w itself, or a copy where a kernel that writes x would change elements of w that it still has to read.
Tensor apart_from(const Tensor& w, const Tensor& x);
/// Tells the graph that x's storage was changed.
inline void changed_in_place(const Tensor& x) {
    x.impl()->storage->version.fetch_add(1, std::memory_order_relaxed);
    if (profiling()) [[unlikely]]
        profile_changed(x);
}

}  // namespace vitrine

// Element types.
#pragma once

#include <cstddef>
#include <cstdint>
#include <iosfwd>

#include "vitrine/kernels/base/half.h"

namespace vitrine {

using kernels::bf16;
using kernels::f16;

/// The element types of a tensor. `boolean` is stored as one byte, 0 or 1. bf16 and f16 are for storage: they are made,
/// copied, printed, saved and cast; to compute with them, cast to f32 or f64.
enum class DType : std::uint8_t { f32, f64, i32, i64, u8, boolean, bf16, f16 };

/// PyTorch's names for them.
inline constexpr DType float32 = DType::f32, float64 = DType::f64, int32 = DType::i32, int64 = DType::i64,
                       uint8 = DType::u8, bool_ = DType::boolean, bfloat16 = DType::bf16, float16 = DType::f16;

const char* name(DType dtype);          ///< "f32", "i64", "bool", ...
/// In bytes.
constexpr std::size_t element_size(DType dtype) {
    switch (dtype) {
        case DType::f64:
        case DType::i64: return 8;
        case DType::f32:
        case DType::i32: return 4;
        case DType::bf16:
        case DType::f16: return 2;
        case DType::u8:
        case DType::boolean: return 1;
    }
    return 0;
}
/// f32 or f64: kernels compute in it.
constexpr bool is_floating(DType dtype) { return dtype == DType::f32 || dtype == DType::f64; }
/// bf16 or f16: a fraction that is stored and not computed with.
constexpr bool is_half(DType dtype) { return dtype == DType::bf16 || dtype == DType::f16; }
std::ostream& operator<<(std::ostream& out, DType dtype);

/// The DType of a C++ element type: dtype_of<float> is DType::f32.
template <class T>
inline constexpr DType dtype_of = T::not_an_element_type;
template <>
inline constexpr DType dtype_of<float> = DType::f32;
template <>
inline constexpr DType dtype_of<double> = DType::f64;
template <>
inline constexpr DType dtype_of<std::int32_t> = DType::i32;
template <>
inline constexpr DType dtype_of<std::int64_t> = DType::i64;
template <>
inline constexpr DType dtype_of<std::uint8_t> = DType::u8;
template <>
inline constexpr DType dtype_of<bool> = DType::boolean;
template <>
inline constexpr DType dtype_of<bf16> = DType::bf16;
template <>
inline constexpr DType dtype_of<f16> = DType::f16;

}  // namespace vitrine

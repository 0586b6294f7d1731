// CUDA's 16-bit floats, __half and __nv_bfloat16, to compute with. Each holds the storage type of
// base/half.h and computes in float, rounding once: bit for bit what a GPU gives for + - * /.
#pragma once

#include <cmath>
#include <cstdint>
#include <type_traits>

#include "vitrine/kernels/base/half.h"

#include "atomic_operations.h"
#include "collectives.h"
#include "language.h"

/// As in CUDA it converts by itself from every arithmetic type and to float, so that a product with
/// a float must say which of the two it means.
template <class Storage>
struct VitrineSimtHalf {
    Storage stored;

    VitrineSimtHalf() = default;
    VitrineSimtHalf(Storage value) : stored(value) {}
    template <class T>
    requires std::is_arithmetic_v<T> VitrineSimtHalf(T value) : stored(value) {}
    operator float() const { return static_cast<float>(stored); }

    VitrineSimtHalf& operator+=(VitrineSimtHalf b) { return *this = *this + b; }
    VitrineSimtHalf& operator-=(VitrineSimtHalf b) { return *this = *this - b; }
    VitrineSimtHalf& operator*=(VitrineSimtHalf b) { return *this = *this * b; }
    VitrineSimtHalf& operator/=(VitrineSimtHalf b) { return *this = *this / b; }

    friend VitrineSimtHalf operator+(VitrineSimtHalf a, VitrineSimtHalf b) {
        return VitrineSimtHalf(static_cast<float>(a) + static_cast<float>(b));
    }
    friend VitrineSimtHalf operator-(VitrineSimtHalf a, VitrineSimtHalf b) {
        return VitrineSimtHalf(static_cast<float>(a) - static_cast<float>(b));
    }
    friend VitrineSimtHalf operator*(VitrineSimtHalf a, VitrineSimtHalf b) {
        return VitrineSimtHalf(static_cast<float>(a) * static_cast<float>(b));
    }
    friend VitrineSimtHalf operator/(VitrineSimtHalf a, VitrineSimtHalf b) {
        return VitrineSimtHalf(static_cast<float>(a) / static_cast<float>(b));
    }
    friend VitrineSimtHalf operator-(VitrineSimtHalf a) {
        return VitrineSimtHalf(-static_cast<float>(a));
    }
    friend bool operator==(VitrineSimtHalf a, VitrineSimtHalf b) {
        return static_cast<float>(a) == static_cast<float>(b);
    }
    friend auto operator<=>(VitrineSimtHalf a, VitrineSimtHalf b) {
        return static_cast<float>(a) <=> static_cast<float>(b);
    }
};

/// Two of them in 32 bits; x lies in the lower 16.
template <class Storage>
struct alignas(4) VitrineSimtHalf2 {
    VitrineSimtHalf<Storage> x, y;

    VitrineSimtHalf2() = default;
    VitrineSimtHalf2(VitrineSimtHalf<Storage> low, VitrineSimtHalf<Storage> high)
        : x(low), y(high) {}

    friend VitrineSimtHalf2 operator+(VitrineSimtHalf2 a, VitrineSimtHalf2 b) {
        return {a.x + b.x, a.y + b.y};
    }
    friend VitrineSimtHalf2 operator-(VitrineSimtHalf2 a, VitrineSimtHalf2 b) {
        return {a.x - b.x, a.y - b.y};
    }
    friend VitrineSimtHalf2 operator*(VitrineSimtHalf2 a, VitrineSimtHalf2 b) {
        return {a.x * b.x, a.y * b.y};
    }
    friend VitrineSimtHalf2 operator/(VitrineSimtHalf2 a, VitrineSimtHalf2 b) {
        return {a.x / b.x, a.y / b.y};
    }
    friend VitrineSimtHalf2 operator-(VitrineSimtHalf2 a) { return {-a.x, -a.y}; }
    VitrineSimtHalf2& operator+=(VitrineSimtHalf2 b) { return *this = *this + b; }
    VitrineSimtHalf2& operator-=(VitrineSimtHalf2 b) { return *this = *this - b; }
    VitrineSimtHalf2& operator*=(VitrineSimtHalf2 b) { return *this = *this * b; }
    VitrineSimtHalf2& operator/=(VitrineSimtHalf2 b) { return *this = *this / b; }
    friend bool operator==(VitrineSimtHalf2 a, VitrineSimtHalf2 b) {
        return a.x == b.x && a.y == b.y;
    }
};

using __half = VitrineSimtHalf<vitrine::kernels::f16>;
using __half2 = VitrineSimtHalf2<vitrine::kernels::f16>;
using __nv_bfloat16 = VitrineSimtHalf<vitrine::kernels::bf16>;
using __nv_bfloat162 = VitrineSimtHalf2<vitrine::kernels::bf16>;
using half = __half;
using half2 = __half2;
using nv_bfloat16 = __nv_bfloat16;
using nv_bfloat162 = __nv_bfloat162;

static_assert(sizeof(__half) == 2 && std::is_trivial_v<__half>);
static_assert(sizeof(__half2) == 4 && std::is_trivial_v<__half2>);

namespace vitrine::kernels::simt {

// What atomicAdd and the shuffles take.
template <class Storage>
constexpr bool is_atomic_half<VitrineSimtHalf<Storage>> = true;
template <class Storage>
constexpr bool is_atomic_half<VitrineSimtHalf2<Storage>> = true;
template <class Storage>
constexpr bool is_shuffled<VitrineSimtHalf<Storage>> = true;
template <class Storage>
constexpr bool is_shuffled<VitrineSimtHalf2<Storage>> = true;

}  // namespace vitrine::kernels::simt

// The functions of the binary family, one struct each, used by every device.
//
//   f          y = f(a, b)
//   dfa dfb    dy/da, dy/db
//
// Integers wrap around; for bool, add is or and mul is and. NaN goes through all but the
// comparisons, which it makes false (not_equal: true). maximum and minimum give each side half of
// the gradient where the two are equal.
#pragma once

#include <type_traits>

#include "vitrine/kernels/base/hd.h"

namespace vitrine::kernels {

/// What a sum of two T is computed in: signed integers as unsigned ones, whose overflow is defined.
template <class T>
struct Wrapping {
    using type = T;
};
template <class T>
requires(std::is_integral_v<T>&& std::is_signed_v<T>) struct Wrapping<T> {
    using type = std::make_unsigned_t<T>;
};
template <class T>
using wrapping_t = typename Wrapping<T>::type;

struct Add {
    template <class T>
    VITRINE_HD T f(T a, T b) const { return static_cast<T>(wrapping_t<T>(a) + wrapping_t<T>(b)); }
};

struct Mul {
    template <class T>
    VITRINE_HD T f(T a, T b) const { return static_cast<T>(wrapping_t<T>(a) * wrapping_t<T>(b)); }
    template <class T>
    VITRINE_HD T dfa(T, T b) const { return b; }
    template <class T>
    VITRINE_HD T dfb(T a, T) const { return a; }
};

/// a + alpha b.
struct AddScaled {
    double alpha;
    template <class T>
    VITRINE_HD T f(T a, T b) const { return Add{}.f(a, Mul{}.f(static_cast<T>(alpha), b)); }
};

struct Sub {
    template <class T>
    VITRINE_HD T f(T a, T b) const { return static_cast<T>(wrapping_t<T>(a) - wrapping_t<T>(b)); }
};

struct Div {
    template <class T>
    VITRINE_HD T f(T a, T b) const { return a / b; }
    template <class T>
    VITRINE_HD T dfa(T, T b) const { return T(1) / b; }
    template <class T>
    VITRINE_HD T dfb(T a, T b) const { return -a / (b * b); }
};

/// b - a and b / a, for a number on the left of a tensor.
struct ReverseSub {
    template <class T>
    VITRINE_HD T f(T a, T b) const { return Sub{}.f(b, a); }
};

struct ReverseDiv {
    template <class T>
    VITRINE_HD T f(T a, T b) const { return b / a; }
    template <class T>
    VITRINE_HD T dfa(T a, T b) const { return -b / (a * a); }
};

struct Maximum {
    template <class T>
    VITRINE_HD T f(T a, T b) const { return a > b || a != a ? a : b; }
    template <class T>
    VITRINE_HD T dfa(T a, T b) const { return a > b ? T(1) : a == b ? T(0.5) : T(0); }
    template <class T>
    VITRINE_HD T dfb(T a, T b) const { return a < b ? T(1) : a == b ? T(0.5) : T(0); }
};

struct Minimum {
    template <class T>
    VITRINE_HD T f(T a, T b) const { return a < b || a != a ? a : b; }
    template <class T>
    VITRINE_HD T dfa(T a, T b) const { return a < b ? T(1) : a == b ? T(0.5) : T(0); }
    template <class T>
    VITRINE_HD T dfb(T a, T b) const { return a > b ? T(1) : a == b ? T(0.5) : T(0); }
};

struct Equal {
    template <class T>
    VITRINE_HD bool f(T a, T b) const { return a == b; }
};

struct NotEqual {
    template <class T>
    VITRINE_HD bool f(T a, T b) const { return a != b; }
};

struct Less {
    template <class T>
    VITRINE_HD bool f(T a, T b) const { return a < b; }
};

struct LessEqual {
    template <class T>
    VITRINE_HD bool f(T a, T b) const { return a <= b; }
};

struct Greater {
    template <class T>
    VITRINE_HD bool f(T a, T b) const { return a > b; }
};

struct GreaterEqual {
    template <class T>
    VITRINE_HD bool f(T a, T b) const { return a >= b; }
};

}  // namespace vitrine::kernels

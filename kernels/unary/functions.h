// The functions of the unary family, one struct each, used by every device.
//
//   f    y = f(x)
//   df   dy/dx, from x or from y, whichever `saved` says that the backward pass keeps
//   cost of an element, in the elementary operations of parts_for()
//
// Where a derivative jumps, df takes: abs 0 at 0; relu 0 at 0; leaky_relu the slope at 0; clamp 1
// at both bounds. NaN goes through every function.
#pragma once

#include "vitrine/kernels/base/math.h"

namespace vitrine::kernels {

/// What the backward pass of a function reads beside dy.
enum class Saved { x, y };

struct Exp {  // y = e^x     dy/dx = y
    static constexpr Saved saved = Saved::y;
    static constexpr double cost = 4;
    template <class T>
    VITRINE_HD T f(T x) const { return math::exp(x); }
    template <class T>
    VITRINE_HD T df(T y) const { return y; }
};

struct Log {  // y = ln x     dy/dx = 1 / x
    static constexpr Saved saved = Saved::x;
    static constexpr double cost = 4;
    template <class T>
    VITRINE_HD T f(T x) const { return math::log(x); }
    template <class T>
    VITRINE_HD T df(T x) const { return T(1) / x; }
};

struct Sqrt {  // y = x^(1/2)     dy/dx = 1 / (2y)
    static constexpr Saved saved = Saved::y;
    static constexpr double cost = 2;
    template <class T>
    VITRINE_HD T f(T x) const { return math::sqrt(x); }
    template <class T>
    VITRINE_HD T df(T y) const { return T(0.5) / y; }
};

struct Rsqrt {  // y = x^(-1/2)     dy/dx = -y^3 / 2
    static constexpr Saved saved = Saved::y;
    static constexpr double cost = 2;
    template <class T>
    VITRINE_HD T f(T x) const { return T(1) / math::sqrt(x); }
    template <class T>
    VITRINE_HD T df(T y) const { return T(-0.5) * y * y * y; }
};

struct Square {  // y = x^2     dy/dx = 2x
    static constexpr Saved saved = Saved::x;
    static constexpr double cost = 2;
    template <class T>
    VITRINE_HD T f(T x) const { return x * x; }
    template <class T>
    VITRINE_HD T df(T x) const { return T(2) * x; }
};

struct Abs {  // y = |x|     dy/dx = sign x
    static constexpr Saved saved = Saved::x;
    static constexpr double cost = 2;
    template <class T>
    VITRINE_HD T f(T x) const { return math::abs(x); }
    template <class T>
    VITRINE_HD T df(T x) const { return x > T(0) ? T(1) : x < T(0) ? T(-1) : T(0); }
};

struct Neg {  // y = -x     dy/dx = -1: the backward pass is neg again
    static constexpr double cost = 2;
    template <class T>
    VITRINE_HD T f(T x) const { return -x; }
};

struct Reciprocal {  // y = 1 / x     dy/dx = -y^2
    static constexpr Saved saved = Saved::y;
    static constexpr double cost = 2;
    template <class T>
    VITRINE_HD T f(T x) const { return T(1) / x; }
    template <class T>
    VITRINE_HD T df(T y) const { return -y * y; }
};

struct Pow {  // y = x^p     dy/dx = p x^(p-1)
    static constexpr Saved saved = Saved::x;
    static constexpr double cost = 30;
    double p;
    template <class T>
    VITRINE_HD T f(T x) const { return math::pow(x, static_cast<T>(p)); }
    template <class T>
    VITRINE_HD T df(T x) const {
        return p == 0 ? T(0) : static_cast<T>(p) * math::pow(x, static_cast<T>(p - 1));
    }
};

struct Clamp {  // y = min(max(x, lo), hi)     dy/dx = 1 where lo <= x <= hi, else 0
    static constexpr Saved saved = Saved::x;
    static constexpr double cost = 2;
    double lo, hi;
    template <class T>
    VITRINE_HD T f(T x) const {
        const T low = static_cast<T>(lo), high = static_cast<T>(hi);
        const T y = x < low ? low : x;
        return y > high ? high : y;
    }
    template <class T>
    VITRINE_HD T df(T x) const {
        return x >= static_cast<T>(lo) && x <= static_cast<T>(hi) ? T(1) : T(0);
    }
};

// The sine and the cosine of floats have vector code for bounded x alone: f_within and df_within,
// which a row of numbers |x| <= bound may use.
struct Sin {  // y = sin x     dy/dx = cos x
    static constexpr Saved saved = Saved::x;
    static constexpr double cost = 6;
    template <class T>
    VITRINE_HD T f(T x) const { return math::sin(x); }
    template <class T>
    VITRINE_HD T df(T x) const { return math::cos(x); }
#if !defined(__CUDA_ARCH__)
    static constexpr float bound = math::trigonometric_bound;
    float f_within(float x) const { return math::sin_within(x); }
    float df_within(float x) const { return math::cos_within(x); }
#endif
};

struct Cos {  // y = cos x     dy/dx = -sin x
    static constexpr Saved saved = Saved::x;
    static constexpr double cost = 6;
    template <class T>
    VITRINE_HD T f(T x) const { return math::cos(x); }
    template <class T>
    VITRINE_HD T df(T x) const { return -math::sin(x); }
#if !defined(__CUDA_ARCH__)
    static constexpr float bound = math::trigonometric_bound;
    float f_within(float x) const { return math::cos_within(x); }
    float df_within(float x) const { return -math::sin_within(x); }
#endif
};

struct Erf {  // y = 2 / sqrt(pi) int_0^x e^(-t^2) dt     dy/dx = 2 / sqrt(pi) e^(-x^2)
    static constexpr Saved saved = Saved::x;
    static constexpr double cost = 8;
    template <class T>
    VITRINE_HD T f(T x) const { return math::erf(x); }
    template <class T>
    VITRINE_HD T df(T x) const { return T(1.1283791670955126) * math::exp(-x * x); }
};

}  // namespace vitrine::kernels

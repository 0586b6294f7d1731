// The activations of the unary family: see functions.h for what a struct holds.
#pragma once

#include "functions.h"

namespace vitrine::kernels {

struct Sigmoid {  // y = 1 / (1 + e^-x)     dy/dx = y (1 - y)
    static constexpr Saved saved = Saved::y;
    static constexpr double cost = 5;
    template <class T>
    VITRINE_HD T f(T x) const { return math::sigmoid(x); }
    template <class T>
    VITRINE_HD T df(T y) const { return y * (T(1) - y); }
};

struct Tanh {  // y = tanh x     dy/dx = 1 - y^2
    static constexpr Saved saved = Saved::y;
    static constexpr double cost = 6;
    template <class T>
    VITRINE_HD T f(T x) const { return math::tanh(x); }
    template <class T>
    VITRINE_HD T df(T y) const { return T(1) - y * y; }
};

struct Relu {  // y = max(x, 0)     dy/dx = 1 where y > 0, else 0
    static constexpr Saved saved = Saved::y;
    static constexpr double cost = 2;
    template <class T>
    VITRINE_HD T f(T x) const { return x < T(0) ? T(0) : x; }
    template <class T>
    VITRINE_HD T df(T y) const { return y > T(0) ? T(1) : T(0); }
};

struct LeakyRelu {  // y = x where x > 0, else slope x
    static constexpr Saved saved = Saved::x;
    static constexpr double cost = 2;
    double slope;
    template <class T>
    VITRINE_HD T f(T x) const { return x > T(0) ? x : static_cast<T>(slope) * x; }
    template <class T>
    VITRINE_HD T df(T x) const { return x > T(0) ? T(1) : static_cast<T>(slope); }
};

struct Silu {  // y = x s, s = 1 / (1 + e^-x)     dy/dx = s (1 + x (1 - s))
    static constexpr Saved saved = Saved::x;
    static constexpr double cost = 5;
    template <class T>
    VITRINE_HD T f(T x) const { return x * math::sigmoid(x); }
    template <class T>
    VITRINE_HD T df(T x) const {
        const T s = math::sigmoid(x);
        return s * (T(1) + x * (T(1) - s));
    }
};

struct Softplus {  // y = ln(1 + e^(beta x)) / beta, x itself where beta x > threshold
    static constexpr Saved saved = Saved::x;
    static constexpr double cost = 8;
    double beta, threshold;
    template <class T>
    VITRINE_HD T f(T x) const {
        const T z = static_cast<T>(beta) * x;
        const T y = math::softplus(z) / static_cast<T>(beta);
        return z > static_cast<T>(threshold) ? x : y;
    }
    template <class T>
    VITRINE_HD T df(T x) const {
        const T z = static_cast<T>(beta) * x;
        const T s = math::sigmoid(z);
        return z > static_cast<T>(threshold) ? T(1) : s;
    }
};

// Gaussian error linear units (Hendrycks and Gimpel, 2016), P the normal distribution function and
// p its density.
struct Gelu {  // y = x P(x)     dy/dx = P(x) + x p(x)
    static constexpr Saved saved = Saved::x;
    static constexpr double cost = 10;
    template <class T>
    VITRINE_INLINE T f(T x) const { return x * math::normal_cdf(x); }
    template <class T>
    VITRINE_INLINE T df(T x) const {
        const math::Normal<T> normal = math::normal(x);
        return normal.cdf + x * normal.pdf;
    }
};

// The same paper's approximation.
struct GeluTanh {  // y = x (1 + t) / 2, t = tanh u, u = k (x + a x^3)
                   // dy/dx = ((1 + t) + x (1 - t^2) u') / 2
    static constexpr Saved saved = Saved::x;
    static constexpr double cost = 8;
    static constexpr double k = 0.79788456080286536;  // sqrt(2 / pi)
    static constexpr double a = 0.044715;
    template <class T>
    VITRINE_INLINE T f(T x) const {
        return T(0.5) * x * (T(1) + math::tanh(T(k) * (x + T(a) * x * x * x)));
    }
    template <class T>
    VITRINE_INLINE T df(T x) const {
        const T t = math::tanh(T(k) * (x + T(a) * x * x * x));
        const T slope = T(k) * (T(1) + T(3 * a) * x * x);
        return T(0.5) * ((T(1) + t) + x * (T(1) - t * t) * slope);
    }
};

}  // namespace vitrine::kernels

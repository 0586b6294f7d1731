// What is done to an element of a product before it is written, while it is still in registers or in the nearest cache:
// what would cost a pass over C of its own.
//
//   z_ij = sum_k a_ik b_kj + bias_j + c_ij      the old c_ij only where `accumulate`
//   c_ij = f(z_ij) + residual_ij                f is `activation`
//
// `residual` and `before` lie as C does. `before` is where z goes, for the backward of an f that reads its argument.
#pragma once

#include <cstdint>

#include "vitrine/kernels/unary/activations.h"

namespace vitrine::kernels {

/// The f of an epilogue: the functions of the same names in kernels/unary/activations.h.
enum class MatmulActivation { none, relu, tanh, sigmoid, gelu, gelu_tanh };

/// f(z); a loop over it with f known to the compiler becomes vector code.
template <class T>
VITRINE_INLINE T matmul_activate(MatmulActivation f, T z) {
    switch (f) {
        case MatmulActivation::none: return z;
        case MatmulActivation::relu: return Relu{}.f(z);
        case MatmulActivation::tanh: return Tanh{}.f(z);
        case MatmulActivation::sigmoid: return Sigmoid{}.f(z);
        case MatmulActivation::gelu: return Gelu{}.f(z);
        case MatmulActivation::gelu_tanh: return GeluTanh{}.f(z);
    }
    return z;
}

/// Nothing by default: c_ij is the sum of the products.
template <class T>
struct MatmulEpilogue {
    const T* bias = nullptr;      ///< (N), or null
    const T* residual = nullptr;  ///< like C, or null
    T* before = nullptr;          ///< like C, or null
    bool accumulate = false;
    MatmulActivation activation = MatmulActivation::none;

    /// z_ij from the sum of its products; c_ij is at `at` in C.
    VITRINE_INLINE T z(T sum, const T* c, std::int64_t at, std::int64_t j) const {
        if (accumulate) sum += c[at];
        return bias ? sum + bias[j] : sum;
    }
    /// The epilogue of a part of C: rows from an element at `at` in C on, columns from `j` on.
    VITRINE_INLINE MatmulEpilogue from(std::int64_t at, std::int64_t j) const {
        const std::int64_t to = at + j;
        return {bias ? bias + j : bias, residual ? residual + to : residual, before ? before + to : before, accumulate, activation};
    }
    /// Whether c_ij is not z_ij, or z_ij is wanted too.
    VITRINE_INLINE bool has_more() const { return activation != MatmulActivation::none || residual || before; }
    VITRINE_INLINE bool only_relu() const { return activation == MatmulActivation::relu && !residual && !before; }
    /// The rest, where z_ij stands in the place of c_ij.
    VITRINE_INLINE void finish(T* c, std::int64_t at) const {
        if (before) before[at] = c[at];
        const T y = matmul_activate(activation, c[at]);
        c[at] = residual ? y + residual[at] : y;
    }
};

}  // namespace vitrine::kernels

// Dropout: sets elements to zero at random and scales the rest, so that the mean stays.
//
//   forward    y_i  = x_i k_i / (1 - p)      k_i = 1 where u_i >= p, else 0
//   backward   dx_i = dy_i k_i / (1 - p)     the same call on dy
//
//   with a residual, in one pass: y_i = r_i + x_i k_i / (1 - p), dr = dy
//
// u_i is the uniform number (24 bits, one word, kernels/random/random.h) of element i of the Philox
// blocks from `from.offset`. Nothing is stored for backward but (p, from): the mask is made again,
// which is cheaper than to read it back, and is the same on every device and for f32 and f64. A
// dropped element is 0 whatever x_i was. p = 1 gives zeros. x and y may be the same buffer.
//
// N. Srivastava, G. Hinton, A. Krizhevsky, I. Sutskever, R. Salakhutdinov, "Dropout: a simple way
// to prevent neural networks from overfitting", JMLR 15, 2014 (here scaled in training, as everyone
// does by now).
#pragma once

#include <cstdint>

#include "vitrine/kernels/base/device.h"
#include "vitrine/kernels/random/philox.h"

namespace vitrine::kernels {

/// Philox blocks that dropout of n elements uses up.
constexpr std::uint64_t dropout_blocks(std::int64_t n) { return static_cast<std::uint64_t>((n + 3) / 4); }

/// y = dropout of the n elements of x; 0 <= p <= 1.
template <class T>
void dropout_forward(Cpu, const T* x, T* y, std::int64_t n, double p, Philox from);
template <class T>
void dropout_forward(Simt, const T* x, T* y, std::int64_t n, double p, Philox from);
template <class T>
void dropout_forward(Cuda, const T* x, T* y, std::int64_t n, double p, Philox from);

/// y = r + dropout of the n elements of x.
template <class T>
void dropout_add_forward(Cpu, const T* x, const T* r, T* y, std::int64_t n, double p, Philox from);
template <class T>
void dropout_add_forward(Simt, const T* x, const T* r, T* y, std::int64_t n, double p, Philox from);
template <class T>
void dropout_add_forward(Cuda, const T* x, const T* r, T* y, std::int64_t n, double p, Philox from);

/// What a kept element is multiplied by.
constexpr double dropout_scale(double p) { return p < 1 ? 1 / (1 - p) : 0; }

}  // namespace vitrine::kernels

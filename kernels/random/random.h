// Fills a buffer of n elements with random numbers of Philox4x32-10 (philox.h).
//
// Which words element i takes depends on i alone, never on threads, parts or grids:
//
//                      words an element   block           words of that block
//   uniform, f32       1                  offset + i/4    i mod 4
//   uniform, f64       2                  offset + i/2    2 (i mod 2) and the next
//   normal,  f32       1 (2 a pair)       offset + i/4    those of its pair: 0, 1 or 2, 3
//   normal,  f64       2 (4 a pair)       offset + i/2    all four
//   bernoulli, masks   1                  offset + i/4    i mod 4
//
//   uniform     y = lo + (hi - lo) u     lo <= y < hi;  0 <= u < 1: f32 24 bits, f64 53
//   normal      y = mean + std z         z0 = r cos 2 pi b, z1 = r sin 2 pi b, r = sqrt(-2 log a)
//   bernoulli   y = 1 where u < p else 0, u as in uniform, f32
//
// G. E. P. Box and M. E. Muller, "A note on the generation of random normal deviates", 1958: a pair
// (a, b) of uniforms, a > 0, gives a pair (z0, z1) of independent normals. |z| reaches 6.6 in f32,
// 8.5 in f64.
//
// Uniform and bernoulli give the same bits on every device. Normals do in f64. In f32 they are made
// in f32, to 5 ulp (of the larger of mean and std z); processors that fuse multiply and add agree to
// 3 ulp with those that do not. Why and how: docs/derivations/random.md.
#pragma once

#include <cstdint>

#include "philox.h"
#include "vitrine/kernels/base/device.h"

namespace vitrine::kernels {

/// Blocks that n elements of T use up: the next call starts at offset + random_blocks<T>(n).
template <class T>
constexpr std::uint64_t random_blocks(std::int64_t n) {
    constexpr std::int64_t per_block = 16 / sizeof(T);
    return static_cast<std::uint64_t>((n + per_block - 1) / per_block);
}

/// y_i uniform in [lo, hi); lo <= hi, hi - lo finite. Where lo == hi, y_i = lo.
template <class T>
void random_uniform(Cpu, T* y, std::int64_t n, T lo, T hi, Philox from);
template <class T>
void random_uniform(Simt, T* y, std::int64_t n, T lo, T hi, Philox from);
template <class T>
void random_uniform(Cuda, T* y, std::int64_t n, T lo, T hi, Philox from);

/// y_i normal with this mean and standard deviation, std >= 0.
template <class T>
void random_normal(Cpu, T* y, std::int64_t n, T mean, T std, Philox from);
template <class T>
void random_normal(Simt, T* y, std::int64_t n, T mean, T std, Philox from);
template <class T>
void random_normal(Cuda, T* y, std::int64_t n, T mean, T std, Philox from);

/// y_i = 1 with probability p, else 0; 0 <= p <= 1. One word an element in f64 too.
template <class T>
void random_bernoulli(Cpu, T* y, std::int64_t n, double p, Philox from);
template <class T>
void random_bernoulli(Simt, T* y, std::int64_t n, double p, Philox from);
template <class T>
void random_bernoulli(Cuda, T* y, std::int64_t n, double p, Philox from);

}  // namespace vitrine::kernels

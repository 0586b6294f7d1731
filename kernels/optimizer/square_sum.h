// The sum of squares of a gradient, for clipping by norm: partial sums in double, one for each of a number of equal
// parts that depends on n alone, so that their sum has the same bits at any thread count. The caller adds them up in
// order.
//
//   partials_p = sum of g_i^2 over part p      norm = sqrt(sum_p partials_p)
#pragma once

#include <algorithm>
#include <cstdint>

#include "vitrine/kernels/base/device.h"

namespace vitrine::kernels {

/// How many partial sums n elements give: 0 for n = 0.
constexpr std::int64_t square_sum_parts(std::int64_t n) { return std::min<std::int64_t>((n + 4095) / 4096, 1024); }

/// Fills partials[0 .. square_sum_parts(n)).
template <class T>
void square_sum(Cpu, const T* g, double* partials, std::int64_t n);
template <class T>
void square_sum(Simt, const T* g, double* partials, std::int64_t n);
template <class T>
void square_sum(Cuda, const T* g, double* partials, std::int64_t n);

}  // namespace vitrine::kernels

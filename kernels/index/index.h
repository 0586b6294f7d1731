// Elements taken from, and added to, places along one axis that a tensor of indices names.
//
//   check      *bad = the first i with t_i < 0 or t_i >= size; *bad = n before, and stays n without one
//   gather     y[l, k] = x[l, t[l, k]]                     l: all coordinates but the axis', k: the axis'
//   scatter    y[l, t[l, k]] += src[l, k]                  for k = 0, 1, 2, ... in this order
//
// gather and scatter want every index checked. The sum of one element of y is taken in the order of k, one addition after
// the other, on every device: the same bits at any number of threads. t may have strides of 0: one row of indices for all
// l. gather moves elements and computes nothing: every dtype; scatter: f32, f64, i32, i64.
#pragma once

#include <cstdint>

#include "vitrine/kernels/base/device.h"
#include "vitrine/kernels/base/half.h"
#include "vitrine/kernels/base/strided.h"

namespace vitrine::kernels {

/// Strides of y, t, x over y's shape; x's along the axis are 0, there an index moves by x_step.
struct GatherShape {
    Strided<3> n;
    std::int64_t x_step;
};

/// Strides of y, t, src over the coordinates l; along the axis, of `count` elements of src and `size` of y, the steps.
struct ScatterShape {
    Strided<3> lines;
    std::int64_t count, size;
    std::int64_t y_step, t_step, src_step;
};

void index_check(Cpu, const std::int64_t* t, std::int64_t* bad, std::int64_t n, std::int64_t size);
template <class T>
void index_gather(Cpu, const T* x, const std::int64_t* t, T* y, const GatherShape& shape);
template <class T>
void index_scatter(Cpu, const std::int64_t* t, const T* src, T* y, const ScatterShape& shape);

void index_check(Simt, const std::int64_t* t, std::int64_t* bad, std::int64_t n, std::int64_t size);
template <class T>
void index_gather(Simt, const T* x, const std::int64_t* t, T* y, const GatherShape& shape);
template <class T>
void index_scatter(Simt, const std::int64_t* t, const T* src, T* y, const ScatterShape& shape);

void index_check(Cuda, const std::int64_t* t, std::int64_t* bad, std::int64_t n, std::int64_t size);
template <class T>
void index_gather(Cuda, const T* x, const std::int64_t* t, T* y, const GatherShape& shape);
template <class T>
void index_scatter(Cuda, const std::int64_t* t, const T* src, T* y, const ScatterShape& shape);

}  // namespace vitrine::kernels

// Choosing between two tensors, element by element, and the elements that a mask chooses.
//
//   where     y = c ? x : w                          over any strides, broadcast ones too
//
// The elements of a row-major x (n) at which c is true, one after the other. They are found in chunks of mask_chunk
// elements; o (mask_chunks(n) + 1) says how many true ones lie before each chunk:
//
//   offsets   o_k = sum_{i < k chunk} [c_i]          the last is the number of all
//   pack      y_j = x_i                              i the j-th true place
//   unpack    dx_i = c_i ? dy_j : 0                  the transpose of pack
//
// where, pack and unpack move elements and compute nothing: every dtype.
#pragma once

#include <cstdint>

#include "vitrine/kernels/base/device.h"
#include "vitrine/kernels/base/half.h"
#include "vitrine/kernels/base/strided.h"

namespace vitrine::kernels {

constexpr std::int64_t mask_chunk = 256;
inline std::int64_t mask_chunks(std::int64_t n) { return (n + mask_chunk - 1) / mask_chunk; }

/// Strides of y, c, x, w, in this order.
template <class T>
void where_forward(Cpu, const bool* c, const T* x, const T* w, T* y, const Strided<4>& n);
void mask_offsets(Cpu, const bool* c, std::int64_t* o, std::int64_t n);
template <class T>
void mask_pack(Cpu, const bool* c, const std::int64_t* o, const T* x, T* y, std::int64_t n);
template <class T>
void mask_unpack(Cpu, const bool* c, const std::int64_t* o, const T* dy, T* dx, std::int64_t n);

template <class T>
void where_forward(Simt, const bool* c, const T* x, const T* w, T* y, const Strided<4>& n);
void mask_offsets(Simt, const bool* c, std::int64_t* o, std::int64_t n);
template <class T>
void mask_pack(Simt, const bool* c, const std::int64_t* o, const T* x, T* y, std::int64_t n);
template <class T>
void mask_unpack(Simt, const bool* c, const std::int64_t* o, const T* dy, T* dx, std::int64_t n);

template <class T>
void where_forward(Cuda, const bool* c, const T* x, const T* w, T* y, const Strided<4>& n);
void mask_offsets(Cuda, const bool* c, std::int64_t* o, std::int64_t n);
template <class T>
void mask_pack(Cuda, const bool* c, const std::int64_t* o, const T* x, T* y, std::int64_t n);
template <class T>
void mask_unpack(Cuda, const bool* c, const std::int64_t* o, const T* dy, T* dx, std::int64_t n);

}  // namespace vitrine::kernels

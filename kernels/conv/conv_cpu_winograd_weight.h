// The order of Winograd's weight gradient for many channels (conv_cpu_winograd_weight_wide.cpp), which
// conv_cpu_winograd_weight.cpp chooses.
#pragma once

#include "conv.h"
#include "conv_cpu_winograd.h"

namespace vitrine::kernels {

/// Whether all tiles of x and dy in points are few enough for the cache.
template <class T>
bool winograd_weight_is_wide(const ConvShape& s);
template <class T>
std::size_t winograd_weight_wide_bytes(const ConvShape& s);
template <class T>
void winograd_weight_wide(const T* x, const T* dy, T* dw, const ConvShape& s, ConvWorkspace ws);

}  // namespace vitrine::kernels

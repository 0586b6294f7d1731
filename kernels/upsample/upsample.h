// Nearest-neighbour upsampling of images. Images lie channels together: pixel (h, w) of image n begins at
// ((n H + h) W + w) C.
//
//   forward    y_(p, q) = x_(floor(p H / P), floor(q W / Q))          x H x W, y P x Q pixels
//   backward   dx_(h, w) = sum of dy_(p, q) over ceil(h P / H) <= p < ceil((h + 1) P / H) and q alike
//
// Sizes may shrink too: then some inputs have no output. The gradient is gathered in the order of the outputs: the same
// bits at any number of threads.
#pragma once

#include <cstdint>

#include "vitrine/kernels/base/device.h"
#include "vitrine/kernels/base/hd.h"

namespace vitrine::kernels {

/// Inputs and outputs along the height or the width.
struct UpsampleAxis {
    std::int64_t in = 0, out = 0;

    /// The input that output o copies.
    VITRINE_INLINE std::int64_t source(std::int64_t o) const { return o * in / out; }
    /// The first output that copies input p; those of p + 1 follow.
    VITRINE_INLINE std::int64_t first(std::int64_t p) const { return (p * out + in - 1) / in; }
};

struct UpsampleShape {
    std::int64_t images, channels;
    UpsampleAxis h, w;

    VITRINE_INLINE std::int64_t x_size() const { return images * h.in * w.in * channels; }
    VITRINE_INLINE std::int64_t y_size() const { return images * h.out * w.out * channels; }
};

template <class T>
void upsample_nearest_forward(Cpu, const T* x, T* y, const UpsampleShape& n);
template <class T>
void upsample_nearest_backward(Cpu, const T* dy, T* dx, const UpsampleShape& n);

template <class T>
void upsample_nearest_forward(Cuda, const T* x, T* y, const UpsampleShape& n);
template <class T>
void upsample_nearest_backward(Cuda, const T* dy, T* dx, const UpsampleShape& n);
template <class T>
void upsample_nearest_forward(Simt, const T* x, T* y, const UpsampleShape& n);
template <class T>
void upsample_nearest_backward(Simt, const T* dy, T* dx, const UpsampleShape& n);

}  // namespace vitrine::kernels

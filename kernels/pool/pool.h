// Pooling of images: maximum or average over a window for each pixel of y. Images lie channels together: pixel (h, w)
// of image n begins at ((n H + h) W + w) C.
//
//   window     along each axis, output o sees inputs o stride - padding + k dilation, k = 0 ... kernel - 1, as far as
//              they lie inside the image; adaptive: inputs floor(o in / out) ... ceil((o + 1) in / out) - 1
//
//   max        y_o = max of x over the window; index_o = where in the image it lies, h W + w; the first of equals; a
//              NaN is the largest value. -1: nothing of the window lies inside; then y is -inf
//              dx_p = sum of dy_o over the windows o with index_o = p
//   gather     y_o = x at index_o, 0 for -1: the derivative of dx by dy, transposed
//   average    y_o = 1/count_o sum of x over the window; count_o: its inputs, those in the padding too if so asked
//              dx_p = sum of dy_o / count_o over the windows o that hold p
//
// Every gradient is gathered, pixel by pixel, in the order of the windows: nothing is added by several threads, and the
// bits are the same at any number of threads. Averages are summed along w first, so that an image of a million pixels
// costs a thousand additions in a row, twice.
#pragma once

#include <cstdint>

#include "vitrine/kernels/base/device.h"
#include "vitrine/kernels/base/hd.h"

namespace vitrine::kernels {

/// Windows along the height or the width.
struct PoolAxis {
    std::int64_t in = 0, out = 0, kernel = 1, stride = 1, padding = 0, dilation = 1;
    bool adaptive = false, count_padding = true;

    /// Where window o starts, perhaps in the padding.
    VITRINE_INLINE std::int64_t start(std::int64_t o) const { return adaptive ? o * in / out : o * stride - padding; }
    /// The inputs of window o: begin(o), begin(o) + dilation, ... below end(o).
    VITRINE_INLINE std::int64_t begin(std::int64_t o) const {
        const std::int64_t at = start(o);
        return at >= 0 ? at : at + (-at + dilation - 1) / dilation * dilation;
    }
    VITRINE_INLINE std::int64_t end(std::int64_t o) const {
        if (adaptive) return ((o + 1) * in + out - 1) / out;
        const std::int64_t stop = start(o) + (kernel - 1) * dilation + 1;
        return stop < in ? stop : in;
    }
    /// How many inputs an average divides by; for dilation 1.
    VITRINE_INLINE std::int64_t count(std::int64_t o) const {
        if (adaptive || !count_padding) return end(o) - begin(o);
        const std::int64_t stop = start(o) + kernel;
        return (stop < in + padding ? stop : in + padding) - start(o);
    }
    /// The windows that may hold input p: from windows_begin(p), below windows_end(p); with a dilation some may step
    /// over it.
    VITRINE_INLINE std::int64_t windows_begin(std::int64_t p) const {
        if (adaptive) return p * out / in;
        const std::int64_t first = p + padding - (kernel - 1) * dilation;
        return first <= 0 ? 0 : (first + stride - 1) / stride;
    }
    VITRINE_INLINE std::int64_t windows_end(std::int64_t p) const {
        if (adaptive) return ((p + 1) * out + in - 1) / in;
        const std::int64_t last = (p + padding) / stride + 1;
        return last < out ? last : out;
    }
};

struct PoolShape {
    std::int64_t images, channels;
    PoolAxis h, w;

    VITRINE_INLINE std::int64_t x_size() const { return images * h.in * w.in * channels; }
    VITRINE_INLINE std::int64_t y_size() const { return images * h.out * w.out * channels; }
};

/// index may be null.
template <class T>
void max_pool_forward(Cpu, const T* x, T* y, std::int32_t* index, const PoolShape& n);
template <class T>
void max_pool_backward(Cpu, const std::int32_t* index, const T* dy, T* dx, const PoolShape& n);
template <class T>
void max_pool_gather(Cpu, const T* x, const std::int32_t* index, T* y, const PoolShape& n);
template <class T>
void average_pool_forward(Cpu, const T* x, T* y, const PoolShape& n);
template <class T>
void average_pool_backward(Cpu, const T* dy, T* dx, const PoolShape& n);

// The same on a GPU and on the emulated one.
template <class T>
void max_pool_forward(Cuda, const T* x, T* y, std::int32_t* index, const PoolShape& n);
template <class T>
void max_pool_backward(Cuda, const std::int32_t* index, const T* dy, T* dx, const PoolShape& n);
template <class T>
void max_pool_gather(Cuda, const T* x, const std::int32_t* index, T* y, const PoolShape& n);
template <class T>
void average_pool_forward(Cuda, const T* x, T* y, const PoolShape& n);
template <class T>
void average_pool_backward(Cuda, const T* dy, T* dx, const PoolShape& n);
template <class T>
void max_pool_forward(Simt, const T* x, T* y, std::int32_t* index, const PoolShape& n);
template <class T>
void max_pool_backward(Simt, const std::int32_t* index, const T* dy, T* dx, const PoolShape& n);
template <class T>
void max_pool_gather(Simt, const T* x, const std::int32_t* index, T* y, const PoolShape& n);
template <class T>
void average_pool_forward(Simt, const T* x, T* y, const PoolShape& n);
template <class T>
void average_pool_backward(Simt, const T* dy, T* dx, const PoolShape& n);

}  // namespace vitrine::kernels

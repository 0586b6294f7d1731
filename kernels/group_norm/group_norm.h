// Group normalisation (Wu and He 2018), and layer normalisation (Ba, Kiros and Hinton 2016) as its case of one pixel.
//
// x is images x pixels x channels in memory; channels are `groups` runs of `width` neighbours. Mean and variance are
// taken over the m = pixels * width elements of a group k of one image; w and b belong to a channel c.
//
//   mean_k = 1/m sum x      var_k = 1/m sum (x - mean_k)^2      rstd_k = 1 / sqrt(var_k + eps)
//
//   forward    xhat = (x - mean) rstd          y = w xhat + b
//   backward   db_c = sum dy                   dw_c = sum dy xhat          over images and pixels
//              q = w dy
//              dx = rstd (q - 1/m sum q - xhat 1/m sum q xhat)             sums over the group
//
// layer_norm: images = rows, pixels = 1, groups = 1, width = the normalised elements.
//
// w and b may be null: 1 and 0. Derivation: docs/derivations/batch_norm.md.
//
// Numerics: sums are of differences from an element of the group, which keeps the digits that a large mean would cost.
// cpu: sums of float are joined in double after at most 1024 elements. GPU: a thread sums its elements in T. The order
// is fixed by the sizes: the same bits at any number of threads.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "vitrine/kernels/base/device.h"
#include "vitrine/kernels/base/kernel_step.h"

namespace vitrine::kernels {

struct GroupNormShape {
    std::int64_t images, pixels, groups, width;
    /// Forward of layer_norm on a GPU: the kernels of this step (group_norm_steps.h).
    KernelStep step = KernelStep::automatic;
    std::int64_t channels() const { return groups * width; }
    std::int64_t rows() const { return images * pixels; }
};

/// Pieces whose sums for dw and db are joined in order. cpu: an image, or 64 of single pixels; GPU: 64 pixels or more.
inline std::int64_t group_norm_pieces(Cpu, GroupNormShape n) {
    return n.pixels == 1 ? std::clamp<std::int64_t>((n.images + 63) / 64, 1, 128) : n.images;
}
inline std::int64_t group_norm_gpu_pieces(GroupNormShape n) {
    return std::clamp<std::int64_t>((n.rows() + 63) / 64, 1, 128);
}
/// Of forward and backward on any device.
inline std::size_t group_norm_workspace_bytes(GroupNormShape n) {
    const std::int64_t pieces = std::max(group_norm_pieces(Cpu{}, n), group_norm_gpu_pieces(n));
    return static_cast<std::size_t>(4 * pieces * n.channels()) * sizeof(double);
}

/// Fills y, and mean and rstd of each image's groups. x has elements.
template <class T>
void group_norm_forward(Cpu, const T* x, const T* w, const T* b, T* y, T* mean, T* rstd, double eps, GroupNormShape n,
                        void* workspace);
/// Fills dx, dw, db. No images or pixels: dw and db are 0.
template <class T>
void group_norm_backward(Cpu, const T* x, const T* w, const T* mean, const T* rstd, const T* dy, T* dx, T* dw, T* db,
                         GroupNormShape n, void* workspace);

// The same on a GPU and on the emulated one.
template <class T>
void group_norm_forward(Cuda, const T* x, const T* w, const T* b, T* y, T* mean, T* rstd, double eps, GroupNormShape n,
                        void* workspace);
template <class T>
void group_norm_backward(Cuda, const T* x, const T* w, const T* mean, const T* rstd, const T* dy, T* dx, T* dw, T* db,
                         GroupNormShape n, void* workspace);
template <class T>
void group_norm_forward(Simt, const T* x, const T* w, const T* b, T* y, T* mean, T* rstd, double eps, GroupNormShape n,
                        void* workspace);
template <class T>
void group_norm_backward(Simt, const T* x, const T* w, const T* mean, const T* rstd, const T* dy, T* dx, T* dw, T* db,
                         GroupNormShape n, void* workspace);

}  // namespace vitrine::kernels

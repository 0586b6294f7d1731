// Convolution of images x (N, C, H, W) with kernels w (O, C/G, U, V) to y (N, O, P, Q), in G groups:
//
//   forward   y_nopq = bias_o + sum_cuv x_nchw w_ocuv      h = p stride_h - pad_h + u dilation_h, w in the same way
//   backward  dx_nchw = sum_opquv dy_nopq w_ocuv           over the p, q, u, v that meet h, w
//             dw_ocuv = sum_npq dy_nopq x_nchw
//
// x is 0 outside its H x W. Output channel o belongs to group o / (O/G) and sees that group's C/G channels alone.
// dbias is the sum of dy over n, p, q: a reduction like any other (core/ops/reduce.h).
//
// In memory channels lie together: x is [N][H][W][C], y is [N][P][Q][O], and w is [U][V][C/G][O], so that a product
// over channels reads both in order. Buffers do not overlap.
//
// The backward for data takes a bias too (dx_nchw + bias_c): it is the forward of a transposed convolution.
//
// Numerics: sums are kept in T, in an order that depends on the shape and the algorithm alone: the same bits at any
// number of threads. Winograd's convolution (ConvAlgorithm::winograd, conv_cpu_winograd.h) adds and subtracts numbers up to a
// hundred times larger than its results. In f32, for random numbers, the largest error of a result, relative to the root
// mean square of all, was 3e-5 for 32 channels, 6e-5 for 256 and up to 1.4e-4 for 512; of dw 1e-5 to 3e-5. The other
// algorithms stayed at 3e-6 to 1.2e-5. In f64: 2e-13.
#pragma once

#include <cstddef>
#include <cstdint>

#include "algorithm.h"
#include "vitrine/kernels/base/device.h"
#include "vitrine/kernels/base/hd.h"

namespace vitrine::kernels {

struct ConvShape {
    std::int64_t N = 0, C = 0, H = 0, W = 0;  ///< x
    std::int64_t O = 0, P = 0, Q = 0;         ///< y
    std::int64_t U = 1, V = 1;                ///< rows and columns of a kernel
    std::int64_t G = 1;                       ///< groups; divides C and O
    std::int64_t stride_h = 1, stride_w = 1;
    std::int64_t pad_h = 0, pad_w = 0;  ///< rows and columns of 0 on each side of x
    std::int64_t dilation_h = 1, dilation_w = 1;
    ConvAlgorithm algorithm = ConvAlgorithm::automatic;
    bool bf16_factors = false;  ///< on the CPU, where it pays: f32 factors are rounded to bf16 (conv_bf16.h)

    VITRINE_HD std::int64_t Cg() const { return C / G; }  ///< input channels of a group
    VITRINE_HD std::int64_t Og() const { return O / G; }  ///< output channels of a group
    /// The row of x that row p of y meets with row u of the kernel; may lie outside of x.
    VITRINE_HD std::int64_t h(std::int64_t p, std::int64_t u) const { return p * stride_h - pad_h + u * dilation_h; }
    VITRINE_HD std::int64_t w(std::int64_t q, std::int64_t v) const { return q * stride_w - pad_w + v * dilation_w; }
    /// The row of y that row h of x meets with row u of the kernel, or -1 where there is none.
    VITRINE_HD std::int64_t p(std::int64_t h, std::int64_t u) const {
        return met(h + pad_h - u * dilation_h, stride_h, P);
    }
    VITRINE_HD std::int64_t q(std::int64_t w, std::int64_t v) const {
        return met(w + pad_w - v * dilation_w, stride_w, Q);
    }

private:
    VITRINE_HD static std::int64_t met(std::int64_t steps, std::int64_t stride, std::int64_t size) {
        return steps < 0 || steps % stride != 0 || steps / stride >= size ? -1 : steps / stride;
    }
};

/// Scratch memory: as much as the call's ..._workspace_bytes() asks for, aligned to 64 bytes.
struct ConvWorkspace {
    void* data = nullptr;
    std::size_t bytes = 0;
};

template <class T>
std::size_t conv_forward_workspace_bytes(Cpu, const ConvShape& s);
template <class T>
std::size_t conv_backward_data_workspace_bytes(Cpu, const ConvShape& s);
template <class T>
std::size_t conv_backward_weight_workspace_bytes(Cpu, const ConvShape& s);
template <class T>
void conv_forward(Cpu, const T* x, const T* w, const T* bias, T* y, const ConvShape& s, ConvWorkspace ws);
template <class T>
void conv_backward_data(Cpu, const T* dy, const T* w, const T* bias, T* dx, const ConvShape& s, ConvWorkspace ws);
template <class T>
void conv_backward_weight(Cpu, const T* x, const T* dy, T* dw, const ConvShape& s, ConvWorkspace ws);

template <class T>
std::size_t conv_forward_workspace_bytes(Simt, const ConvShape& s);
template <class T>
std::size_t conv_backward_data_workspace_bytes(Simt, const ConvShape& s);
template <class T>
std::size_t conv_backward_weight_workspace_bytes(Simt, const ConvShape& s);
template <class T>
void conv_forward(Simt, const T* x, const T* w, const T* bias, T* y, const ConvShape& s, ConvWorkspace ws);
template <class T>
void conv_backward_data(Simt, const T* dy, const T* w, const T* bias, T* dx, const ConvShape& s, ConvWorkspace ws);
template <class T>
void conv_backward_weight(Simt, const T* x, const T* dy, T* dw, const ConvShape& s, ConvWorkspace ws);

template <class T>
std::size_t conv_forward_workspace_bytes(Cuda, const ConvShape& s);
template <class T>
std::size_t conv_backward_data_workspace_bytes(Cuda, const ConvShape& s);
template <class T>
std::size_t conv_backward_weight_workspace_bytes(Cuda, const ConvShape& s);
template <class T>
void conv_forward(Cuda, const T* x, const T* w, const T* bias, T* y, const ConvShape& s, ConvWorkspace ws);
template <class T>
void conv_backward_data(Cuda, const T* dy, const T* w, const T* bias, T* dx, const ConvShape& s, ConvWorkspace ws);
template <class T>
void conv_backward_weight(Cuda, const T* x, const T* dy, T* dw, const ConvShape& s, ConvWorkspace ws);

}  // namespace vitrine::kernels

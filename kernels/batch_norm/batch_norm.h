// Batch normalisation (Ioffe and Szegedy 2015), each channel c over all rows r. x is rows x channels in memory: a
// matrix, or images with their channels together, a row for each pixel. m is the number of rows.
//
//   mean_c = 1/m sum_r x_rc      var_c = 1/m sum_r (x_rc - mean_c)^2      rstd_c = 1 / sqrt(var_c + eps)
//
//   forward    xhat = (x - mean) rstd          y = w xhat + b
//   backward   db_c = sum_r dy_rc              dw_c = sum_r dy_rc xhat_rc
//              dx = w rstd (dy - db / m - xhat dw / m)      where mean and rstd were computed from x (training)
//              dx = w rstd dy                               where they were given (inference)
//   running    mean' = (1 - momentum) mean' + momentum mean
//              var'  = (1 - momentum) var'  + momentum var m / (m - 1)        unbiased, as PyTorch's
//
//   relu       y = max(0, xhat w + b + r)         dy above is then g = dy where y > 0, else 0, and dr = g: the mask is read
//              from y, and neither it nor what came before it is stored. r may be null: 0. Then the cpu computes y again
//              from x, which it reads anyway: the same bits as forward's.
//
// Reads and writes of an element, in brackets for r and dr: forward 3 (+ 1), with relu and add as ops of their own 5 (+ 3);
// backward 5, with relu 5 (+ 3), with relu as an op of its own 8.
//
// w and b may be null: 1 and 0. Derivation: docs/derivations/batch_norm.md.
//
// Numerics: rows are cut into pieces that depend on the sizes alone, so the same input gives the same bits at any
// number of threads. cpu: 64 rows at a time are summed as differences from the first of them, which keeps the digits
// that a large mean would cost, then joined in double. GPU: Welford's recurrence in each thread, joined in double.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "vitrine/kernels/base/device.h"

namespace vitrine::kernels {

struct BatchNormShape {
    std::int64_t rows, channels;
};

/// The statistics that inference uses, updated in training; null pointers: there are none.
template <class T>
struct BatchNormRunning {
    T *mean = nullptr, *var = nullptr;
    double momentum = 0;
};

/// What follows in the pass that writes y: nothing, or max(0, ... + r).
template <class T>
struct BatchNormRelu {
    bool on = false;
    const T* r = nullptr;
};
/// The same for backward: y as forward wrote it, or null where there was no relu; dr is filled unless null. without_r: y
/// is max(0, xhat w + b) with this b (null: 0), and need not be read.
template <class T>
struct BatchNormReluGrad {
    const T* y = nullptr;
    T* dr = nullptr;
    bool without_r = false;
    const T* b = nullptr;
};

constexpr std::int64_t batch_norm_chunk = 64;  // rows

/// Into how many pieces of whole chunks the rows are cut for sums.
inline std::int64_t batch_norm_pieces(BatchNormShape n) {
    return std::clamp<std::int64_t>((n.rows + batch_norm_chunk - 1) / batch_norm_chunk, 1, 128);
}
/// Of forward and backward alike: two doubles for each piece and channel.
inline std::size_t batch_norm_workspace_bytes(BatchNormShape n) {
    return static_cast<std::size_t>(2 * batch_norm_pieces(n) * n.channels) * sizeof(double);
}

/// Training: fills y, mean and rstd, updates running. rows > 0 (the unbiased variance needs rows > 1).
template <class T>
void batch_norm_forward(Cpu, const T* x, const T* w, const T* b, T* y, T* mean, T* rstd, BatchNormRunning<T> running,
                        double eps, BatchNormShape n, void* workspace, BatchNormRelu<T> relu = {});
/// y from given mean and rstd.
template <class T>
void batch_norm_inference(Cpu, const T* x, const T* w, const T* b, const T* mean, const T* rstd, T* y,
                          BatchNormShape n, BatchNormRelu<T> relu = {});
/// Fills dx, dw, db. No rows: dw and db are 0.
template <class T>
void batch_norm_backward(Cpu, const T* x, const T* w, const T* mean, const T* rstd, const T* dy, T* dx, T* dw, T* db,
                         bool training, BatchNormShape n, void* workspace, BatchNormReluGrad<T> relu = {});

// The same on a GPU and on the emulated one.
template <class T>
void batch_norm_forward(Cuda, const T* x, const T* w, const T* b, T* y, T* mean, T* rstd, BatchNormRunning<T> running,
                        double eps, BatchNormShape n, void* workspace, BatchNormRelu<T> relu = {});
template <class T>
void batch_norm_inference(Cuda, const T* x, const T* w, const T* b, const T* mean, const T* rstd, T* y,
                          BatchNormShape n, BatchNormRelu<T> relu = {});
template <class T>
void batch_norm_backward(Cuda, const T* x, const T* w, const T* mean, const T* rstd, const T* dy, T* dx, T* dw, T* db,
                         bool training, BatchNormShape n, void* workspace, BatchNormReluGrad<T> relu = {});

template <class T>
void batch_norm_forward(Simt, const T* x, const T* w, const T* b, T* y, T* mean, T* rstd, BatchNormRunning<T> running,
                        double eps, BatchNormShape n, void* workspace, BatchNormRelu<T> relu = {});
template <class T>
void batch_norm_inference(Simt, const T* x, const T* w, const T* b, const T* mean, const T* rstd, T* y,
                          BatchNormShape n, BatchNormRelu<T> relu = {});
template <class T>
void batch_norm_backward(Simt, const T* x, const T* w, const T* mean, const T* rstd, const T* dy, T* dx, T* dw, T* db,
                         bool training, BatchNormShape n, void* workspace, BatchNormReluGrad<T> relu = {});

}  // namespace vitrine::kernels

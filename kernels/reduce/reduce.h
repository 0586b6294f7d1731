// Reductions of x over some of its dimensions. k counts the elements of the result, r those of x that one
// element of the result is made of.
//
//   sum        y_k = sum_r x_kr / divisor          mean: divisor = the number of r
//   variance   y_k = sum_r (x_kr - mean_k)^2 / divisor,  mean_k = sum_r x_kr / the number of r: two passes
//   max        y_k = max_r x_kr                    dx_kr = dy_k [x_kr = y_k] / #{s : x_ks = y_k}
//   min        y_k = min_r x_kr                    the same: equal extremes share the gradient, as in PyTorch's amax
//   argmax     i_k = the first r with x_kr = max_s x_ks
//   logsumexp  y_k = m + log sum_r exp(x_kr - m),  m = max_r x_kr: no overflow, same value
//                                                  dx_kr = dy_k exp(x_kr - y_k)
//
// The gradient of a sum is dy / divisor, read again for every r: a view, no kernel. A NaN is the largest and
// the smallest value: max, min and argmax find it, and it gets the gradient. All -inf: logsumexp is -inf and its
// gradient NaN, as in PyTorch. Nothing to reduce: the sum is 0 / divisor, logsumexp -inf, max -inf, min inf, argmax 0.
//
// Sums of float are kept in float for at most 32 additions in a row, then in double; sums of double in
// double. A result is computed in pieces (reduce_pieces) that depend on the sizes alone and are joined in order:
// the same bits at any number of threads.
//
// cpu: contiguous r (rows) go through vector registers along r, contiguous k (columns) along k. reduce_cpu_naive.cpp has
// the formulas as plain loops.
#pragma once

#include <cstddef>
#include <cstdint>

#include "vitrine/kernels/base/device.h"
#include "vitrine/kernels/base/hd.h"
#include "vitrine/kernels/base/kernel_step.h"

namespace vitrine::kernels {

/// Some dimensions of a strided tensor, the last one runs fastest. No dimensions: one element.
struct ReduceDims {
    static constexpr int max_count = 8;
    int count = 0;
    std::int64_t size[max_count] = {}, stride[max_count] = {};

    VITRINE_HD std::int64_t elements() const {
        std::int64_t n = 1;
        for (int d = 0; d < count; ++d) n *= size[d];
        return n;
    }
    /// Where element i lies.
    VITRINE_HD std::int64_t offset(std::int64_t i) const {
        std::int64_t at = 0;
        for (int d = count - 1; d > 0; --d) {
            at += i % size[d] * stride[d];
            i /= size[d];
        }
        return count > 0 ? at + i * stride[0] : 0;
    }
};

/// x_kr lies at x[kept.offset(k) + reduced.offset(r)]; y is dense, y_k = y[k]. Neighbours that can be one
/// dimension should be: then a matrix's rows and columns have count 1 each.
struct ReduceShape {
    ReduceDims kept, reduced;
    KernelStep step = KernelStep::automatic;  ///< reduce_sum on a GPU: the kernels of this step (reduce_steps.h)
};

/// Pieces into which the r of every k are cut.
std::int64_t reduce_pieces(const ReduceShape& n);
/// Bytes of workspace that the functions below want. Forward: 0 unless there are few k and many r.
std::size_t reduce_workspace_bytes(const ReduceShape& n);
std::size_t reduce_extreme_backward_workspace_bytes(const ReduceShape& n);

template <class T>
void reduce_sum(Cpu, const T* x, T* y, double divisor, const ReduceShape& n, void* workspace);
template <class T>
void reduce_variance(Cpu, const T* x, T* mean, T* y, double divisor, const ReduceShape& n, void* workspace);
template <class T>
void reduce_max(Cpu, const T* x, T* y, const ReduceShape& n, void* workspace);
template <class T>
void reduce_min(Cpu, const T* x, T* y, const ReduceShape& n, void* workspace);
template <class T>
void reduce_logsumexp(Cpu, const T* x, T* y, const ReduceShape& n, void* workspace);
/// r counts in the order of n.reduced.
template <class T>
void reduce_argmax(Cpu, const T* x, std::int64_t* index, const ReduceShape& n, void* workspace);

/// dx lies like x, which must fill its memory: no element twice. For max and min; y is what they returned.
template <class T>
void reduce_extreme_backward(Cpu, const T* x, const T* y, const T* dy, T* dx, const ReduceShape& n, void* workspace);
template <class T>
void reduce_logsumexp_backward(Cpu, const T* x, const T* y, const T* dy, T* dx, const ReduceShape& n);

// The same on a GPU and on the emulated one.
template <class T>
void reduce_sum(Cuda, const T* x, T* y, double divisor, const ReduceShape& n, void* workspace);
template <class T>
void reduce_variance(Cuda, const T* x, T* mean, T* y, double divisor, const ReduceShape& n, void* workspace);
template <class T>
void reduce_max(Cuda, const T* x, T* y, const ReduceShape& n, void* workspace);
template <class T>
void reduce_min(Cuda, const T* x, T* y, const ReduceShape& n, void* workspace);
template <class T>
void reduce_logsumexp(Cuda, const T* x, T* y, const ReduceShape& n, void* workspace);
template <class T>
void reduce_argmax(Cuda, const T* x, std::int64_t* index, const ReduceShape& n, void* workspace);
template <class T>
void reduce_extreme_backward(Cuda, const T* x, const T* y, const T* dy, T* dx, const ReduceShape& n, void* workspace);
template <class T>
void reduce_logsumexp_backward(Cuda, const T* x, const T* y, const T* dy, T* dx, const ReduceShape& n);

template <class T>
void reduce_sum(Simt, const T* x, T* y, double divisor, const ReduceShape& n, void* workspace);
template <class T>
void reduce_variance(Simt, const T* x, T* mean, T* y, double divisor, const ReduceShape& n, void* workspace);
template <class T>
void reduce_max(Simt, const T* x, T* y, const ReduceShape& n, void* workspace);
template <class T>
void reduce_min(Simt, const T* x, T* y, const ReduceShape& n, void* workspace);
template <class T>
void reduce_logsumexp(Simt, const T* x, T* y, const ReduceShape& n, void* workspace);
template <class T>
void reduce_argmax(Simt, const T* x, std::int64_t* index, const ReduceShape& n, void* workspace);
template <class T>
void reduce_extreme_backward(Simt, const T* x, const T* y, const T* dy, T* dx, const ReduceShape& n, void* workspace);
template <class T>
void reduce_logsumexp_backward(Simt, const T* x, const T* y, const T* dy, T* dx, const ReduceShape& n);

}  // namespace vitrine::kernels

// Cross entropy of logits x, (rows, classes), contiguous, with target classes t, (rows): log-softmax and negative log
// likelihood in one.
//
//   forward    loss_i = -log softmax(x_i)_t  = s_i - (x_it - m_i),    t = t_i,   m_i = max_c x_ic,
//                                                                     s_i = log sum_c exp(x_ic - m_i)
//              loss_i = 0 where t_i is `ignored`
//   total      y = sum_i loss_i        or, the mean over the rows that count,     y = sum_i loss_i / #{i : t_i counts}
//   backward   dx_ic = g_i (exp(x_ic - m_i - s_i) - [c = t_i]),       g_i = dy_i, dy, or dy / the number that counts
//              dx_ic = 0 where t_i is ignored
//
// m and s are kept for backward, (rows, 2), and not their sum: a large m would round s away. Sums over classes and rows
// are taken in a fixed order. The mean over no rows is NaN, as in PyTorch.
#pragma once

#include <cstdint>

#include "vitrine/kernels/base/device.h"

namespace vitrine::kernels {

struct CrossEntropyShape {
    std::int64_t rows, classes;
    std::int64_t ignored;  // a target that says "leave this row out"
};

/// *bad = the first row whose target is neither a class nor ignored; -1 if there is none. The others want it to be -1.
void cross_entropy_check(Cpu, const std::int64_t* t, std::int64_t* bad, CrossEntropyShape n);
/// loss (rows), stats (rows, 2): m and s.
template <class T>
void cross_entropy_forward(Cpu, const T* x, const std::int64_t* t, T* loss, T* stats, CrossEntropyShape n);
/// One y and one scale: y = sum * scale, scale = mean ? 1 / rows that count : 1.
template <class T>
void cross_entropy_total(Cpu, const T* loss, const std::int64_t* t, T* y, T* scale, bool mean, CrossEntropyShape n);
/// scale null: dy has a value for each row. Else g = dy * scale, one value each.
template <class T>
void cross_entropy_backward(Cpu, const T* x, const std::int64_t* t, const T* stats, const T* dy, const T* scale, T* dx,
                            CrossEntropyShape n);

void cross_entropy_check(Cuda, const std::int64_t* t, std::int64_t* bad, CrossEntropyShape n);
template <class T>
void cross_entropy_forward(Cuda, const T* x, const std::int64_t* t, T* loss, T* stats, CrossEntropyShape n);
template <class T>
void cross_entropy_total(Cuda, const T* loss, const std::int64_t* t, T* y, T* scale, bool mean, CrossEntropyShape n);
template <class T>
void cross_entropy_backward(Cuda, const T* x, const std::int64_t* t, const T* stats, const T* dy, const T* scale, T* dx,
                            CrossEntropyShape n);

void cross_entropy_check(Simt, const std::int64_t* t, std::int64_t* bad, CrossEntropyShape n);
template <class T>
void cross_entropy_forward(Simt, const T* x, const std::int64_t* t, T* loss, T* stats, CrossEntropyShape n);
template <class T>
void cross_entropy_total(Simt, const T* loss, const std::int64_t* t, T* y, T* scale, bool mean, CrossEntropyShape n);
template <class T>
void cross_entropy_backward(Simt, const T* x, const std::int64_t* t, const T* stats, const T* dy, const T* scale, T* dx,
                            CrossEntropyShape n);

}  // namespace vitrine::kernels

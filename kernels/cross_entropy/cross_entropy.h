// Cross entropy of logits x, (rows, classes), contiguous, with target classes t, (rows): log-softmax and negative log
// likelihood in one. A row's target is a weight for each class,
//
//              a_ic = (1 - e) w_t [c = t] + e w_c / C,      t = t_i, e = smoothing, w = 1 without weights; A_i = sum_c a_ic
//              a_ic = 0 where t_i is `ignored`
//
//   forward    loss_i = -sum_c a_ic log softmax(x_i)_c = sum_c a_ic (s_i - (x_ic - m_i)),    m_i = max_c x_ic,
//                                                                     s_i = log sum_c exp(x_ic - m_i)
//   total      y = sum_i loss_i        or, the mean over the rows that count,     y = sum_i loss_i / sum_i w_t
//   backward   dx_ic = g_i (A_i exp(x_ic - m_i - s_i) - a_ic),       g_i = dy_i, dy, or dy / sum_i w_t
//
//   nll        loss_i = -w_t x_it of log-probabilities x, 0 where t_i is ignored;     dx_ic = -g_i w_t [c = t]
//
// m, s and A are kept for backward, (rows, 3), and not m + s: a large m would round s away. Sums over classes and rows
// are taken in a fixed order. The mean over no rows is NaN, as in PyTorch.
#pragma once

#include <cstdint>

#include "vitrine/kernels/base/device.h"

namespace vitrine::kernels {

struct CrossEntropyShape {
    std::int64_t rows, classes;
    std::int64_t ignored;  // a target that says "leave this row out"
    double smoothing = 0;  // e, from 0 to 1
};

/// *bad = the first row whose target is neither a class nor ignored; -1 if there is none. The others want it to be -1.
void cross_entropy_check(Cpu, const std::int64_t* t, std::int64_t* bad, CrossEntropyShape n);
/// loss (rows), stats (rows, 3): m, s and A. w (classes), or null: all 1.
template <class T>
void cross_entropy_forward(Cpu, const T* x, const std::int64_t* t, const T* w, T* loss, T* stats, CrossEntropyShape n);
/// One y and one scale: y = sum * scale, scale = mean ? 1 / sum of the weights of the rows that count : 1.
template <class T>
void cross_entropy_total(Cpu, const T* loss, const std::int64_t* t, const T* w, T* y, T* scale, bool mean, CrossEntropyShape n);
/// scale null: dy has a value for each row. Else g = dy * scale, one value each.
template <class T>
void cross_entropy_backward(Cpu, const T* x, const std::int64_t* t, const T* w, const T* stats, const T* dy, const T* scale, T* dx,
                            CrossEntropyShape n);
template <class T>
void nll_forward(Cpu, const T* x, const std::int64_t* t, const T* w, T* loss, CrossEntropyShape n);
template <class T>
void nll_backward(Cpu, const std::int64_t* t, const T* w, const T* dy, const T* scale, T* dx, CrossEntropyShape n);

void cross_entropy_check(Cuda, const std::int64_t* t, std::int64_t* bad, CrossEntropyShape n);
template <class T>
void cross_entropy_forward(Cuda, const T* x, const std::int64_t* t, const T* w, T* loss, T* stats, CrossEntropyShape n);
template <class T>
void cross_entropy_total(Cuda, const T* loss, const std::int64_t* t, const T* w, T* y, T* scale, bool mean, CrossEntropyShape n);
template <class T>
void cross_entropy_backward(Cuda, const T* x, const std::int64_t* t, const T* w, const T* stats, const T* dy, const T* scale, T* dx,
                            CrossEntropyShape n);
template <class T>
void nll_forward(Cuda, const T* x, const std::int64_t* t, const T* w, T* loss, CrossEntropyShape n);
template <class T>
void nll_backward(Cuda, const std::int64_t* t, const T* w, const T* dy, const T* scale, T* dx, CrossEntropyShape n);

void cross_entropy_check(Simt, const std::int64_t* t, std::int64_t* bad, CrossEntropyShape n);
template <class T>
void cross_entropy_forward(Simt, const T* x, const std::int64_t* t, const T* w, T* loss, T* stats, CrossEntropyShape n);
template <class T>
void cross_entropy_total(Simt, const T* loss, const std::int64_t* t, const T* w, T* y, T* scale, bool mean, CrossEntropyShape n);
template <class T>
void cross_entropy_backward(Simt, const T* x, const std::int64_t* t, const T* w, const T* stats, const T* dy, const T* scale, T* dx,
                            CrossEntropyShape n);
template <class T>
void nll_forward(Simt, const T* x, const std::int64_t* t, const T* w, T* loss, CrossEntropyShape n);
template <class T>
void nll_backward(Simt, const std::int64_t* t, const T* w, const T* dy, const T* scale, T* dx, CrossEntropyShape n);

}  // namespace vitrine::kernels

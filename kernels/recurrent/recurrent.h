// One time step of the recurrent layers rnn, gru and lstm: all that lies between the two products of
// a step. B rows (sequences), H units.
//
//   a = x_t W_ih^T + b_ih     one product for the whole sequence, made before the first step
//   r = h' W_hh^T + b_hh      one product a step; h' is the state before the step, h the one after it
//
//   rnn     h = f(a + r)                              f = tanh or relu
//
//   gru     r  = s(a_r + r_r)      z = s(a_z + r_z)   s(v) = 1 / (1 + e^-v); gates in the order r z n
//           n  = tanh(a_n + r r_n)
//           h  = (1 - z) n + z h'
//
//   lstm    i = s(a_i + r_i)       f = s(a_f + r_f)   gates in the order i f g o
//           g = tanh(a_g + r_g)    o = s(a_o + r_o)
//           c = f c' + i g         h = o tanh c
//
// Row b of a, r and of their gradients holds the gates one after the other: gate q of unit j is at
// (b * gates + q) * H + j. The steps of gru and lstm overwrite a with the gates' values, which is
// what their backward steps read.
//
// Backward walks the steps from last to first. dh is the gradient of h that came from later steps, dy
// the one of this step's output; each backward step gives da and dr, the gradients before f, s and
// tanh, and dh' = dr W_hh is one product again. Weight gradients are products over all steps at once:
// dW_ih = da^T x, dW_hh = dr^T h'. See recurrent_cells.h for the formulas, element by element.
//
// Buffers do not overlap. (LSTM: Hochreiter and Schmidhuber, 1997, with the forget gate of Gers et
// al., 2000; GRU: Cho et al., 2014, with the reset gate behind the product, as cuDNN has it.)
#pragma once

#include <cstdint>

#include "vitrine/kernels/base/device.h"
#include "vitrine/kernels/unary/activations.h"

namespace vitrine::kernels {

/// Rows (sequences side by side) and units of a step.
struct RecurrentSize {
    std::int64_t B, H;
};

/// h from a and r. F is Tanh or Relu.
template <class F, class T>
void rnn_step(Cpu, F f, const T* a, const T* r, T* h, RecurrentSize n);
/// da (which is dr too) from h, dy and dh.
template <class F, class T>
void rnn_step_backward(Cpu, F f, const T* h, const T* dy, const T* dh, T* da, RecurrentSize n);

/// h, and r_n for backward, from r, h_prev and a, which becomes the gates r z n.
template <class T>
void gru_step(Cpu, const T* r, const T* h_prev, T* gates, T* r_n, T* h, RecurrentSize n);
/// da and dr from dy and dh + direct. `direct` comes in as what a later step left there and goes out as the part of
/// dh' that does not pass W_hh: (dy + dh + direct) z.
template <class T>
void gru_step_backward(Cpu, const T* gates, const T* r_n, const T* h_prev, const T* dy, const T* dh, T* direct, T* da,
                       T* dr, RecurrentSize n);

/// c and h from r, c_prev and a, which becomes the gates i f g o.
template <class T>
void lstm_step(Cpu, const T* r, const T* c_prev, T* gates, T* c, T* h, RecurrentSize n);
/// da (which is dr too) from dy, dh and dc; dc comes in as the gradient of c from later steps and goes out as that of
/// c'.
template <class T>
void lstm_step_backward(Cpu, const T* gates, const T* c_prev, const T* c, const T* dy, const T* dh, T* dc, T* da,
                        RecurrentSize n);

template <class F, class T>
void rnn_step(Cuda, F f, const T* a, const T* r, T* h, RecurrentSize n);
template <class F, class T>
void rnn_step_backward(Cuda, F f, const T* h, const T* dy, const T* dh, T* da, RecurrentSize n);
template <class T>
void gru_step(Cuda, const T* r, const T* h_prev, T* gates, T* r_n, T* h, RecurrentSize n);
template <class T>
void gru_step_backward(Cuda, const T* gates, const T* r_n, const T* h_prev, const T* dy, const T* dh, T* direct, T* da,
                       T* dr, RecurrentSize n);
template <class T>
void lstm_step(Cuda, const T* r, const T* c_prev, T* gates, T* c, T* h, RecurrentSize n);
template <class T>
void lstm_step_backward(Cuda, const T* gates, const T* c_prev, const T* c, const T* dy, const T* dh, T* dc, T* da,
                        RecurrentSize n);

template <class F, class T>
void rnn_step(Simt, F f, const T* a, const T* r, T* h, RecurrentSize n);
template <class F, class T>
void rnn_step_backward(Simt, F f, const T* h, const T* dy, const T* dh, T* da, RecurrentSize n);
template <class T>
void gru_step(Simt, const T* r, const T* h_prev, T* gates, T* r_n, T* h, RecurrentSize n);
template <class T>
void gru_step_backward(Simt, const T* gates, const T* r_n, const T* h_prev, const T* dy, const T* dh, T* direct, T* da,
                       T* dr, RecurrentSize n);
template <class T>
void lstm_step(Simt, const T* r, const T* c_prev, T* gates, T* c, T* h, RecurrentSize n);
template <class T>
void lstm_step_backward(Simt, const T* gates, const T* c_prev, const T* c, const T* dy, const T* dh, T* dc, T* da,
                        RecurrentSize n);

}  // namespace vitrine::kernels

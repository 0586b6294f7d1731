// Recurrent layers over whole sequences, one direction each. Sequences are time-major: x (T, B, I) holds T steps of B
// sequences of I inputs. A layer of H units records one node, however long the sequence.
#pragma once

#include "vitrine/core/operand.h"

namespace vitrine {

/// A layer's weights, in PyTorch's shapes: w_ih (gates H, I), w_hh (gates H, H), biases (gates H) or both undefined.
/// Gates lie one behind the other: rnn has one, gru r z n, lstm i f g o.
struct RecurrentWeights {
    Tensor w_ih, w_hh;
    Tensor b_ih = {}, b_hh = {};
};

struct RecurrentOptions {
    bool reverse = false;  ///< walk from the last step to the first
};

enum class RnnNonlinearity { tanh, relu };

struct RnnOptions {
    RnnNonlinearity nonlinearity = RnnNonlinearity::tanh;
    bool reverse = false;
};

/// h of every step, y (T, B, H), in the order of x; and the state behind the last step walked, h (B, H).
struct RnnResult {
    Tensor y, h;
};
/// The same, with lstm's second state c (B, H).
struct LstmResult {
    Tensor y, h, c;
};

/// h_t = f(W_ih x_t + b_ih + W_hh h_(t-1) + b_hh), f = tanh or relu. h0 (B, H) is the state before the first step,
/// undefined: zeros. x and all others share dtype (f32 or f64) and device. Throws Error for sizes that do not fit, and
/// for a sequence without steps. (Elman, Cognitive Science 1990.)
RnnResult rnn(Operand x, const Tensor& h0, const RecurrentWeights& w, RnnOptions options = {});

/// Gated recurrent unit, s(v) = 1 / (1 + e^-v):
///     r = s(W_ir x + b_ir + W_hr h' + b_hr)       z = s(W_iz x + b_iz + W_hz h' + b_hz)
///     n = tanh(W_in x + b_in + r (W_hn h' + b_hn))
///     h = (1 - z) n + z h'
/// Arguments and errors as rnn's. (Cho et al., EMNLP 2014; r behind the product, as cuDNN and PyTorch have it.)
RnnResult gru(Operand x, const Tensor& h0, const RecurrentWeights& w, RecurrentOptions options = {});

/// Long short-term memory, v_q = W_iq x + b_iq + W_hq h' + b_hq for q = i f g o:
///     i = s(v_i)   f = s(v_f)   g = tanh(v_g)   o = s(v_o)
///     c = f c' + i g            h = o tanh(c)
/// h0 and c0 (B, H), undefined: zeros. Otherwise as rnn. (Hochreiter and Schmidhuber, Neural Computation 1997.)
LstmResult lstm(Operand x, const Tensor& h0, const Tensor& c0, const RecurrentWeights& w,
                RecurrentOptions options = {});

/// The same of places that name rows of a table p (V, H), for a layer that reads an embedding E: a row is multiplied
/// once, however many places name it.
///
///     W_ih x + b_ih of step t, sequence b   is   p[ids[t, b]],   p = E W_ih^T + b_ih = linear(E, w_ih, b_ih)
///
/// ids (T, B), i64 or i32, 0 to V-1. w.w_ih and w.b_ih are undefined, w.b_hh may be there or not. The gradient of a row
/// of p is the sum over the places that named it, in their order. Throws Error for an id out of range, too.
RnnResult rnn(Operand p, const Tensor& ids, const Tensor& h0, const RecurrentWeights& w, RnnOptions options = {});
/// gru of rows of p (V, 3 H); otherwise as that rnn.
RnnResult gru(Operand p, const Tensor& ids, const Tensor& h0, const RecurrentWeights& w, RecurrentOptions options = {});
/// lstm of rows of p (V, 4 H); otherwise as that rnn.
LstmResult lstm(Operand p, const Tensor& ids, const Tensor& h0, const Tensor& c0, const RecurrentWeights& w,
                RecurrentOptions options = {});

}  // namespace vitrine

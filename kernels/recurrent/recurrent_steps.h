// All steps of a recurrent layer in one call, on the CPU. The formulas are those of recurrent.h, whose functions make one
// step and leave the product between two steps to the caller: what a GPU does, and the naive CPU.
//
//   forward    r = h' W_hh^T + b_hh, then the cell       for s = 0 ... T - 1
//   backward   the cell's gradients da, dr, then dh' = dr W_hh     for s = T - 1 ... 0
//
// Threads share the sequences (rows), which know nothing of each other: a thread walks through all steps of its rows and
// waits for nobody. Where there are too few rows for that they share the units, too; then h, or da, of a step is complete
// when all have done their units, and they wait for each other once a step.
//
//               units
//            0 ...     H         Forward, a thread goes from block to block of units. It multiplies the
//          +-----+-----+         columns of W_hh^T of the block's gates and then applies the cell to r, which is still in
//    rows  |  0  |  1  |         the second-level cache: r is never a tensor.
//          +-----+-----+
//          |  2  |  3  |         Each sum is one thread's, in an order that knows nothing of the threads: the same bits
//          +-----+-----+         at any number of them.
#pragma once

#include "recurrent.h"

namespace vitrine::kernels {

/// T steps. Where step s is in memory: `s * direction` steps behind step 0.
struct RecurrentSteps {
    std::int64_t T, B, H;
    std::int64_t gates;
    std::int64_t direction = 1;  ///< -1: the sequence is walked from its end
    int parts = 1;               ///< threads, at most
    bool bf16_factors = false;   ///< the factors of the products are rounded to bf16 (matmul_bf16.h); f32 alone

    /// Elements from step 0 to step s, in states (B, H) or in a, da and dr (B, gates H).
    std::int64_t states(std::int64_t s) const { return s * direction * B * H; }
    std::int64_t products(std::int64_t s) const { return s * direction * B * gates * H; }
};

/// Whether these functions are faster than step by step: not for one step, for few units, or for so many that a gate ends
/// soon after a vector began; nor is the naive kernel. In bf16 not for so few rows that threads would share the units.
bool recurrent_steps_pay(const RecurrentSteps& n);
/// Threads worth using.
int recurrent_steps_parts(const RecurrentSteps& n);
/// Elements of `workspace`, forward and backward.
std::int64_t recurrent_steps_workspace(const RecurrentSteps& n);

// Below, w is W_hh^T, (H, gates H), forward, and W_hh, (gates H, H), backward: row-major, as are all others. h and c point
// to the state before step 0; step s reads slot s and writes slot s + 1, or s - 1 with direction -1. a, dy, ... point to
// step 0. bias is (gates H) or null. dh comes in as the gradient of h behind the last step and goes out as that of h before
// step 0 where `before_first`; else it goes out as anything.

/// h from a.
template <class F, class T>
void rnn_steps(Cpu, F f, const T* w, const T* bias, const T* a, T* h, const RecurrentSteps& n, T* workspace);
template <class F, class T>
void rnn_steps_backward(Cpu, F f, const T* w, const T* h, const T* dy, T* dh, T* da, const RecurrentSteps& n, bool before_first,
                        T* workspace);

/// h, and r_n (T, B, H), from a, which becomes the gates r z n.
template <class T>
void gru_steps(Cpu, const T* w, const T* bias, T* gates, T* r_n, T* h, const RecurrentSteps& n, T* workspace);
/// `direct` (B, H) is 0 at first; dh + direct is the gradient of h before step 0.
template <class T>
void gru_steps_backward(Cpu, const T* w, const T* gates, const T* r_n, const T* h, const T* dy, T* dh, T* direct, T* da, T* dr,
                        const RecurrentSteps& n, bool before_first, T* workspace);

/// c and h from a, which becomes the gates i f g o.
template <class T>
void lstm_steps(Cpu, const T* w, const T* bias, T* gates, T* c, T* h, const RecurrentSteps& n, T* workspace);
/// dc (B, H): from that of c behind the last step to that of c before step 0.
template <class T>
void lstm_steps_backward(Cpu, const T* w, const T* gates, const T* c, const T* dy, T* dh, T* dc, T* da, const RecurrentSteps& n,
                         bool before_first, T* workspace);

}  // namespace vitrine::kernels

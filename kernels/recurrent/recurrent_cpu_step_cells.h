// What a thread of recurrent_cpu_steps.cpp does between two products: the cell of some units of row b at step s.
// Pointers are those of recurrent_steps.h.
#pragma once

#include "recurrent_cpu_rows.h"
#include "recurrent_steps.h"

namespace vitrine::kernels {

template <class F, class T>
struct RnnSteps {
    F f;
    const T* a;
    T* h;

    void step(const RecurrentSteps& n, std::int64_t s, std::int64_t b, Range units, const T* r, std::int64_t) const {
        const std::int64_t at = b * n.H + units.begin;
        rnn_step_range(f, a + n.products(s) + at, r, h + n.states(s + 1) + at, {0, units.end - units.begin});
    }
};

template <class F, class T>
struct RnnStepsBackward {
    F f;
    const T *h, *dy;
    T* dr;

    void step(const RecurrentSteps& n, std::int64_t s, std::int64_t b, Range units, const T* dh) const {
        const std::int64_t at = b * n.H + n.states(s);
        rnn_step_backward_range(f, h + n.states(1) + at, dy + at, dh, dr + at, units);
    }
};

template <class T>
struct GruSteps {
    T *gates, *r_n, *h;

    void step(const RecurrentSteps& n, std::int64_t s, std::int64_t b, Range units, const T* r,
              std::int64_t r_gate) const {
        const std::int64_t at = n.states(s) + b * n.H + units.begin;
        gru_step_row(r, r_gate, h + at, gates + n.products(s) + b * 3 * n.H + units.begin, n.H, r_n + at,
                     h + at + n.states(1), units.end - units.begin);
    }
};

template <class T>
struct GruStepsBackward {
    const T *gates, *r_n, *h, *dy;
    T *direct, *da, *dr;

    void step(const RecurrentSteps& n, std::int64_t s, std::int64_t b, Range units, const T* dh) const {
        const std::int64_t unit = b * n.H + units.begin, at = n.states(s) + unit;
        const std::int64_t gate = n.products(s) + b * 3 * n.H + units.begin;
        gru_step_backward_row(gates + gate, r_n + at, h + at, dy + at, dh + units.begin, direct + unit, da + gate,
                              dr + gate, n.H, units.end - units.begin);
    }
};

template <class T>
struct LstmSteps {
    T *gates, *c, *h;

    void step(const RecurrentSteps& n, std::int64_t s, std::int64_t b, Range units, const T* r,
              std::int64_t r_gate) const {
        const std::int64_t at = n.states(s) + b * n.H + units.begin, next = at + n.states(1);
        lstm_step_row(r, r_gate, c + at, gates + n.products(s) + b * 4 * n.H + units.begin, n.H, c + next, h + next,
                      units.end - units.begin);
    }
};

template <class T>
struct LstmStepsBackward {
    const T *gates, *c, *dy;
    T *dc, *dr;

    void step(const RecurrentSteps& n, std::int64_t s, std::int64_t b, Range units, const T* dh) const {
        const std::int64_t unit = b * n.H + units.begin, at = n.states(s) + unit;
        const std::int64_t gate = n.products(s) + b * 4 * n.H + units.begin;
        lstm_step_backward_row(gates + gate, c + at, c + at + n.states(1), dy + at, dh + units.begin, dc + unit,
                               dr + gate, n.H, units.end - units.begin);
    }
};

}  // namespace vitrine::kernels

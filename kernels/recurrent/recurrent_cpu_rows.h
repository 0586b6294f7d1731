// The cells of recurrent_cells.h for units of one row side by side, on the CPU: `count` of them from the pointers on. H
// is the distance of gates in a, and r_gate that in r.
#pragma once

#include <cstdint>

#include "recurrent_cells.h"
#include "vitrine/kernels/base/parallel.h"

namespace vitrine::kernels {

template <class F, class T>
void rnn_step_range(F f, const T* __restrict__ a, const T* __restrict__ r, T* __restrict__ h, Range range) {
    for (std::int64_t i = range.begin; i < range.end; ++i) h[i] = f.f(a[i] + r[i]);
}

template <class F, class T>
void rnn_step_backward_range(F f, const T* __restrict__ h, const T* __restrict__ dy, const T* __restrict__ dh,
                             T* __restrict__ da, Range range) {
    for (std::int64_t i = range.begin; i < range.end; ++i) da[i] = (dy[i] + dh[i]) * f.df(h[i]);
}

template <class T>
void gru_step_row(const T* __restrict__ r, std::int64_t r_gate, const T* __restrict__ h_prev, T* __restrict__ gates,
                  std::int64_t H, T* __restrict__ r_n, T* __restrict__ h, std::int64_t count) {
    for (std::int64_t j = 0; j < count; ++j) {
        const GruCell<T> y =
            gru_cell(gates[j], gates[H + j], gates[2 * H + j], r[j], r[r_gate + j], r[2 * r_gate + j], h_prev[j]);
        gates[j] = y.r, gates[H + j] = y.z, gates[2 * H + j] = y.n;
        r_n[j] = r[2 * r_gate + j];
        h[j] = y.h;
    }
}

template <class T>
void gru_step_backward_row(const T* __restrict__ gates, const T* __restrict__ r_n, const T* __restrict__ h_prev,
                           const T* __restrict__ dy, const T* __restrict__ dh, T* __restrict__ direct,
                           T* __restrict__ da, T* __restrict__ dr, std::int64_t H, std::int64_t count) {
    for (std::int64_t j = 0; j < count; ++j) {
        const GruGradients<T> d =
            gru_cell_backward(gates[j], gates[H + j], gates[2 * H + j], r_n[j], h_prev[j], dy[j] + dh[j] + direct[j]);
        da[j] = d.da_r, da[H + j] = d.da_z, da[2 * H + j] = d.da_n;
        dr[j] = d.da_r, dr[H + j] = d.da_z, dr[2 * H + j] = d.dr_n;
        direct[j] = d.direct;
    }
}

template <class T>
void lstm_step_row(const T* __restrict__ r, std::int64_t r_gate, const T* __restrict__ c_prev, T* __restrict__ gates,
                   std::int64_t H, T* __restrict__ c, T* __restrict__ h, std::int64_t count) {
    T* __restrict__ i = gates;
    for (std::int64_t j = 0; j < count; ++j) {
        const LstmCell<T> y = lstm_cell(i[j] + r[j], i[H + j] + r[r_gate + j], i[2 * H + j] + r[2 * r_gate + j],
                                        i[3 * H + j] + r[3 * r_gate + j], c_prev[j]);
        i[j] = y.i, i[H + j] = y.f, i[2 * H + j] = y.g, i[3 * H + j] = y.o;
        c[j] = y.c;
        h[j] = y.h;
    }
}

template <class T>
void lstm_step_backward_row(const T* __restrict__ gates, const T* __restrict__ c_prev, const T* __restrict__ c,
                            const T* __restrict__ dy, const T* __restrict__ dh, T* __restrict__ dc, T* __restrict__ da,
                            std::int64_t H, std::int64_t count) {
    for (std::int64_t j = 0; j < count; ++j) {
        const LstmGradients<T> d = lstm_cell_backward(gates[j], gates[H + j], gates[2 * H + j], gates[3 * H + j],
                                                      c_prev[j], c[j], dy[j] + dh[j], dc[j]);
        da[j] = d.da_i, da[H + j] = d.da_f, da[2 * H + j] = d.da_g, da[3 * H + j] = d.da_o;
        dc[j] = d.dc;
    }
}

}  // namespace vitrine::kernels

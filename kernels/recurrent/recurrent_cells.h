// The cells of recurrent.h for one unit of one row, forward and backward: used by every device.
#pragma once

#include "vitrine/kernels/base/math.h"

namespace vitrine::kernels {

// ---- gru: r, z, n are the gates' values, r_n the product's part of n before the reset gate

template <class T>
struct GruCell {
    T r, z, n, h;
};

/// a_q and r_q before the gates, h' before the step.
template <class T>
VITRINE_INLINE GruCell<T> gru_cell(T a_r, T a_z, T a_n, T r_r, T r_z, T r_n, T h_prev) {
    const T r = math::sigmoid(a_r + r_r);
    const T z = math::sigmoid(a_z + r_z);
    const T n = math::tanh(a_n + r * r_n);
    return {r, z, n, (T(1) - z) * n + z * h_prev};
}

template <class T>
struct GruGradients {
    T da_r, da_z, da_n;  // dr_r = da_r, dr_z = da_z
    T dr_n;
    T direct;  // of h', past the gates
};

/// dh is the whole gradient of h.
template <class T>
VITRINE_INLINE GruGradients<T> gru_cell_backward(T r, T z, T n, T r_n, T h_prev, T dh) {
    const T da_n = dh * (T(1) - z) * (T(1) - n * n);
    const T da_z = dh * (h_prev - n) * z * (T(1) - z);
    const T da_r = da_n * r_n * r * (T(1) - r);
    return {da_r, da_z, da_n, da_n * r, dh * z};
}

// ---- lstm: i, f, g, o are the gates' values

template <class T>
struct LstmCell {
    T i, f, g, o, c, h;
};

/// v_q = a_q + r_q before the gates, c' before the step.
template <class T>
VITRINE_INLINE LstmCell<T> lstm_cell(T v_i, T v_f, T v_g, T v_o, T c_prev) {
    const T i = math::sigmoid(v_i);
    const T f = math::sigmoid(v_f);
    const T g = math::tanh(v_g);
    const T o = math::sigmoid(v_o);
    const T c = f * c_prev + i * g;
    return {i, f, g, o, c, o * math::tanh(c)};
}

template <class T>
struct LstmGradients {
    T da_i, da_f, da_g, da_o;
    T dc;  // of c'
};

/// dh is the whole gradient of h, dc that of c from later steps.
template <class T>
VITRINE_INLINE LstmGradients<T> lstm_cell_backward(T i, T f, T g, T o, T c_prev, T c, T dh, T dc) {
    const T tanh_c = math::tanh(c);
    dc += dh * o * (T(1) - tanh_c * tanh_c);
    return {dc * g * i * (T(1) - i), dc * c_prev * f * (T(1) - f), dc * i * (T(1) - g * g),
            dh * tanh_c * o * (T(1) - o), dc * f};
}

}  // namespace vitrine::kernels

// grid    B H / 256 blocks         block   256 threads, a unit of a row each
//
//   a, r:   row b   [ gate 0: unit 0 1 ... H-1 | gate 1: unit 0 1 ... H-1 | ... ]
//                             t0 t1 ...                 t0 t1 ...
//
//           A thread reads its unit's gates, H apart; neighbours read neighbours: coalesced.
#include "recurrent.h"
#include "recurrent_cells.h"
#include "vitrine/kernels/base/gpu.h"

namespace vitrine::kernels {
inline namespace VITRINE_GPU_NAMESPACE {

constexpr int recurrent_threads = 256;

inline __device__ std::int64_t recurrent_unit() {
    return static_cast<std::int64_t>(blockIdx.x) * recurrent_threads + threadIdx.x;
}

// Where gate 0 of unit k is; gate q is q * H further.
inline __device__ std::int64_t first_gate(std::int64_t k, std::int64_t H, int gates) {
    return k / H * gates * H + k % H;
}

template <class F, class T>
__global__ void rnn_step_kernel(F f, const T* a, const T* r, T* h, RecurrentSize n) {
    const std::int64_t k = recurrent_unit();
    if (k < n.B * n.H) h[k] = f.f(a[k] + r[k]);
}

template <class F, class T>
__global__ void rnn_step_backward_kernel(F f, const T* h, const T* dy, const T* dh, T* da, RecurrentSize n) {
    const std::int64_t k = recurrent_unit();
    if (k < n.B * n.H) da[k] = (dy[k] + dh[k]) * f.df(h[k]);
}

template <class T>
__global__ void gru_step_kernel(const T* r, const T* h_prev, T* gates, T* r_n, T* h, RecurrentSize n) {
    const std::int64_t k = recurrent_unit(), H = n.H;
    if (k >= n.B * H) return;
    const std::int64_t g = first_gate(k, H, 3);
    const GruCell<T> y = gru_cell(gates[g], gates[g + H], gates[g + 2 * H], r[g], r[g + H], r[g + 2 * H], h_prev[k]);
    gates[g] = y.r, gates[g + H] = y.z, gates[g + 2 * H] = y.n;
    r_n[k] = r[g + 2 * H];
    h[k] = y.h;
}

template <class T>
__global__ void gru_step_backward_kernel(const T* gates, const T* r_n, const T* h_prev, const T* dy, const T* dh,
                                         T* direct, T* da, T* dr, RecurrentSize n) {
    const std::int64_t k = recurrent_unit(), H = n.H;
    if (k >= n.B * H) return;
    const std::int64_t g = first_gate(k, H, 3);
    const GruGradients<T> d =
        gru_cell_backward(gates[g], gates[g + H], gates[g + 2 * H], r_n[k], h_prev[k], dy[k] + dh[k] + direct[k]);
    da[g] = d.da_r, da[g + H] = d.da_z, da[g + 2 * H] = d.da_n;
    dr[g] = d.da_r, dr[g + H] = d.da_z, dr[g + 2 * H] = d.dr_n;
    direct[k] = d.direct;
}

template <class T>
__global__ void lstm_step_kernel(const T* r, const T* c_prev, T* gates, T* c, T* h, RecurrentSize n) {
    const std::int64_t k = recurrent_unit(), H = n.H;
    if (k >= n.B * H) return;
    const std::int64_t g = first_gate(k, H, 4);
    const LstmCell<T> y = lstm_cell(gates[g] + r[g], gates[g + H] + r[g + H], gates[g + 2 * H] + r[g + 2 * H],
                                    gates[g + 3 * H] + r[g + 3 * H], c_prev[k]);
    gates[g] = y.i, gates[g + H] = y.f, gates[g + 2 * H] = y.g, gates[g + 3 * H] = y.o;
    c[k] = y.c;
    h[k] = y.h;
}

template <class T>
__global__ void lstm_step_backward_kernel(const T* gates, const T* c_prev, const T* c, const T* dy, const T* dh, T* dc,
                                          T* da, RecurrentSize n) {
    const std::int64_t k = recurrent_unit(), H = n.H;
    if (k >= n.B * H) return;
    const std::int64_t g = first_gate(k, H, 4);
    const LstmGradients<T> d = lstm_cell_backward(gates[g], gates[g + H], gates[g + 2 * H], gates[g + 3 * H], c_prev[k],
                                                  c[k], dy[k] + dh[k], dc[k]);
    da[g] = d.da_i, da[g + H] = d.da_f, da[g + 2 * H] = d.da_g, da[g + 3 * H] = d.da_o;
    dc[k] = d.dc;
}

inline Launch recurrent_launch(RecurrentSize n) { return {grid_for(n.B * n.H, recurrent_threads), recurrent_threads}; }

}  // namespace VITRINE_GPU_NAMESPACE

template <class F, class T>
void rnn_step(Gpu on, F f, const T* a, const T* r, T* h, RecurrentSize n) {
    launch<rnn_step_kernel<F, T>>(on, recurrent_launch(n), f, a, r, h, n);
}

template <class F, class T>
void rnn_step_backward(Gpu on, F f, const T* h, const T* dy, const T* dh, T* da, RecurrentSize n) {
    launch<rnn_step_backward_kernel<F, T>>(on, recurrent_launch(n), f, h, dy, dh, da, n);
}

template <class T>
void gru_step(Gpu on, const T* r, const T* h_prev, T* gates, T* r_n, T* h, RecurrentSize n) {
    launch<gru_step_kernel<T>>(on, recurrent_launch(n), r, h_prev, gates, r_n, h, n);
}

template <class T>
void gru_step_backward(Gpu on, const T* gates, const T* r_n, const T* h_prev, const T* dy, const T* dh, T* direct,
                       T* da, T* dr, RecurrentSize n) {
    launch<gru_step_backward_kernel<T>>(on, recurrent_launch(n), gates, r_n, h_prev, dy, dh, direct, da, dr, n);
}

template <class T>
void lstm_step(Gpu on, const T* r, const T* c_prev, T* gates, T* c, T* h, RecurrentSize n) {
    launch<lstm_step_kernel<T>>(on, recurrent_launch(n), r, c_prev, gates, c, h, n);
}

template <class T>
void lstm_step_backward(Gpu on, const T* gates, const T* c_prev, const T* c, const T* dy, const T* dh, T* dc, T* da,
                        RecurrentSize n) {
    launch<lstm_step_backward_kernel<T>>(on, recurrent_launch(n), gates, c_prev, c, dy, dh, dc, da, n);
}

template void rnn_step(Gpu, Tanh, const float*, const float*, float*, RecurrentSize);
template void rnn_step(Gpu, Relu, const float*, const float*, float*, RecurrentSize);
template void rnn_step(Gpu, Tanh, const double*, const double*, double*, RecurrentSize);
template void rnn_step(Gpu, Relu, const double*, const double*, double*, RecurrentSize);
template void rnn_step_backward(Gpu, Tanh, const float*, const float*, const float*, float*, RecurrentSize);
template void rnn_step_backward(Gpu, Relu, const float*, const float*, const float*, float*, RecurrentSize);
template void rnn_step_backward(Gpu, Tanh, const double*, const double*, const double*, double*, RecurrentSize);
template void rnn_step_backward(Gpu, Relu, const double*, const double*, const double*, double*, RecurrentSize);
template void gru_step(Gpu, const float*, const float*, float*, float*, float*, RecurrentSize);
template void gru_step(Gpu, const double*, const double*, double*, double*, double*, RecurrentSize);
template void gru_step_backward(Gpu, const float*, const float*, const float*, const float*, const float*, float*,
                                float*, float*, RecurrentSize);
template void gru_step_backward(Gpu, const double*, const double*, const double*, const double*, const double*, double*,
                                double*, double*, RecurrentSize);
template void lstm_step(Gpu, const float*, const float*, float*, float*, float*, RecurrentSize);
template void lstm_step(Gpu, const double*, const double*, double*, double*, double*, RecurrentSize);
template void lstm_step_backward(Gpu, const float*, const float*, const float*, const float*, const float*, float*,
                                 float*, RecurrentSize);
template void lstm_step_backward(Gpu, const double*, const double*, const double*, const double*, const double*,
                                 double*, double*, RecurrentSize);

}  // namespace vitrine::kernels

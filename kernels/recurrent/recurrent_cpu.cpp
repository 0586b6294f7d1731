#include "recurrent.h"
#include "recurrent_cpu_rows.h"

namespace vitrine::kernels {
namespace {

// Operations of parallel.h for a unit.
constexpr double gru_cost = 16, lstm_cost = 24, backward_cost = 10;

template <class T>
void gru_step_rows(const T* r, const T* h_prev, T* gates, T* r_n, T* h, std::int64_t H, Range rows) {
    for (std::int64_t b = rows.begin; b < rows.end; ++b)
        gru_step_row(r + b * 3 * H, H, h_prev + b * H, gates + b * 3 * H, H, r_n + b * H, h + b * H, H);
}

template <class T>
void gru_step_backward_rows(const T* gates, const T* r_n, const T* h_prev, const T* dy, const T* dh, T* direct, T* da,
                            T* dr, std::int64_t H, Range rows) {
    for (std::int64_t b = rows.begin; b < rows.end; ++b) {
        const std::int64_t at = b * H;
        gru_step_backward_row(gates + 3 * at, r_n + at, h_prev + at, dy + at, dh + at, direct + at, da + 3 * at,
                              dr + 3 * at, H, H);
    }
}

template <class T>
void lstm_step_rows(const T* r, const T* c_prev, T* gates, T* c, T* h, std::int64_t H, Range rows) {
    for (std::int64_t b = rows.begin; b < rows.end; ++b)
        lstm_step_row(r + b * 4 * H, H, c_prev + b * H, gates + b * 4 * H, H, c + b * H, h + b * H, H);
}

template <class T>
void lstm_step_backward_rows(const T* gates, const T* c_prev, const T* c, const T* dy, const T* dh, T* dc, T* da,
                             std::int64_t H, Range rows) {
    for (std::int64_t b = rows.begin; b < rows.end; ++b) {
        const std::int64_t at = b * H;
        lstm_step_backward_row(gates + 4 * at, c_prev + at, c + at, dy + at, dh + at, dc + at, da + 4 * at, H, H);
    }
}

}  // namespace

template <class F, class T>
void rnn_step(Cpu, F f, const T* a, const T* r, T* h, RecurrentSize n) {
    const int parts = parts_for(n.B * n.H, F::cost);
    if (parts == 1) return rnn_step_range(f, a, r, h, {0, n.B * n.H});
#pragma omp parallel for num_threads(parts)
    for (int p = 0; p < parts; ++p) rnn_step_range(f, a, r, h, share(n.B * n.H, p, parts));
}

template <class F, class T>
void rnn_step_backward(Cpu, F f, const T* h, const T* dy, const T* dh, T* da, RecurrentSize n) {
    const int parts = parts_for(n.B * n.H, 2);
    if (parts == 1) return rnn_step_backward_range(f, h, dy, dh, da, {0, n.B * n.H});
#pragma omp parallel for num_threads(parts)
    for (int p = 0; p < parts; ++p) rnn_step_backward_range(f, h, dy, dh, da, share(n.B * n.H, p, parts));
}

template <class T>
void gru_step(Cpu, const T* r, const T* h_prev, T* gates, T* r_n, T* h, RecurrentSize n) {
    const int parts = parts_for(n.B, gru_cost * static_cast<double>(n.H));
    if (parts == 1) return gru_step_rows(r, h_prev, gates, r_n, h, n.H, {0, n.B});
#pragma omp parallel for num_threads(parts)
    for (int p = 0; p < parts; ++p) gru_step_rows(r, h_prev, gates, r_n, h, n.H, share(n.B, p, parts));
}

template <class T>
void gru_step_backward(Cpu, const T* gates, const T* r_n, const T* h_prev, const T* dy, const T* dh, T* direct, T* da,
                       T* dr, RecurrentSize n) {
    const int parts = parts_for(n.B, backward_cost * static_cast<double>(n.H));
    if (parts == 1) return gru_step_backward_rows(gates, r_n, h_prev, dy, dh, direct, da, dr, n.H, {0, n.B});
#pragma omp parallel for num_threads(parts)
    for (int p = 0; p < parts; ++p)
        gru_step_backward_rows(gates, r_n, h_prev, dy, dh, direct, da, dr, n.H, share(n.B, p, parts));
}

template <class T>
void lstm_step(Cpu, const T* r, const T* c_prev, T* gates, T* c, T* h, RecurrentSize n) {
    const int parts = parts_for(n.B, lstm_cost * static_cast<double>(n.H));
    if (parts == 1) return lstm_step_rows(r, c_prev, gates, c, h, n.H, {0, n.B});
#pragma omp parallel for num_threads(parts)
    for (int p = 0; p < parts; ++p) lstm_step_rows(r, c_prev, gates, c, h, n.H, share(n.B, p, parts));
}

template <class T>
void lstm_step_backward(Cpu, const T* gates, const T* c_prev, const T* c, const T* dy, const T* dh, T* dc, T* da,
                        RecurrentSize n) {
    const int parts = parts_for(n.B, backward_cost * static_cast<double>(n.H));
    if (parts == 1) return lstm_step_backward_rows(gates, c_prev, c, dy, dh, dc, da, n.H, {0, n.B});
#pragma omp parallel for num_threads(parts)
    for (int p = 0; p < parts; ++p)
        lstm_step_backward_rows(gates, c_prev, c, dy, dh, dc, da, n.H, share(n.B, p, parts));
}

template void rnn_step(Cpu, Tanh, const float*, const float*, float*, RecurrentSize);
template void rnn_step(Cpu, Relu, const float*, const float*, float*, RecurrentSize);
template void rnn_step(Cpu, Tanh, const double*, const double*, double*, RecurrentSize);
template void rnn_step(Cpu, Relu, const double*, const double*, double*, RecurrentSize);
template void rnn_step_backward(Cpu, Tanh, const float*, const float*, const float*, float*, RecurrentSize);
template void rnn_step_backward(Cpu, Relu, const float*, const float*, const float*, float*, RecurrentSize);
template void rnn_step_backward(Cpu, Tanh, const double*, const double*, const double*, double*, RecurrentSize);
template void rnn_step_backward(Cpu, Relu, const double*, const double*, const double*, double*, RecurrentSize);
template void gru_step(Cpu, const float*, const float*, float*, float*, float*, RecurrentSize);
template void gru_step(Cpu, const double*, const double*, double*, double*, double*, RecurrentSize);
template void gru_step_backward(Cpu, const float*, const float*, const float*, const float*, const float*, float*,
                                float*, float*, RecurrentSize);
template void gru_step_backward(Cpu, const double*, const double*, const double*, const double*, const double*, double*,
                                double*, double*, RecurrentSize);
template void lstm_step(Cpu, const float*, const float*, float*, float*, float*, RecurrentSize);
template void lstm_step(Cpu, const double*, const double*, double*, double*, double*, RecurrentSize);
template void lstm_step_backward(Cpu, const float*, const float*, const float*, const float*, const float*, float*,
                                 float*, RecurrentSize);
template void lstm_step_backward(Cpu, const double*, const double*, const double*, const double*, const double*,
                                 double*, double*, RecurrentSize);

}  // namespace vitrine::kernels

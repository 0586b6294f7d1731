// The formulas of conv.h as they stand. Each element of a result is made by one thread, in the order of the loops.
#include "conv_cpu.h"

#include "vitrine/kernels/base/parallel.h"

namespace vitrine::kernels {
namespace {

// y_o += sum_c x_c w_co for one pixel of x and one element (u, v) of the kernel, each group for itself.
template <class T>
void add_forward(const T* x, const T* w, T* y, const ConvShape& s) {
    const std::int64_t Cg = s.Cg(), Og = s.Og();
    for (std::int64_t g = 0; g < s.G; ++g) {
        for (std::int64_t c = 0; c < Cg; ++c) {
            const T xc = x[g * Cg + c];
            const T* const wc = w + c * s.O + g * Og;
            T* const yg = y + g * Og;
            for (std::int64_t o = 0; o < Og; ++o) yg[o] += xc * wc[o];
        }
    }
}

// dx_c += sum_o dy_o w_co, likewise.
template <class T>
void add_backward_data(const T* dy, const T* w, T* dx, const ConvShape& s) {
    const std::int64_t Cg = s.Cg(), Og = s.Og();
    for (std::int64_t g = 0; g < s.G; ++g) {
        for (std::int64_t c = 0; c < Cg; ++c) {
            const T *const dyg = dy + g * Og, *const wc = w + c * s.O + g * Og;
            T sum = 0;
            for (std::int64_t o = 0; o < Og; ++o) sum += dyg[o] * wc[o];
            dx[g * Cg + c] += sum;
        }
    }
}

// dw_co += x_c dy_o for one c of every group.
template <class T>
void add_backward_weight(const T* x, const T* dy, T* dw, const ConvShape& s) {
    const std::int64_t Cg = s.Cg(), Og = s.Og();
    for (std::int64_t g = 0; g < s.G; ++g) {
        const T xc = x[g * Cg];
        for (std::int64_t o = g * Og; o < (g + 1) * Og; ++o) dw[o] += xc * dy[o];
    }
}

}  // namespace

template <class T>
void conv_forward_pixels(const T* x, const T* w, const T* bias, T* y, const ConvShape& s, Range pixels) {
    for (std::int64_t i = pixels.begin; i < pixels.end; ++i) {
        const std::int64_t n = i / (s.P * s.Q), p = i / s.Q % s.P, q = i % s.Q;
        T* const yi = y + i * s.O;
        for (std::int64_t o = 0; o < s.O; ++o) yi[o] = bias ? bias[o] : T(0);
        for (std::int64_t u = 0; u < s.U; ++u) {
            const std::int64_t h = s.h(p, u);
            if (h < 0 || h >= s.H) continue;
            for (std::int64_t v = 0; v < s.V; ++v) {
                const std::int64_t wx = s.w(q, v);
                if (wx < 0 || wx >= s.W) continue;
                add_forward(x + ((n * s.H + h) * s.W + wx) * s.C, w + (u * s.V + v) * s.Cg() * s.O, yi, s);
            }
        }
    }
}

template <class T>
void conv_backward_data_pixels(const T* dy, const T* w, const T* bias, T* dx, const ConvShape& s, Range pixels) {
    for (std::int64_t i = pixels.begin; i < pixels.end; ++i) {
        const std::int64_t n = i / (s.H * s.W), h = i / s.W % s.H, wx = i % s.W;
        T* const dxi = dx + i * s.C;
        for (std::int64_t c = 0; c < s.C; ++c) dxi[c] = bias ? bias[c] : T(0);
        for (std::int64_t u = 0; u < s.U; ++u) {
            const std::int64_t p = s.p(h, u);
            if (p < 0) continue;
            for (std::int64_t v = 0; v < s.V; ++v) {
                const std::int64_t q = s.q(wx, v);
                if (q < 0) continue;
                add_backward_data(dy + ((n * s.P + p) * s.Q + q) * s.O, w + (u * s.V + v) * s.Cg() * s.O, dxi, s);
            }
        }
    }
}

// A row of dw in memory: element (u, v) of the kernel, channel c of each group, all o.
template <class T>
void conv_backward_weight_rows(const T* x, const T* dy, T* dw, const ConvShape& s, Range rows) {
    for (std::int64_t j = rows.begin; j < rows.end; ++j) {
        const std::int64_t u = j / (s.V * s.Cg()), v = j / s.Cg() % s.V, c = j % s.Cg();
        T* const dwj = dw + j * s.O;
        for (std::int64_t o = 0; o < s.O; ++o) dwj[o] = 0;
        for (std::int64_t i = 0; i < s.N * s.P * s.Q; ++i) {
            const std::int64_t n = i / (s.P * s.Q), h = s.h(i / s.Q % s.P, u), wx = s.w(i % s.Q, v);
            if (h < 0 || h >= s.H || wx < 0 || wx >= s.W) continue;
            add_backward_weight(x + ((n * s.H + h) * s.W + wx) * s.C + c, dy + i * s.O, dwj, s);
        }
    }
}

// Operations of parallel.h for a pixel of y.
static double cost_of_pixel(const ConvShape& s) { return 0.5 * double(s.U * s.V) * double(s.Cg() * s.O); }

template <class T>
void conv_forward_direct(const T* x, const T* w, const T* bias, T* y, const ConvShape& s) {
    const std::int64_t pixels = s.N * s.P * s.Q;
    const int parts = parts_for(pixels, cost_of_pixel(s));
    if (parts == 1) return conv_forward_pixels(x, w, bias, y, s, {0, pixels});
#pragma omp parallel for num_threads(parts)
    for (int i = 0; i < parts; ++i) conv_forward_pixels(x, w, bias, y, s, share(pixels, i, parts));
}

template <class T>
void conv_backward_data_direct(const T* dy, const T* w, const T* bias, T* dx, const ConvShape& s) {
    const std::int64_t pixels = s.N * s.H * s.W;
    const int parts = parts_for(pixels, cost_of_pixel(s));
    if (parts == 1) return conv_backward_data_pixels(dy, w, bias, dx, s, {0, pixels});
#pragma omp parallel for num_threads(parts)
    for (int i = 0; i < parts; ++i) conv_backward_data_pixels(dy, w, bias, dx, s, share(pixels, i, parts));
}

template <class T>
void conv_backward_weight_direct(const T* x, const T* dy, T* dw, const ConvShape& s) {
    const std::int64_t rows = s.U * s.V * s.Cg();
    const int parts = parts_for(rows, 0.5 * double(s.N * s.P * s.Q) * double(s.O));
    if (parts == 1) return conv_backward_weight_rows(x, dy, dw, s, {0, rows});
#pragma omp parallel for num_threads(parts)
    for (int i = 0; i < parts; ++i) conv_backward_weight_rows(x, dy, dw, s, share(rows, i, parts));
}

template void conv_forward_pixels(const float*, const float*, const float*, float*, const ConvShape&, Range);
template void conv_forward_pixels(const double*, const double*, const double*, double*, const ConvShape&, Range);
template void conv_backward_data_pixels(const float*, const float*, const float*, float*, const ConvShape&, Range);
template void conv_backward_data_pixels(const double*, const double*, const double*, double*, const ConvShape&, Range);
template void conv_backward_weight_rows(const float*, const float*, float*, const ConvShape&, Range);
template void conv_backward_weight_rows(const double*, const double*, double*, const ConvShape&, Range);
template void conv_forward_direct(const float*, const float*, const float*, float*, const ConvShape&);
template void conv_forward_direct(const double*, const double*, const double*, double*, const ConvShape&);
template void conv_backward_data_direct(const float*, const float*, const float*, float*, const ConvShape&);
template void conv_backward_data_direct(const double*, const double*, const double*, double*, const ConvShape&);
template void conv_backward_weight_direct(const float*, const float*, float*, const ConvShape&);
template void conv_backward_weight_direct(const double*, const double*, double*, const ConvShape&);

}  // namespace vitrine::kernels

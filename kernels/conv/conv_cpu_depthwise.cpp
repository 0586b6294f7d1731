// Depthwise convolutions: as many groups as channels of x and of y. Nothing is summed over channels, so they are the
// lanes of the vectors, and every element (u, v) of the kernel is one multiplication of rows of channels.
#include <algorithm>

#include "conv_cpu.h"
#include "vitrine/kernels/base/parallel.h"

namespace vitrine::kernels {
namespace {

template <class T>
void add_product(const T* a, const T* b, T* c, std::int64_t n) {
    for (std::int64_t i = 0; i < n; ++i) c[i] += a[i] * b[i];
}

template <class T>
void fill_with_bias(const T* bias, T* y, std::int64_t n) {
    for (std::int64_t i = 0; i < n; ++i) y[i] = bias ? bias[i] : T(0);
}

template <class T>
void forward_pixels(const T* x, const T* w, const T* bias, T* y, const ConvShape& s, Range pixels) {
    for (std::int64_t i = pixels.begin; i < pixels.end; ++i) {
        const std::int64_t n = i / (s.P * s.Q), p = i / s.Q % s.P, q = i % s.Q;
        T* const yi = y + i * s.C;
        fill_with_bias(bias, yi, s.C);
        for (std::int64_t u = 0; u < s.U; ++u) {
            const std::int64_t h = s.h(p, u);
            if (h < 0 || h >= s.H) continue;
            for (std::int64_t v = 0; v < s.V; ++v) {
                const std::int64_t wx = s.w(q, v);
                if (wx < 0 || wx >= s.W) continue;
                add_product(x + ((n * s.H + h) * s.W + wx) * s.C, w + (u * s.V + v) * s.C, yi, s.C);
            }
        }
    }
}

template <class T>
void backward_data_pixels(const T* dy, const T* w, const T* bias, T* dx, const ConvShape& s, Range pixels) {
    for (std::int64_t i = pixels.begin; i < pixels.end; ++i) {
        const std::int64_t n = i / (s.H * s.W), h = i / s.W % s.H, wx = i % s.W;
        T* const dxi = dx + i * s.C;
        fill_with_bias(bias, dxi, s.C);
        for (std::int64_t u = 0; u < s.U; ++u) {
            const std::int64_t p = s.p(h, u);
            if (p < 0) continue;
            for (std::int64_t v = 0; v < s.V; ++v) {
                const std::int64_t q = s.q(wx, v);
                if (q < 0) continue;
                add_product(dy + ((n * s.P + p) * s.Q + q) * s.C, w + (u * s.V + v) * s.C, dxi, s.C);
            }
        }
    }
}

// Rows (n, p) of dy are cut into this many chunks, each with a dw of its own: from the shape alone.
std::int64_t chunks_of(const ConvShape& s) { return std::min<std::int64_t>(32, s.N * s.P); }

template <class T>
void backward_weight_chunks(const T* x, const T* dy, T* sums, const ConvShape& s, Range chunks) {
    const std::int64_t taps = s.U * s.V, rows = s.N * s.P;
    for (std::int64_t chunk = chunks.begin; chunk < chunks.end; ++chunk) {
        T* const dw = sums + chunk * taps * s.C;
        for (std::int64_t i = 0; i < taps * s.C; ++i) dw[i] = 0;
        for (std::int64_t i = rows * chunk / chunks_of(s); i < rows * (chunk + 1) / chunks_of(s); ++i) {
            for (std::int64_t u = 0; u < s.U; ++u) {
                const std::int64_t h = s.h(i % s.P, u);
                if (h < 0 || h >= s.H) continue;
                const T* const row = x + (i / s.P * s.H + h) * s.W * s.C;
                for (std::int64_t q = 0; q < s.Q; ++q) {
                    for (std::int64_t v = 0; v < s.V; ++v) {
                        const std::int64_t wx = s.w(q, v);
                        if (wx < 0 || wx >= s.W) continue;
                        add_product(row + wx * s.C, dy + (i * s.Q + q) * s.C, dw + (u * s.V + v) * s.C, s.C);
                    }
                }
            }
        }
    }
}

template <class T>
void add_chunks(const T* sums, T* dw, const ConvShape& s) {
    const std::int64_t elements = s.U * s.V * s.C;
    for (std::int64_t i = 0; i < elements; ++i) dw[i] = 0;
    for (std::int64_t chunk = 0; chunk < chunks_of(s); ++chunk)
        for (std::int64_t i = 0; i < elements; ++i) dw[i] += sums[chunk * elements + i];
}

// Operations of parallel.h for a pixel: vectors of some 8 products.
double cost_of_pixel(const ConvShape& s) { return 0.5 * double(s.U * s.V) * double(s.C) + 4; }

}  // namespace

template <class T>
void conv_forward_depthwise(const T* x, const T* w, const T* bias, T* y, const ConvShape& s) {
    const std::int64_t pixels = s.N * s.P * s.Q;
    const int parts = parts_for(pixels, cost_of_pixel(s));
    if (parts == 1) return forward_pixels(x, w, bias, y, s, {0, pixels});
#pragma omp parallel for num_threads(parts)
    for (int i = 0; i < parts; ++i) forward_pixels(x, w, bias, y, s, share(pixels, i, parts));
}

template <class T>
void conv_backward_data_depthwise(const T* dy, const T* w, const T* bias, T* dx, const ConvShape& s) {
    const std::int64_t pixels = s.N * s.H * s.W;
    const int parts = parts_for(pixels, cost_of_pixel(s));
    if (parts == 1) return backward_data_pixels(dy, w, bias, dx, s, {0, pixels});
#pragma omp parallel for num_threads(parts)
    for (int i = 0; i < parts; ++i) backward_data_pixels(dy, w, bias, dx, s, share(pixels, i, parts));
}

template <class T>
std::size_t conv_backward_weight_depthwise_bytes(const ConvShape& s) {
    return static_cast<std::size_t>(chunks_of(s) * s.U * s.V * s.C) * sizeof(T);
}

template <class T>
void conv_backward_weight_depthwise(const T* x, const T* dy, T* dw, const ConvShape& s, ConvWorkspace ws) {
    T* const sums = static_cast<T*>(ws.data);
    const std::int64_t chunks = chunks_of(s);
    const int parts = parts_for(chunks, double(s.N * s.P * s.Q) / double(std::max<std::int64_t>(1, chunks)) * cost_of_pixel(s));
    if (parts <= 1) {
        backward_weight_chunks(x, dy, sums, s, {0, chunks});
    } else {
#pragma omp parallel for num_threads(parts)
        for (int i = 0; i < parts; ++i) backward_weight_chunks(x, dy, sums, s, share(chunks, i, parts));
    }
    add_chunks(sums, dw, s);
}

template void conv_forward_depthwise(const float*, const float*, const float*, float*, const ConvShape&);
template void conv_forward_depthwise(const double*, const double*, const double*, double*, const ConvShape&);
template void conv_backward_data_depthwise(const float*, const float*, const float*, float*, const ConvShape&);
template void conv_backward_data_depthwise(const double*, const double*, const double*, double*, const ConvShape&);
template std::size_t conv_backward_weight_depthwise_bytes<float>(const ConvShape&);
template std::size_t conv_backward_weight_depthwise_bytes<double>(const ConvShape&);
template void conv_backward_weight_depthwise(const float*, const float*, float*, const ConvShape&, ConvWorkspace);
template void conv_backward_weight_depthwise(const double*, const double*, double*, const ConvShape&, ConvWorkspace);

}  // namespace vitrine::kernels

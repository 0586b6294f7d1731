// Depthwise convolutions: as many groups as channels of x and of y. Nothing is summed over channels, so they are the
// lanes of the vectors: 4 vectors of 64 bytes at a time are summed over the kernel in registers, then single ones, then
// single channels.
#include <algorithm>
#include <cstring>

#include "conv_cpu.h"
#include "conv_cpu_gather.h"
#include "vitrine/kernels/base/parallel.h"

namespace vitrine::kernels {
namespace {

template <class T>
struct Wide {
    typedef T Vector __attribute__((vector_size(64)));
    static constexpr std::int64_t width = 64 / sizeof(T);
};

// Calls f.template operator()<V, count>(c) for the channels c, c + 1, ...: `count` neighbouring V's.
template <class T, class F>
void for_channels(std::int64_t C, F f) {
    using Vector = typename Wide<T>::Vector;
    constexpr std::int64_t width = Wide<T>::width;
    std::int64_t c = 0;
    for (; c + 4 * width <= C; c += 4 * width) f.template operator()<Vector, 4>(c);
    for (; c + width <= C; c += width) f.template operator()<Vector, 1>(c);
    for (; c < C; ++c) f.template operator()<T, 1>(c);
}

// The m-th V from p on, which is aligned for a T alone. (A vector type that says so would lose it as a template
// argument.)
template <class V, class T>
void load(V& v, const T* p, int m) {
    std::memcpy(&v, p + static_cast<std::size_t>(m) * (sizeof(V) / sizeof(T)), sizeof(V));
}
template <class V, class T>
void store(T* p, int m, const V& v) {
    std::memcpy(p + static_cast<std::size_t>(m) * (sizeof(V) / sizeof(T)), &v, sizeof(V));
}

// out = bias + sum over taps of in w, for `count` V's of channels.
template <class V, int count, class T>
void gather_channels(const T* in, const T* w, const T* bias, T* out, const ConvGather& g, ConvAxis::Taps us,
                     ConvAxis::Taps vs) {
    V sum[count];
#pragma GCC unroll 4
    for (int m = 0; m < count; ++m) {
        sum[m] = V{};
        if (bias) load(sum[m], bias, m);
    }
    for (std::int64_t u = us.begin; u < us.end; ++u) {
        const T* const row = in + u * g.rows.tap_step * g.columns.source * g.C;
        for (std::int64_t v = vs.begin; v < vs.end; ++v) {
            const T *const xs = row + v * g.columns.tap_step * g.C, *const ws = w + g.element(u, v) * g.C;
#pragma GCC unroll 4
            for (int m = 0; m < count; ++m) {
                V xv, wv;
                load(xv, xs, m), load(wv, ws, m);
                sum[m] += xv * wv;
            }
        }
    }
#pragma GCC unroll 4
    for (int m = 0; m < count; ++m) store(out, m, sum[m]);
}

// Rows (n, i) of the result.
template <class T>
void gather_rows(const T* in, const T* w, const T* bias, T* out, const ConvGather& g, Range rows) {
    for (std::int64_t row = rows.begin; row < rows.end; ++row) {
        const std::int64_t n = row / g.rows.results, i = row % g.rows.results;
        const T* const in_row = in + (n * g.rows.source + g.rows.at(i, 0)) * g.columns.source * g.C;
        const ConvAxis::Taps us = g.rows.taps_inside(i);
        for (std::int64_t j = 0; j < g.columns.results; ++j) {
            const T* const from = in_row + g.columns.at(j, 0) * g.C;
            T* const to = out + n * g.out_image + g.out_first + i * g.out_row + j * g.out_column;
            const ConvAxis::Taps vs = g.columns.taps_inside(j);
            for_channels<T>(g.C, [&]<class V, int count>(std::int64_t c) {
                gather_channels<V, count>(from + c, w + c, bias ? bias + c : nullptr, to + c, g, us, vs);
            });
        }
    }
}

template <class T>
void gather(const T* in, const T* w, const T* bias, T* out, const ConvGather& g) {
    const std::int64_t rows = g.N * g.rows.results;
    const int parts = parts_for(rows, 0.25 * double(g.columns.results) * double(g.taps() + 1) * double(g.C));
    if (parts == 1) return gather_rows(in, w, bias, out, g, {0, rows});
#pragma omp parallel for num_threads(parts)
    for (int p = 0; p < parts; ++p) gather_rows(in, w, bias, out, g, share(rows, p, parts));
}

// dw += sum over a row of pixels of x dy, for `count` V's of channels.
template <class V, int count, class T>
void add_pixels(const T* x, std::int64_t x_step, const T* dy, std::int64_t dy_step, std::int64_t pixels, T* dw) {
    V sum[count];
#pragma GCC unroll 4
    for (int m = 0; m < count; ++m) load(sum[m], dw, m);
    for (std::int64_t q = 0; q < pixels; ++q, x += x_step, dy += dy_step) {
#pragma GCC unroll 4
        for (int m = 0; m < count; ++m) {
            V xv, dyv;
            load(xv, x, m), load(dyv, dy, m);
            sum[m] += xv * dyv;
        }
    }
#pragma GCC unroll 4
    for (int m = 0; m < count; ++m) store(dw, m, sum[m]);
}

// Rows (n, p) of dy are cut into this many chunks, each with a dw of its own: from the shape alone.
std::int64_t chunks_of(const ConvShape& s) { return std::min<std::int64_t>(32, s.N * s.P); }

// Row i = (n, p) of dy with row h of x and row u of the kernel.
template <class T>
void add_row(const T* x, const T* dy, T* dw, const ConvShape& s, std::int64_t i, std::int64_t h, std::int64_t u) {
    const ConvAxis columns{s.Q, s.W, s.stride_w, s.V, -s.pad_w, s.dilation_w};
    for (std::int64_t v = 0; v < s.V; ++v) {
        std::int64_t begin = 0, end = s.Q;
        while (begin < end && !columns.inside(begin, v)) ++begin;
        while (end > begin && !columns.inside(end - 1, v)) --end;
        const T* const xv = x + ((i / s.P * s.H + h) * s.W + columns.at(begin, v)) * s.C;
        const T* const dyv = dy + (i * s.Q + begin) * s.C;
        T* const dwv = dw + (u * s.V + v) * s.C;
        for_channels<T>(s.C, [&]<class V, int count>(std::int64_t c) {
            add_pixels<V, count>(xv + c, s.stride_w * s.C, dyv + c, s.C, end - begin, dwv + c);
        });
    }
}

template <class T>
void backward_weight_chunks(const T* x, const T* dy, T* sums, const ConvShape& s, Range chunks) {
    const std::int64_t taps = s.U * s.V, rows = s.N * s.P;
    for (std::int64_t chunk = chunks.begin; chunk < chunks.end; ++chunk) {
        T* const dw = sums + chunk * taps * s.C;
        for (std::int64_t i = 0; i < taps * s.C; ++i) dw[i] = 0;
        for (std::int64_t i = rows * chunk / chunks_of(s); i < rows * (chunk + 1) / chunks_of(s); ++i) {
            for (std::int64_t u = 0; u < s.U; ++u) {
                const std::int64_t h = s.h(i % s.P, u);
                if (h >= 0 && h < s.H) add_row(x, dy, dw, s, i, h, u);
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

}  // namespace

template <class T>
void conv_forward_depthwise(const T* x, const T* w, const T* bias, T* y, const ConvShape& s) {
    gather(x, w, bias, y, conv_gather_forward(s));
}

template <class T>
void conv_backward_data_depthwise(const T* dy, const T* w, const T* bias, T* dx, const ConvShape& s) {
    for (std::int64_t rest_h = 0; rest_h < std::min(s.stride_h, s.H); ++rest_h)
        for (std::int64_t rest_w = 0; rest_w < std::min(s.stride_w, s.W); ++rest_w)
            gather(dy, w, bias, dx, conv_gather_backward_data(s, rest_h, rest_w));
}

template <class T>
std::size_t conv_backward_weight_depthwise_bytes(const ConvShape& s) {
    return static_cast<std::size_t>(chunks_of(s) * s.U * s.V * s.C) * sizeof(T);
}

template <class T>
void conv_backward_weight_depthwise(const T* x, const T* dy, T* dw, const ConvShape& s, ConvWorkspace ws) {
    T* const sums = static_cast<T*>(ws.data);
    const std::int64_t chunks = chunks_of(s);
    const double products = double(s.N * s.P * s.Q) * double(s.U * s.V * s.C);
    const int parts = parts_for(chunks, 0.25 * products / double(std::max<std::int64_t>(1, chunks)));
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

// A kernel of one element with a stride as a plain product over the pixels that it meets. They are put row beside row
// first, or spread out afterwards:
//
//     xs (pixels of y, C)     xs_npq = x at (n, p stride_h, q stride_w)
//     y = xs w + bias         dx = dy w^T + bias at those pixels, and bias elsewhere
//
// That is a read and a write of the pixels met, a quarter of x with stride 2, for long rows without gaps.
#include <algorithm>

#include "conv_cpu.h"
#include "conv_cpu_space.h"
#include "vitrine/kernels/matmul/matmul.h"

namespace vitrine::kernels {
namespace {

std::int64_t pixels(const ConvShape& s) { return s.N * s.P * s.Q; }

MatmulShape product_forward(const ConvShape& s) {
    return {.M = pixels(s), .N = s.O, .K = s.C, .a_row = s.C, .a_col = 1, .b_row = s.O, .b_col = 1};
}
MatmulShape product_backward_data(const ConvShape& s) {
    return {.M = pixels(s), .N = s.C, .K = s.O, .a_row = s.O, .a_col = 1, .b_row = 1, .b_col = s.O};
}

template <class T>
std::size_t rows_bytes(const ConvShape& s) {
    return whole_lines(pixels(s) * s.C, sizeof(T));
}
MatmulWorkspace behind(ConvWorkspace ws, std::size_t bytes) {
    return {static_cast<char*>(ws.data) + bytes, ws.bytes - bytes};
}

constexpr double elements_a_step = 4;  // copied in the time of one elementary operation

// Rows [range.begin, range.end) of all images of y.
template <class T>
void gather_rows(const T* x, T* xs, const ConvShape& s, Range range) {
    for (std::int64_t r = range.begin; r < range.end; ++r) {
        const T* from = x + (r / s.P * s.H + r % s.P * s.stride_h) * s.W * s.C;
        T* to = xs + r * s.Q * s.C;
        for (std::int64_t q = 0; q < s.Q; ++q, from += s.stride_w * s.C, to += s.C) std::copy(from, from + s.C, to);
    }
}

// Rows [range.begin, range.end) of all images of dx.
template <class T>
void spread_rows(const T* xs, const T* bias, T* dx, const ConvShape& s, Range range) {
    for (std::int64_t r = range.begin; r < range.end; ++r) {
        const std::int64_t n = r / s.H, h = r % s.H, p = h / s.stride_h;
        const T* const from = h % s.stride_h == 0 && p < s.P ? xs + (n * s.P + p) * s.Q * s.C : nullptr;
        T* to = dx + r * s.W * s.C;
        for (std::int64_t w = 0; w < s.W; ++w, to += s.C) {
            const std::int64_t q = w / s.stride_w;
            if (from && w % s.stride_w == 0 && q < s.Q)
                std::copy(from + q * s.C, from + (q + 1) * s.C, to);
            else if (bias)
                std::copy(bias, bias + s.C, to);
            else
                std::fill(to, to + s.C, T(0));
        }
    }
}

// xs, at the beginning of the workspace.
template <class T>
const T* gathered(const T* x, const ConvShape& s, ConvWorkspace ws) {
    T* const xs = static_cast<T*>(ws.data);
    const std::int64_t rows = s.N * s.P;
    const int parts = parts_for(rows, double(s.Q * s.C) / elements_a_step);
    if (parts == 1) {
        gather_rows(x, xs, s, {0, rows});
        return xs;
    }
#pragma omp parallel for num_threads(parts)
    for (int i = 0; i < parts; ++i) gather_rows(x, xs, s, share(rows, i, parts));
    return xs;
}

}  // namespace

template <class T>
std::size_t conv_forward_strided_bytes(const ConvShape& s) {
    return rows_bytes<T>(s) + matmul_workspace_bytes<T>(Cpu{}, product_forward(s));
}
template <class T>
std::size_t conv_backward_data_strided_bytes(const ConvShape& s) {
    return rows_bytes<T>(s) + matmul_workspace_bytes<T>(Cpu{}, product_backward_data(s));
}
template <class T>
void conv_forward_strided(const T* x, const T* w, const T* bias, T* y, const ConvShape& s, ConvWorkspace ws) {
    const T* const xs = gathered(x, s, ws);
    matmul<T>(Cpu{}, xs, w, y, product_forward(s), behind(ws, rows_bytes<T>(s)), {.bias = bias});
}

template <class T>
void conv_backward_data_strided(const T* dy, const T* w, const T* bias, T* dx, const ConvShape& s, ConvWorkspace ws) {
    T* const xs = static_cast<T*>(ws.data);
    matmul<T>(Cpu{}, dy, w, xs, product_backward_data(s), behind(ws, rows_bytes<T>(s)), {.bias = bias});
    const std::int64_t rows = s.N * s.H;
    const int parts = parts_for(rows, double(s.W * s.C) / elements_a_step);
    if (parts == 1) return spread_rows(xs, bias, dx, s, {0, rows});
#pragma omp parallel for num_threads(parts)
    for (int i = 0; i < parts; ++i) spread_rows(xs, bias, dx, s, share(rows, i, parts));
}

template std::size_t conv_forward_strided_bytes<float>(const ConvShape&);
template std::size_t conv_forward_strided_bytes<double>(const ConvShape&);
template std::size_t conv_backward_data_strided_bytes<float>(const ConvShape&);
template std::size_t conv_backward_data_strided_bytes<double>(const ConvShape&);
template void conv_forward_strided(const float*, const float*, const float*, float*, const ConvShape&, ConvWorkspace);
template void conv_forward_strided(const double*, const double*, const double*, double*, const ConvShape&,
                                   ConvWorkspace);
template void conv_backward_data_strided(const float*, const float*, const float*, float*, const ConvShape&,
                                         ConvWorkspace);
template void conv_backward_data_strided(const double*, const double*, const double*, double*, const ConvShape&,
                                         ConvWorkspace);

}  // namespace vitrine::kernels

// The transforms of conv_cpu_winograd.h in vectors of channels. As in conv_cpu_tiles.h each instruction set includes
// this file with vectors of its own, all in an anonymous namespace, and nothing of the standard library is called.
//
// A transform of a square is one of its columns and then one of the rows; each line of six numbers, or four, or three,
// is a few additions and products by the constants of the matrices. Fewest operations, so the sums are shared: lines 1
// and 2 of B^T are (d4 - 4 d2) +- (d3 - 4 d1), lines 3 and 4 are (d4 - d2) +- 2 (d3 - d1).
#pragma once

#include "conv_cpu_winograd.h"
#include "vitrine/kernels/matmul/matmul_cpu_pack.h"

namespace vitrine::kernels {
namespace {

template <class Lanes>
using Vector = typename Lanes::Vector;

// ---- lines: out = matrix in

template <class Lanes>
inline void line_by_Bt(const Vector<Lanes>* d, Vector<Lanes>* v) {
    using T = Element<Lanes>;
    const Vector<Lanes> even = d[4] - T(4) * d[2], odd = d[3] - T(4) * d[1], near = d[4] - d[2], far = d[3] - d[1];
    v[0] = T(4) * d[0] + (d[4] - T(5) * d[2]);
    v[1] = even + odd;
    v[2] = even - odd;
    v[3] = near + T(2) * far;
    v[4] = near - T(2) * far;
    v[5] = T(4) * d[1] + (d[5] - T(5) * d[3]);
}

template <class Lanes>
inline void line_by_At(const Vector<Lanes>* m, Vector<Lanes>* y) {
    using T = Element<Lanes>;
    const Vector<Lanes> sum1 = m[1] + m[2], difference1 = m[1] - m[2], sum2 = m[3] + m[4], difference2 = m[3] - m[4];
    y[0] = (m[0] + sum1) + sum2;
    y[1] = difference1 + T(2) * difference2;
    y[2] = sum1 + T(4) * sum2;
    y[3] = (difference1 + m[5]) + T(8) * difference2;
}

template <class Lanes>
inline void line_by_A(const Vector<Lanes>* y, Vector<Lanes>* z) {
    using T = Element<Lanes>;
    const Vector<Lanes> even1 = y[0] + y[2], odd1 = y[1] + y[3];
    const Vector<Lanes> even2 = y[0] + T(4) * y[2], odd2 = y[1] + T(4) * y[3];
    z[0] = y[0];
    z[1] = even1 + odd1;
    z[2] = even1 - odd1;
    z[3] = even2 + T(2) * odd2;
    z[4] = even2 - T(2) * odd2;
    z[5] = y[3];
}

template <class Lanes>
inline void line_by_G(const Vector<Lanes>* g, Vector<Lanes>* u) {
    using T = Element<Lanes>;
    const Vector<Lanes> ends = T(-1. / 6) * (g[0] + g[2]), middle = T(1. / 6) * g[1];
    const Vector<Lanes> far = T(1. / 24) * g[0] + T(1. / 6) * g[2], half = T(1. / 12) * g[1];
    u[0] = T(0.25) * g[0];
    u[1] = ends - middle;
    u[2] = ends + middle;
    u[3] = far + half;
    u[4] = far - half;
    u[5] = g[2];
}

template <class Lanes>
inline void line_by_Gt(const Vector<Lanes>* u, Vector<Lanes>* g) {
    using T = Element<Lanes>;
    const Vector<Lanes> sum1 = u[1] + u[2], sum2 = u[3] + u[4];
    g[0] = (T(0.25) * u[0] - T(1. / 6) * sum1) + T(1. / 24) * sum2;
    g[1] = T(1. / 6) * (u[2] - u[1]) + T(1. / 12) * (u[3] - u[4]);
    g[2] = (u[5] - T(1. / 6) * sum1) + T(1. / 6) * sum2;
}

// ---- lines for stride 2: F(4, 2) of every second pixel and the first and last tap, the others as they are

template <class Lanes>
inline void pairs_by_Bt(const Vector<Lanes>& d0, const Vector<Lanes>& d1, const Vector<Lanes>& d2,
                        const Vector<Lanes>& d3, const Vector<Lanes>& d4, Vector<Lanes>* v) {
    using T = Element<Lanes>;
    const Vector<Lanes> far = d3 - d1;
    v[0] = T(2) * (d0 - d2) + far;
    v[1] = far - (d2 + d1);
    v[2] = far - T(3) * (d2 - d1);
    v[3] = far;
    v[4] = (d4 - d2) - T(2) * far;
}

template <class Lanes>
inline void pairs_by_At(const Vector<Lanes>* m, Vector<Lanes>* y) {
    using T = Element<Lanes>;
    const Vector<Lanes> sum = m[1] + m[2], difference = m[1] - m[2];
    y[0] = (m[0] + sum) + m[3];
    y[1] = difference + T(2) * m[3];
    y[2] = sum + T(4) * m[3];
    y[3] = (difference + m[4]) + T(8) * m[3];
}

template <class Lanes>
inline void strided_line_by_Bt(const Vector<Lanes>* d, Vector<Lanes>* v) {
    pairs_by_Bt<Lanes>(d[0], d[2], d[4], d[6], d[8], v);
    for (int i = 0; i < 4; ++i) v[5 + i] = d[2 * i + 1];
}

template <class Lanes>
inline void strided_line_by_At(const Vector<Lanes>* m, Vector<Lanes>* y) {
    pairs_by_At<Lanes>(m, y);
    for (int i = 0; i < 4; ++i) y[i] = y[i] + m[5 + i];
}

template <class Lanes>
inline void strided_line_by_A(const Vector<Lanes>* y, Vector<Lanes>* z) {
    using T = Element<Lanes>;
    const Vector<Lanes> even = y[0] + y[2], odd = y[1] + y[3];
    z[0] = y[0];
    z[1] = even + odd;
    z[2] = even - odd;
    z[3] = (y[0] + T(4) * y[2]) + T(2) * (y[1] + T(4) * y[3]);
    z[4] = y[3];
    for (int i = 0; i < 4; ++i) z[5 + i] = y[i];
}

template <class Lanes>
inline void strided_line_by_G(const Vector<Lanes>* g, Vector<Lanes>* u) {
    using T = Element<Lanes>;
    u[0] = T(0.5) * g[0];
    u[1] = T(-0.5) * (g[0] + g[2]);
    u[2] = T(-1. / 6) * (g[0] - g[2]);
    u[3] = T(1. / 6) * g[0] + T(1. / 3) * g[2];
    u[4] = g[2];
    u[5] = g[1];
}

template <class Lanes>
inline void strided_line_by_Gt(const Vector<Lanes>* u, Vector<Lanes>* g) {
    using T = Element<Lanes>;
    g[0] = T(0.5) * (u[0] - u[1]) + T(1. / 6) * (u[3] - u[2]);
    g[1] = u[5];
    g[2] = (u[4] - T(0.5) * u[1]) + (T(1. / 6) * u[2] + T(1. / 3) * u[3]);
}

// For the data: the 5 pixels of dy that 8 of dx meet, and those.
template <class Lanes>
inline void strided_data_line_by_Bt(const Vector<Lanes>* d, Vector<Lanes>* v) {
    pairs_by_Bt<Lanes>(d[0], d[1], d[2], d[3], d[4], v);
    for (int i = 0; i < 4; ++i) v[5 + i] = d[i];
}

template <class Lanes>
inline void strided_data_line_by_At(const Vector<Lanes>* m, Vector<Lanes>* y) {
    Vector<Lanes> odd[4];
    pairs_by_At<Lanes>(m, odd);
    for (int i = 0; i < 4; ++i) y[2 * i] = m[5 + i], y[2 * i + 1] = odd[i];
}

// ---- squares: matrix `in` matrix^T, the columns first

template <class Lanes>
using Line = void (*)(const Vector<Lanes>*, Vector<Lanes>*);

// load(i, j) and store(i, j, x): `from` x `from` and `to` x `to` of them.
template <class Lanes, int from, int to, Line<Lanes> line, class Load, class Store>
inline __attribute__((always_inline)) void square(Load load, Store store) {
    Vector<Lanes> half[to][from];
#pragma GCC unroll 9
    for (int j = 0; j < from; ++j) {
        Vector<Lanes> in[from], out[to];
#pragma GCC unroll 9
        for (int i = 0; i < from; ++i) in[i] = load(i, j);
        line(in, out);
#pragma GCC unroll 9
        for (int i = 0; i < to; ++i) half[i][j] = out[i];
    }
#pragma GCC unroll 9
    for (int i = 0; i < to; ++i) {
        Vector<Lanes> out[to];
        line(half[i], out);
#pragma GCC unroll 9
        for (int j = 0; j < to; ++j) store(i, j, out[j]);
    }
}

// The first n lanes, or all where there are as many.
template <class Lanes, bool all>
inline Vector<Lanes> read(const Element<Lanes>* p, std::int64_t n) {
    if constexpr (all) return Lanes::load(p);
    return Lanes::load_first(p, static_cast<int>(n));
}
template <class Lanes, bool all>
inline void write(Element<Lanes>* p, Vector<Lanes> x, std::int64_t n) {
    if constexpr (all) return Lanes::store(p, x);
    Lanes::store_first(p, x, static_cast<int>(n));
}

// Calls f.template operator()<all lanes?>(c, count) for the channels c, c + 1, ..., a vector at a time.
template <class Lanes, class F>
inline __attribute__((always_inline)) void for_vectors(std::int64_t channels, F f) {
    std::int64_t c = 0;
    for (; c + Lanes::width <= channels; c += Lanes::width) f.template operator()<true>(c, Lanes::width);
    if (c < channels) f.template operator()<false>(c, channels - c);
}

// ---- the transforms

// The lines are those of a side: `from` numbers become `to` of them.

template <class Lanes, int from, int to, Line<Lanes> line>
void pixels_to_points(const Element<Lanes>* const* d, std::int64_t channels, Element<Lanes>* v, std::int64_t v_point) {
    for_vectors<Lanes>(channels, [=]<bool all>(std::int64_t c, std::int64_t n) {
        square<Lanes, from, to, line>(
            [=](int i, int j) { return read<Lanes, all>(d[i * from + j] + c, n); },
            [=](int i, int j, const Vector<Lanes>& x) { Lanes::store(v + (i * to + j) * v_point + c, x); });
    });
}

template <class Lanes, Line<Lanes> line>
void kernel(const Element<Lanes>* g, std::int64_t g_tap, std::int64_t channels, Element<Lanes>* u,
            std::int64_t u_point) {
    for_vectors<Lanes>(channels, [=]<bool all>(std::int64_t c, std::int64_t n) {
        square<Lanes, 3, 6, line>(
            [=](int i, int j) { return read<Lanes, all>(g + (i * 3 + j) * g_tap + c, n); },
            [=](int i, int j, const Vector<Lanes>& x) { Lanes::store(u + (i * 6 + j) * u_point + c, x); });
    });
}

template <class Lanes, int from, int to, Line<Lanes> line>
void result(const Element<Lanes>* m, std::int64_t m_point, std::int64_t channels, const Element<Lanes>* bias,
            Element<Lanes>* const* y) {
    for_vectors<Lanes>(channels, [=]<bool all>(std::int64_t c, std::int64_t n) {
        const Vector<Lanes> b = bias ? read<Lanes, all>(bias + c, n) : Lanes::zero();
        square<Lanes, from, to, line>(
            [=](int i, int j) { return Lanes::load(m + (i * from + j) * m_point + c); },
            [=](int i, int j, const Vector<Lanes>& x) { write<Lanes, all>(y[i * to + j] + c, x + b, n); });
    });
}

template <class Lanes, Line<Lanes> line>
void kernel_slope(const Element<Lanes>* du, std::int64_t du_point, std::int64_t pieces, std::int64_t du_piece,
                  std::int64_t channels, Element<Lanes>* dg, std::int64_t dg_tap) {
    for_vectors<Lanes>(channels, [=]<bool all>(std::int64_t c, std::int64_t n) {
        square<Lanes, 6, 3, line>(
            [=](int i, int j) {
                const Element<Lanes>* const at = du + (i * 6 + j) * du_point + c;
                Vector<Lanes> sum = Lanes::load(at);
                for (std::int64_t k = 1; k < pieces; ++k) sum = sum + Lanes::load(at + k * du_piece);
                return sum;
            },
            [=](int i, int j, const Vector<Lanes>& x) { write<Lanes, all>(dg + (i * 3 + j) * dg_tap + c, x, n); });
    });
}

// Squares in registers.
template <class Lanes>
void turn(const Element<Lanes>* from, std::int64_t from_row, std::int64_t rows, std::int64_t columns,
          Element<Lanes>* to, std::int64_t to_row) {
    for (std::int64_t i = 0; i < rows; i += Lanes::width) {
        const int count = static_cast<int>(smaller(Lanes::width, rows - i));
        pack_transposed<Lanes>(from + i * from_row, from_row, columns, count, to + i, to_row);
    }
}

template <class Lanes>
inline void fill(WinogradTransforms<Element<Lanes>>& t) {
    t.patch = pixels_to_points<Lanes, 6, 6, line_by_Bt<Lanes>>;
    t.slope = pixels_to_points<Lanes, 4, 6, line_by_A<Lanes>>;
    t.kernel = kernel<Lanes, line_by_G<Lanes>>;
    t.result = result<Lanes, 6, 4, line_by_At<Lanes>>;
    t.kernel_slope = kernel_slope<Lanes, line_by_Gt<Lanes>>;
    t.turn = turn<Lanes>;

    t.strided_patch = pixels_to_points<Lanes, 9, 9, strided_line_by_Bt<Lanes>>;
    t.strided_slope = pixels_to_points<Lanes, 4, 9, strided_line_by_A<Lanes>>;
    t.strided_kernel = kernel<Lanes, strided_line_by_G<Lanes>>;
    t.strided_result = result<Lanes, 9, 4, strided_line_by_At<Lanes>>;
    t.strided_kernel_slope = kernel_slope<Lanes, strided_line_by_Gt<Lanes>>;
    t.strided_data_patch = pixels_to_points<Lanes, 5, 9, strided_data_line_by_Bt<Lanes>>;
    t.strided_data_result = result<Lanes, 9, 8, strided_data_line_by_At<Lanes>>;
}

}  // namespace
}  // namespace vitrine::kernels

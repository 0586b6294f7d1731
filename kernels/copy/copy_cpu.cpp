#include "copy.h"

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <type_traits>

#include "copy_naive.h"
#include "vitrine/kernels/base/isa.h"
#include "vitrine/kernels/base/parallel.h"

namespace vitrine::kernels {
namespace {

constexpr std::int64_t tile = 16;  // floats of a cache line; a tile of either side stays in L1

template <class T>
void fill_range(T* y, T value, const Strided<1>& n, Range range) {
    const std::int64_t stride = n.strides[0][0];
    for (Runs<1> run(n, range); run.length > 0; run.next()) {
        T* row = y + run.offset(0);
        if (stride == 1)
            std::fill_n(row, run.length, value);
        else
            for (std::int64_t i = 0; i < run.length; ++i) row[i * stride] = value;
    }
}

/// To a 16-bit float. g++ 12 makes vectors of it in a function of its own, and not under omp simd.
template <class From, class To>
[[gnu::noinline]] void round_row(const From* x, To* y, std::int64_t count) {
    for (std::int64_t i = 0; i < count; ++i) y[i] = static_cast<To>(x[i]);
}

template <class From, class To>
void copy_range(const From* x, To* y, const Strided<2>& n, Range range) {
    const std::int64_t ys = n.strides[0][0], xs = n.strides[1][0];
    for (Runs<2> run(n, range); run.length > 0; run.next()) {
        To* yr = y + run.offset(0);
        const From* xr = x + run.offset(1);
        if (ys == 1 && xs == 1 && is_half_type<To>) {
            round_row(xr, yr, run.length);
        } else if (ys == 1 && xs == 1) {
#pragma omp simd
            for (std::int64_t i = 0; i < run.length; ++i) yr[i] = static_cast<To>(xr[i]);
        } else {
            for (std::int64_t i = 0; i < run.length; ++i) yr[i * ys] = static_cast<To>(xr[i * xs]);
        }
    }
}

/// A tile of `rows` <= tile elements along dimension d and `cols` <= tile along dimension 0, through a small buffer:
/// each cache line of x and of y is touched once, wherever the lines would fall in the cache.
template <class From, class To>
VITRINE_INLINE void copy_tile(const From* x, std::int64_t xs, To* y, std::int64_t ys, std::int64_t rows,
                              std::int64_t cols) {
    From part[tile][tile];
    for (std::int64_t c = 0; c < cols; ++c)
        for (std::int64_t r = 0; r < rows; ++r) part[c][r] = x[c * xs + r];
    for (std::int64_t r = 0; r < rows; ++r)
        for (std::int64_t c = 0; c < cols; ++c) y[r * ys + c] = static_cast<To>(part[c][r]);
}

// ---- a whole tile of values of 4 bytes that keep their type, in registers

#if defined(__AVX512F__)
/// Sixteen values, a row of the tile. Below, four quarters of four: all that a shuffle does not take across quarters is
/// the transposition of four 4 x 4 tiles at a time.
typedef std::uint32_t Row __attribute__((vector_size(64)));

VITRINE_INLINE Row interleave_low(Row a, Row b) {
    return __builtin_shufflevector(a, b, 0, 16, 1, 17, 4, 20, 5, 21, 8, 24, 9, 25, 12, 28, 13, 29);
}
VITRINE_INLINE Row interleave_high(Row a, Row b) {
    return __builtin_shufflevector(a, b, 2, 18, 3, 19, 6, 22, 7, 23, 10, 26, 11, 27, 14, 30, 15, 31);
}
VITRINE_INLINE Row low_pairs(Row a, Row b) {
    return __builtin_shufflevector(a, b, 0, 1, 16, 17, 4, 5, 20, 21, 8, 9, 24, 25, 12, 13, 28, 29);
}
VITRINE_INLINE Row high_pairs(Row a, Row b) {
    return __builtin_shufflevector(a, b, 2, 3, 18, 19, 6, 7, 22, 23, 10, 11, 26, 27, 14, 15, 30, 31);
}
VITRINE_INLINE Row even_quarters(Row a, Row b) {
    return __builtin_shufflevector(a, b, 0, 1, 2, 3, 8, 9, 10, 11, 16, 17, 18, 19, 24, 25, 26, 27);
}
VITRINE_INLINE Row odd_quarters(Row a, Row b) {
    return __builtin_shufflevector(a, b, 4, 5, 6, 7, 12, 13, 14, 15, 20, 21, 22, 23, 28, 29, 30, 31);
}

/// y[r][c] = x[c][r].
template <class T>
VITRINE_INLINE void transpose_tile(const T* x, std::int64_t xs, T* y, std::int64_t ys) {
    Row a[tile], b[tile];
    for (int c = 0; c < tile; ++c) std::memcpy(&a[c], x + c * xs, sizeof(Row));
    for (int c = 0; c < tile; c += 4) {
        const Row low01 = interleave_low(a[c], a[c + 1]), high01 = interleave_high(a[c], a[c + 1]);
        const Row low23 = interleave_low(a[c + 2], a[c + 3]), high23 = interleave_high(a[c + 2], a[c + 3]);
        b[c] = low_pairs(low01, low23), b[c + 1] = high_pairs(low01, low23);
        b[c + 2] = low_pairs(high01, high23), b[c + 3] = high_pairs(high01, high23);
    }
    // Quarter q of b[c + k] is columns c to c + 3 of row 4 q + k.
    for (int k = 0; k < 4; ++k) {
        const Row even0 = even_quarters(b[k], b[4 + k]), even8 = even_quarters(b[8 + k], b[12 + k]);
        const Row odd0 = odd_quarters(b[k], b[4 + k]), odd8 = odd_quarters(b[8 + k], b[12 + k]);
        const Row rows[4] = {even_quarters(even0, even8), even_quarters(odd0, odd8), odd_quarters(even0, even8), odd_quarters(odd0, odd8)};
        for (int q = 0; q < 4; ++q) std::memcpy(y + (4 * q + k) * ys, &rows[q], sizeof(Row));
    }
}
#else
/// Four values, in registers that every processor with vectors has.
typedef std::uint32_t Four __attribute__((vector_size(16)));

/// y[r][c] = x[c][r], 4 x 4 values: pairs of rows are interleaved, then their halves put together.
template <class T>
VITRINE_INLINE void transpose_four(const T* x, std::int64_t xs, T* y, std::int64_t ys) {
    Four row[4];
    for (int c = 0; c < 4; ++c) std::memcpy(&row[c], x + c * xs, sizeof(Four));
    const Four low01 = __builtin_shufflevector(row[0], row[1], 0, 4, 1, 5), high01 = __builtin_shufflevector(row[0], row[1], 2, 6, 3, 7);
    const Four low23 = __builtin_shufflevector(row[2], row[3], 0, 4, 1, 5), high23 = __builtin_shufflevector(row[2], row[3], 2, 6, 3, 7);
    const Four column[4] = {__builtin_shufflevector(low01, low23, 0, 1, 4, 5), __builtin_shufflevector(low01, low23, 2, 3, 6, 7),
                            __builtin_shufflevector(high01, high23, 0, 1, 4, 5), __builtin_shufflevector(high01, high23, 2, 3, 6, 7)};
    for (int r = 0; r < 4; ++r) std::memcpy(y + r * ys, &column[r], sizeof(Four));
}

/// y[r][c] = x[c][r], through a buffer: y is written in whole lines.
template <class T>
VITRINE_INLINE void transpose_tile(const T* x, std::int64_t xs, T* y, std::int64_t ys) {
    T part[tile][tile];
    for (std::int64_t c = 0; c < tile; c += 4)
        for (std::int64_t r = 0; r < tile; r += 4) transpose_four(x + c * xs + r, xs, &part[r][c], tile);
    for (std::int64_t r = 0; r < tile; ++r)
        for (std::int64_t c = 0; c < tile; c += 4) std::memcpy(y + r * ys + c, &part[r][c], sizeof(Four));
}
#endif

/// Strips `range` of all planes: `tile` elements along d, all of dimension 0.
template <class From, class To>
void copy_transposed_range(const From* x, To* y, const Strided<2>& n, int d, Range range) {
    const Strided<2> planes = planes_of(n, d);
    const std::int64_t strips = (n.sizes[d] + tile - 1) / tile;
    for (std::int64_t s = range.begin; s < range.end; ++s) {
        const Offsets<2> plane = planes.at(s / strips);
        const std::int64_t row = s % strips * tile, rows = std::min(tile, n.sizes[d] - row);
        for (std::int64_t col = 0; col < n.sizes[0]; col += tile) {
            const From* xt = x + plane[1] + row + col * n.strides[1][0];
            To* yt = y + plane[0] + row * n.strides[0][d] + col;
            const std::int64_t cols = std::min(tile, n.sizes[0] - col);
            if constexpr (sizeof(To) == 4 && std::is_same_v<From, To>) {
                if (rows == tile && cols == tile) {
                    transpose_tile(xt, n.strides[1][0], yt, n.strides[0][d]);
                    continue;
                }
            }
            if (rows == tile && cols == tile)  // known counts: no loop remains
                copy_tile(xt, n.strides[1][0], yt, n.strides[0][d], tile, tile);
            else
                copy_tile(xt, n.strides[1][0], yt, n.strides[0][d], rows, cols);
        }
    }
}

template <class From, class To>
void copy_transposed(const From* x, To* y, const Strided<2>& n, int d) {
    const std::int64_t strips = (n.sizes[d] + tile - 1) / tile * (n.count / n.sizes[0] / n.sizes[d]);
    const int parts = parts_for(strips, 4.0 * static_cast<double>(tile * n.sizes[0]));
    if (parts == 1) return copy_transposed_range(x, y, n, d, {0, strips});
#pragma omp parallel for num_threads(parts)
    for (int p = 0; p < parts; ++p) copy_transposed_range(x, y, n, d, share(strips, p, parts));
}

}  // namespace

template <class T>
void fill(Cpu, T* y, T value, const Strided<1>& n) {
    const int parts = parts_for(n.count, 1);
    if (parts == 1) return fill_range(y, value, n, {0, n.count});
#pragma omp parallel for num_threads(parts)
    for (int p = 0; p < parts; ++p) fill_range(y, value, n, share(n.count, p, parts, 64));
}

template <class From, class To>
void copy(Cpu, const From* x, To* y, const Strided<2>& n) {
    if (isa() == Isa::naive) return copy_naive(x, y, n);
    if (const int d = transposed_dim(n); d > 0 && n.count > 0) return copy_transposed(x, y, n, d);
    const int parts = parts_for(n.count, 2);
    if (parts == 1) return copy_range(x, y, n, {0, n.count});
#pragma omp parallel for num_threads(parts)
    for (int p = 0; p < parts; ++p) copy_range(x, y, n, share(n.count, p, parts, 64));
}

template void fill(Cpu, float*, float, const Strided<1>&);
template void fill(Cpu, double*, double, const Strided<1>&);
template void fill(Cpu, std::int32_t*, std::int32_t, const Strided<1>&);
template void fill(Cpu, std::int64_t*, std::int64_t, const Strided<1>&);
template void fill(Cpu, std::uint8_t*, std::uint8_t, const Strided<1>&);
template void fill(Cpu, bool*, bool, const Strided<1>&);
template void fill(Cpu, bf16*, bf16, const Strided<1>&);
template void fill(Cpu, f16*, f16, const Strided<1>&);

template void copy(Cpu, const float*, float*, const Strided<2>&);
template void copy(Cpu, const float*, double*, const Strided<2>&);
template void copy(Cpu, const float*, std::int32_t*, const Strided<2>&);
template void copy(Cpu, const float*, std::int64_t*, const Strided<2>&);
template void copy(Cpu, const float*, std::uint8_t*, const Strided<2>&);
template void copy(Cpu, const float*, bool*, const Strided<2>&);
template void copy(Cpu, const float*, bf16*, const Strided<2>&);
template void copy(Cpu, const float*, f16*, const Strided<2>&);

template void copy(Cpu, const double*, float*, const Strided<2>&);
template void copy(Cpu, const double*, double*, const Strided<2>&);
template void copy(Cpu, const double*, std::int32_t*, const Strided<2>&);
template void copy(Cpu, const double*, std::int64_t*, const Strided<2>&);
template void copy(Cpu, const double*, std::uint8_t*, const Strided<2>&);
template void copy(Cpu, const double*, bool*, const Strided<2>&);
template void copy(Cpu, const double*, bf16*, const Strided<2>&);
template void copy(Cpu, const double*, f16*, const Strided<2>&);

template void copy(Cpu, const std::int32_t*, float*, const Strided<2>&);
template void copy(Cpu, const std::int32_t*, double*, const Strided<2>&);
template void copy(Cpu, const std::int32_t*, std::int32_t*, const Strided<2>&);
template void copy(Cpu, const std::int32_t*, std::int64_t*, const Strided<2>&);
template void copy(Cpu, const std::int32_t*, std::uint8_t*, const Strided<2>&);
template void copy(Cpu, const std::int32_t*, bool*, const Strided<2>&);
template void copy(Cpu, const std::int32_t*, bf16*, const Strided<2>&);
template void copy(Cpu, const std::int32_t*, f16*, const Strided<2>&);

template void copy(Cpu, const std::int64_t*, float*, const Strided<2>&);
template void copy(Cpu, const std::int64_t*, double*, const Strided<2>&);
template void copy(Cpu, const std::int64_t*, std::int32_t*, const Strided<2>&);
template void copy(Cpu, const std::int64_t*, std::int64_t*, const Strided<2>&);
template void copy(Cpu, const std::int64_t*, std::uint8_t*, const Strided<2>&);
template void copy(Cpu, const std::int64_t*, bool*, const Strided<2>&);
template void copy(Cpu, const std::int64_t*, bf16*, const Strided<2>&);
template void copy(Cpu, const std::int64_t*, f16*, const Strided<2>&);

template void copy(Cpu, const std::uint8_t*, float*, const Strided<2>&);
template void copy(Cpu, const std::uint8_t*, double*, const Strided<2>&);
template void copy(Cpu, const std::uint8_t*, std::int32_t*, const Strided<2>&);
template void copy(Cpu, const std::uint8_t*, std::int64_t*, const Strided<2>&);
template void copy(Cpu, const std::uint8_t*, std::uint8_t*, const Strided<2>&);
template void copy(Cpu, const std::uint8_t*, bool*, const Strided<2>&);
template void copy(Cpu, const std::uint8_t*, bf16*, const Strided<2>&);
template void copy(Cpu, const std::uint8_t*, f16*, const Strided<2>&);

template void copy(Cpu, const bool*, float*, const Strided<2>&);
template void copy(Cpu, const bool*, double*, const Strided<2>&);
template void copy(Cpu, const bool*, std::int32_t*, const Strided<2>&);
template void copy(Cpu, const bool*, std::int64_t*, const Strided<2>&);
template void copy(Cpu, const bool*, std::uint8_t*, const Strided<2>&);
template void copy(Cpu, const bool*, bool*, const Strided<2>&);
template void copy(Cpu, const bool*, bf16*, const Strided<2>&);
template void copy(Cpu, const bool*, f16*, const Strided<2>&);

template void copy(Cpu, const bf16*, float*, const Strided<2>&);
template void copy(Cpu, const bf16*, double*, const Strided<2>&);
template void copy(Cpu, const bf16*, std::int32_t*, const Strided<2>&);
template void copy(Cpu, const bf16*, std::int64_t*, const Strided<2>&);
template void copy(Cpu, const bf16*, std::uint8_t*, const Strided<2>&);
template void copy(Cpu, const bf16*, bool*, const Strided<2>&);
template void copy(Cpu, const bf16*, bf16*, const Strided<2>&);
template void copy(Cpu, const bf16*, f16*, const Strided<2>&);

template void copy(Cpu, const f16*, float*, const Strided<2>&);
template void copy(Cpu, const f16*, double*, const Strided<2>&);
template void copy(Cpu, const f16*, std::int32_t*, const Strided<2>&);
template void copy(Cpu, const f16*, std::int64_t*, const Strided<2>&);
template void copy(Cpu, const f16*, std::uint8_t*, const Strided<2>&);
template void copy(Cpu, const f16*, bool*, const Strided<2>&);
template void copy(Cpu, const f16*, bf16*, const Strided<2>&);
template void copy(Cpu, const f16*, f16*, const Strided<2>&);

}  // namespace vitrine::kernels

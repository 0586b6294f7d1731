// Copies of A and B in the order in which the tiles (matmul_cpu_tiles.h) read them, for one instruction set's `Lanes`:
//
//   dst[k * dst_stride + x] = src[k * k_stride + x * x_stride]
//
// What lies far away is read along the lines of memory, many in a row: the products wait for nothing else.
#pragma once

#include "matmul_cpu.h"

#include <utility>

namespace vitrine::kernels {
namespace {

template <class Lanes>
using Element = typename Lanes::Element;
template <class Lanes>
constexpr int panel_columns = 2 * Lanes::width;

inline std::int64_t smaller(std::int64_t a, std::int64_t b) { return a < b ? a : b; }

// a0 b0 a1 b1 ... of the first halves of a and b, or of their second halves.
template <class Lanes, int... I>
inline typename Lanes::Vector interleave_low(typename Lanes::Vector a, typename Lanes::Vector b,
                                             std::integer_sequence<int, I...>) {
    return __builtin_shufflevector(a, b, (I / 2 + I % 2 * Lanes::width)...);
}
template <class Lanes, int... I>
inline typename Lanes::Vector interleave_high(typename Lanes::Vector a, typename Lanes::Vector b,
                                              std::integer_sequence<int, I...>) {
    return __builtin_shufflevector(a, b, (Lanes::width / 2 + I / 2 + I % 2 * Lanes::width)...);
}

// A square of vectors transposed in registers: rows i and i + width/2 are shuffled into each other,
// log2(width) times.
template <class Lanes>
inline void transpose(typename Lanes::Vector* rows) {
    constexpr int w = Lanes::width;
    constexpr std::make_integer_sequence<int, w> all{};
#pragma GCC unroll 4
    for (int done = 1; done < w; done *= 2) {
        typename Lanes::Vector next[w];
#pragma GCC unroll 8
        for (int i = 0; i < w / 2; ++i) {
            next[2 * i] = interleave_low<Lanes>(rows[i], rows[i + w / 2], all);
            next[2 * i + 1] = interleave_high<Lanes>(rows[i], rows[i + w / 2], all);
        }
#pragma GCC unroll 16
        for (int i = 0; i < w; ++i) rows[i] = next[i];
    }
}

// `width` or fewer columns x of sources that run along k.
template <class Lanes>
void pack_transposed(const Element<Lanes>* src, std::int64_t x_stride, std::int64_t kc, int count, Element<Lanes>* dst,
                     std::int64_t dst_stride) {
    constexpr int w = Lanes::width;
    constexpr std::int64_t ahead = 256 / sizeof(Element<Lanes>);  // as many sources at once are more than the processor foresees
    for (std::int64_t k = 0; k < kc; k += w) {
        const int depth = static_cast<int>(smaller(w, kc - k));
        if (k + ahead < kc) {
#pragma GCC unroll 16
            for (int x = 0; x < w; ++x) __builtin_prefetch(src + (x < count ? x : 0) * x_stride + k + ahead);
        }
        typename Lanes::Vector square[w];
#pragma GCC unroll 16
        for (int x = 0; x < w; ++x) {
            square[x] = x < count ? Lanes::load_first(src + x * x_stride + k, depth) : Lanes::zero();
        }
        transpose<Lanes>(square);
#pragma GCC unroll 16
        for (int i = 0; i < w; ++i) {
            if (i < depth) Lanes::store(dst + (k + i) * dst_stride, square[i]);
        }
    }
}

// `columns` columns x of one panel of `dst_stride` columns. Lanes beyond `columns` become 0.
template <class Lanes>
void pack(const Element<Lanes>* src, std::int64_t k_stride, std::int64_t x_stride, std::int64_t kc, int columns,
          Element<Lanes>* dst, std::int64_t dst_stride) {
    for (int x = 0; x < columns; x += Lanes::width) {
        const Element<Lanes>* from = src + x * x_stride;
        Element<Lanes>* to = dst + x;
        const int count = static_cast<int>(smaller(Lanes::width, columns - x));
        if (x_stride == 1) {
            for (std::int64_t k = 0; k < kc; ++k) {
                Lanes::store(to + k * dst_stride, Lanes::load_first(from + k * k_stride, count));
            }
        } else if (k_stride == 1) {
            pack_transposed<Lanes>(from, x_stride, kc, count, to, dst_stride);
        } else {
            for (std::int64_t k = 0; k < kc; ++k) {
                for (int i = 0; i < Lanes::width; ++i) {
                    to[k * dst_stride + i] = i < count ? from[k * k_stride + i * x_stride] : 0;
                }
            }
        }
    }
}

}  // namespace
}  // namespace vitrine::kernels

// The product in bf16, with VDPBF16PS: sum[j] += a[2k] b[2k][j] + a[2k+1] b[2k+1][j] for 16 columns j.
//
//             <-- 2 vectors -->
//      k pair  bb bb | bb bb     For each pair of k a tile loads two vectors of B, each lane holding two neighbours
//      along
//              -------------     k, broadcasts one such pair of A per row, and adds 14 * 2 vectors of products. The
//              sums
//      aa      c  c  | c  c      stay in registers; C is touched once for k_step steps.
//      aa      c  c  | c  c
//
// A and B never lie in memory that way: the strips of A for m_step rows are copied first, to stay in the second cache,
// then each panel of 32 columns of B, to stay in the first while all strips pass over it. Copying also rounds f32.
//
//      A along k: [row][k]; else [k pair][row]             B: [k pair][32 columns]; an odd K is filled with 0
#if defined(__x86_64__)

#include "matmul_cpu.h"
#include "matmul_cpu_bf16.h"

#include <immintrin.h>

#include <utility>

namespace vitrine::kernels {
namespace {

inline std::int64_t smaller(std::int64_t a, std::int64_t b) { return a < b ? a : b; }
inline __mmask16 first16(std::int64_t n) { return static_cast<__mmask16>(n >= 16 ? 0xffffu : (1u << n) - 1); }
inline __mmask32 first32(std::int64_t n) { return n >= 32 ? 0xffffffffu : (1u << n) - 1; }

// ---- copying, and rounding, into panels

// The first n of 16 neighbours in memory at `even`, and of 16 at `odd` (null: zeros), as bf16, one after the other.
inline __m512i load_two(const float* even, const float* odd, std::int64_t n) {
    const __m512 low = _mm512_maskz_loadu_ps(first16(n), even);
    const __m512 high = odd ? _mm512_maskz_loadu_ps(first16(n), odd) : _mm512_setzero_ps();
    return (__m512i)_mm512_cvtne2ps_pbh(high, low);
}
inline __m512i load_two(const bf16* even, const bf16* odd, std::int64_t n) {
    const __m256i low = _mm256_maskz_loadu_epi16(first16(n), even);
    const __m256i high = odd ? _mm256_maskz_loadu_epi16(first16(n), odd) : _mm256_setzero_si256();
    return _mm512_maskz_inserti64x4(0xff, _mm512_maskz_broadcast_i64x4(0x0f, low), high, 1);
}

// The first n of 32.
inline __m512i load32(const float* p, std::int64_t n) {
    const __m512 low = _mm512_maskz_loadu_ps(first16(n), p);
    const __m512 high = n > 16 ? _mm512_maskz_loadu_ps(first16(n - 16), p + 16) : _mm512_setzero_ps();
    return (__m512i)_mm512_cvtne2ps_pbh(high, low);
}
inline __m512i load32(const bf16* p, std::int64_t n) { return _mm512_maskz_loadu_epi16(first32(n), p); }

// n elements, `stride` apart, beside each other.
template <class T>
inline const T* gathered(const T* p, std::int64_t stride, std::int64_t n, T* space) {
    for (std::int64_t i = 0; i < n; ++i) space[i] = p[i * stride];
    return space;
}

// `count` <= 16 lines x, along k, to dst[k pair][x], when lines are not contiguous along k.
template <class T>
void pack_across(const T* src, std::int64_t k_stride, std::int64_t x_stride, std::int64_t kc, std::int64_t count,
                 std::uint32_t* dst, std::int64_t dst_stride) {
    const __m512i alternate = _mm512_set_epi16(31, 15, 30, 14, 29, 13, 28, 12, 27, 11, 26, 10, 25, 9, 24, 8, 23, 7, 22,
                                               6, 21, 5, 20, 4, 19, 3, 18, 2, 17, 1, 16, 0);
    for (std::int64_t k = 0; k < kc; k += 2) {
        const T* even = src + k * k_stride;
        const T* odd = k + 1 < kc ? even + k_stride : nullptr;
        T space[2][16];
        if (x_stride != 1) {
            even = gathered(even, x_stride, count, space[0]);
            odd = odd ? gathered(odd, x_stride, count, space[1]) : nullptr;
        }
        const __m512i both = load_two(even, odd, count);
        _mm512_storeu_si512(dst + k / 2 * dst_stride, _mm512_maskz_permutexvar_epi16(0xffffffffu, alternate, both));
    }
}

// A square of 16 x 16 pairs transposed in registers: rows i and i + 8 are shuffled into each other, four times.
inline void transpose(__m512i* rows) {
    const __m512i low = _mm512_setr_epi32(0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
    const __m512i high = _mm512_setr_epi32(8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31);
#pragma GCC unroll 4
    for (int round = 0; round < 4; ++round) {
        __m512i next[16];
#pragma GCC unroll 8
        for (int i = 0; i < 8; ++i) {
            next[2 * i] = _mm512_permutex2var_epi32(rows[i], low, rows[i + 8]);
            next[2 * i + 1] = _mm512_permutex2var_epi32(rows[i], high, rows[i + 8]);
        }
#pragma GCC unroll 16
        for (int i = 0; i < 16; ++i) rows[i] = next[i];
    }
}

// The same for lines that are contiguous along k.
template <class T>
void pack_along(const T* src, std::int64_t x_stride, std::int64_t kc, std::int64_t count, std::uint32_t* dst,
                std::int64_t dst_stride) {
    for (std::int64_t k = 0; k < kc; k += 32) {
        __m512i square[16];
#pragma GCC unroll 16
        for (int x = 0; x < 16; ++x)
            square[x] = x < count ? load32(src + x * x_stride + k, kc - k) : _mm512_setzero_si512();
        transpose(square);
        const std::int64_t depth = smaller(16, (kc - k + 1) / 2);
#pragma GCC unroll 16
        for (int i = 0; i < 16; ++i)
            if (i < depth) _mm512_storeu_si512(dst + (k / 2 + i) * dst_stride, square[i]);
    }
}

template <class T>
void pack_panel_b(const MatmulPartBf16<T>& x, std::int64_t j0, std::int64_t columns, std::int64_t k0, std::int64_t kc,
                  std::uint32_t* panel) {
    for (std::int64_t j = 0; j < columns; j += 16) {
        const T* from = x.b + k0 * x.b_row + (j0 + j) * x.b_col;
        const std::int64_t count = smaller(16, columns - j);
        if (x.b_row == 1)
            pack_along(from, x.b_col, kc, count, panel + j, matmul_bf16_columns);
        else
            pack_across(from, x.b_row, x.b_col, kc, count, panel + j, matmul_bf16_columns);
    }
}

// Rows of A, each with its pairs behind each other.
template <class T>
void pack_rows_a(const T* src, std::int64_t row_stride, std::int64_t kc, std::int64_t rows, std::uint32_t* dst,
                 std::int64_t dst_row) {
    for (std::int64_t i = 0; i < rows; ++i) {
        for (std::int64_t k = 0; k < kc; k += 32)
            _mm512_storeu_si512(dst + i * dst_row + k / 2, load32(src + i * row_stride + k, kc - k));
    }
}

// ---- multiplying

// What one register tile reads and writes: `columns` columns of C.
struct Tile {
    std::int64_t pairs;
    const std::uint32_t* a;
    std::int64_t a_row, a_pair;
    const std::uint32_t* b;  // [pair][32]
    float* c;
    std::int64_t c_row;
    std::int64_t columns;
    const char* next;            // lines of the next block of A, called into the second cache
    std::int64_t next_step;      // 64, or 0 when there is none
    bool add;                    // to what is in C: by the caller, or by the earlier steps of k
    MatmulEpilogue<float> rest;  // with the last steps of k
};

inline void finish_vector(__m512 sum, const Tile& t, int row, int column) {
    float* c = t.c + row * t.c_row + column;
    const __mmask16 inside = first16(t.columns - column);
    if (t.add) sum = _mm512_add_ps(_mm512_maskz_loadu_ps(inside, c), sum);
    if (t.rest.bias) sum = _mm512_add_ps(sum, _mm512_maskz_loadu_ps(inside, t.rest.bias + column));
    _mm512_mask_storeu_ps(c, inside, sum);
}

template <int Rows, int Vectors>
void tile(const Tile& t) {
    __m512 sum[Rows][Vectors];
#pragma GCC unroll 16
    for (int i = 0; i < Rows; ++i) {
#pragma GCC unroll 2
        for (int v = 0; v < Vectors; ++v) sum[i][v] = _mm512_setzero_ps();
    }

#pragma GCC unroll 16
    for (int i = 0; i < Rows; ++i) {  // C arrives while the products are made
#pragma GCC unroll 2
        for (int v = 0; v < Vectors; ++v)
            _mm_prefetch(reinterpret_cast<const char*>(t.c + i * t.c_row + v * 16), _MM_HINT_T0);
    }

    // One pointer for three rows: the processor adds 0, 1 or 2 strides for free.
    constexpr int pointers = (Rows + 2) / 3;
    const std::uint32_t* a[pointers];
#pragma GCC unroll 8
    for (int q = 0; q < pointers; ++q) a[q] = t.a + 3 * q * t.a_row;
    const std::uint32_t* b = t.b;
    const char* next = t.next;

    for (std::int64_t k = t.pairs; k > 0; --k) {
        __m512bh bk[Vectors];
#pragma GCC unroll 2
        for (int v = 0; v < Vectors; ++v) bk[v] = (__m512bh)_mm512_loadu_si512(b + v * 16);
#pragma GCC unroll 16
        for (int i = 0; i < Rows; ++i) {
            const __m512bh aik = (__m512bh)_mm512_set1_epi32(static_cast<int>(*(a[i / 3] + i % 3 * t.a_row)));
#pragma GCC unroll 2
            for (int v = 0; v < Vectors; ++v) sum[i][v] = _mm512_dpbf16_ps(sum[i][v], aik, bk[v]);
        }
        b += matmul_bf16_columns;
        _mm_prefetch(next, _MM_HINT_T1);
        next += t.next_step;
#pragma GCC unroll 8
        for (int q = 0; q < pointers; ++q) a[q] += t.a_pair;
    }

#pragma GCC unroll 16
    for (int i = 0; i < Rows; ++i) {
#pragma GCC unroll 2
        for (int v = 0; v < Vectors; ++v) finish_vector(sum[i][v], t, i, v * 16);
    }
}

template <int... I>
void tile_of(std::int64_t rows, bool wide, const Tile& t, std::integer_sequence<int, I...>) {
    using Function = void (*)(const Tile&);
    static constexpr Function narrow_tiles[] = {tile<I + 1, 1>...};
    static constexpr Function wide_tiles[] = {tile<I + 1, 2>...};
    (wide ? wide_tiles : narrow_tiles)[rows - 1](t);
}

// One piece of memory that the next block reads, called while this one is multiplied: a line for each step of a tile
// until all are on their way.
struct Ahead {
    const char* at = nullptr;
    std::int64_t bytes = 0;

    void share(Tile& t) {
        t.next = bytes > 0 ? at : reinterpret_cast<const char*>(t.b);
        t.next_step = bytes > 0 ? 64 : 0;
        at += t.pairs * t.next_step, bytes -= t.pairs * t.next_step;
    }
};

template <class T>
Ahead ahead(const T* from, std::int64_t elements) {
    return {reinterpret_cast<const char*>(from), elements * static_cast<std::int64_t>(sizeof(T))};
}

template <class T>
Ahead next_of_a(const MatmulPartBf16<T>& x, std::int64_t i0, std::int64_t m, std::int64_t k0, std::int64_t kc) {
    if (x.a_col == 1 && x.a_row == x.K && kc == x.K)
        return ahead(x.a + (i0 + m) * x.K, smaller(x.M - i0 - m, x.m_step) * x.K);
    if (x.a_row == 1 && x.a_col == x.M && m == x.M)
        return ahead(x.a + (k0 + kc) * x.M, smaller(x.K - k0 - kc, x.k_step) * x.M);
    return {};
}

template <class T>
Ahead next_of_b(const MatmulPartBf16<T>& x, std::int64_t m, std::int64_t k0, std::int64_t kc) {
    if (x.packed_b || x.b_col != 1 || x.b_row != x.N || m != x.M) return {};
    return ahead(x.b + (k0 + kc) * x.N, smaller(x.K - k0 - kc, x.k_step) * x.N);
}

template <class T>
inline const std::uint32_t* packed_panel(const MatmulPartBf16<T>& x, std::int64_t j, std::int64_t k0) {
    return x.packed_b + (k0 / x.k_step * x.packed_panels + j / matmul_bf16_columns) * matmul_bf16_panel_b(x.k_step);
}

// Rows [i0, i0 + m) of A, cut into strips of even height, times all of B; steps [k0, k0 + kc) of k.
template <class T>
void multiply_block(const MatmulPartBf16<T>& x, std::int64_t i0, std::int64_t m, std::int64_t k0, std::int64_t kc) {
    const std::int64_t strips = (m + matmul_bf16_rows - 1) / matmul_bf16_rows, strip = 8 * x.k_step;
    const bool along = x.a_col == 1;
    const auto first_row = [&](std::int64_t s) { return s * (m / strips) + smaller(s, m % strips); };
    for (std::int64_t s = 0; s < strips; ++s) {
        const T* from = x.a + (i0 + first_row(s)) * x.a_row + k0 * x.a_col;
        const std::int64_t rows = first_row(s + 1) - first_row(s);
        if (along)
            pack_rows_a(from, x.a_row, kc, rows, x.panels_a + s * strip, x.k_step / 2);
        else
            pack_across(from, x.a_col, x.a_row, kc, rows, x.panels_a + s * strip, 16);
    }

    Tile t{};
    t.pairs = (kc + 1) / 2;
    t.a_row = along ? x.k_step / 2 : 1;
    t.a_pair = along ? 1 : 16;
    t.c_row = x.c_row;
    t.add = k0 > 0 || x.epilogue.accumulate;
    Ahead next_a = next_of_a(x, i0, m, k0, kc), next_b = next_of_b(x, m, k0, kc);
    for (std::int64_t j = 0; j < x.N; j += matmul_bf16_columns) {
        t.columns = smaller(matmul_bf16_columns, x.N - j);
        if (x.packed_b) {
            t.b = packed_panel(x, j, k0);
            next_b = ahead(t.b + matmul_bf16_panel_b(x.k_step), t.pairs * matmul_bf16_columns);
        } else {
            pack_panel_b(x, j, t.columns, k0, kc, x.panel_b);
            t.b = x.panel_b;
        }
        for (std::int64_t s = 0; s < strips; ++s) {
            const std::int64_t row = i0 + first_row(s), rows = first_row(s + 1) - first_row(s);
            t.a = x.panels_a + s * strip;
            t.c = x.c + row * x.c_row + j;
            (next_a.bytes > 0 ? next_a : next_b).share(t);
            if (k0 + kc == x.K) t.rest = x.epilogue.from(row * x.c_row, j);
            tile_of(rows, t.columns > 16, t, std::make_integer_sequence<int, matmul_bf16_rows>{});
            if (t.rest.has_more()) matmul_finish(t.rest, t.c, t.c_row, rows, t.columns);
        }
    }
}

template <class T>
void multiply(const MatmulPartBf16<T>& x) {
    for (std::int64_t i0 = 0; i0 < x.M; i0 += x.m_step) {
        for (std::int64_t k0 = 0; k0 < x.K; k0 += x.k_step)
            multiply_block(x, i0, smaller(x.m_step, x.M - i0), k0, smaller(x.k_step, x.K - k0));
    }
}

}  // namespace

void matmul_avx512bf16_pack(const MatmulPartBf16<float>& x, std::uint32_t* packed_b) {
    std::uint32_t* panel = packed_b;
    for (std::int64_t k0 = 0; k0 < x.K; k0 += x.k_step) {
        for (std::int64_t j = 0; j < x.N; j += matmul_bf16_columns, panel += matmul_bf16_panel_b(x.k_step))
            pack_panel_b(x, j, smaller(matmul_bf16_columns, x.N - j), k0, smaller(x.k_step, x.K - k0), panel);
    }
}
void matmul_avx512bf16(const MatmulPartBf16<float>& part) { multiply(part); }
void matmul_avx512bf16(const MatmulPartBf16<bf16>& part) { multiply(part); }

}  // namespace vitrine::kernels

#endif

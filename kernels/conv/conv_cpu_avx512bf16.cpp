// Tiles of the convolution in bf16: those of f32, with VDPBF16PS where they multiply and add.
#if defined(__x86_64__)

#include "conv_cpu_bf16.h"
#include "conv_cpu_tiles.h"

#include "vitrine/kernels/base/vectors_avx512.h"

namespace vitrine::kernels {
namespace {

// A "float" of A or B is a pair.
struct Pairs : Floats {
    static Vector fma(Vector a, Vector b, Vector c) { return _mm512_dpbf16_ps(c, (__m512bh)a, (__m512bh)b); }
};

inline __mmask16 first16(std::int64_t n) { return static_cast<__mmask16>(n >= 16 ? 0xffffu : (1u << n) - 1); }

}  // namespace

void conv_tiles_avx512bf16(const ConvTiles<float>& x) { multiply<Pairs>(x); }

void conv_pairs_of_neighbours(const float* from, std::int64_t n, float* pairs) {
    for (std::int64_t i = 0; i < n; i += 32) {
        const std::int64_t rest = n - i;
        const __m512 low = _mm512_maskz_loadu_ps(first16(rest), from + i);
        const __m512 high = rest > 16 ? _mm512_maskz_loadu_ps(first16(rest - 16), from + i + 16) : _mm512_setzero_ps();
        _mm512_mask_storeu_ps(pairs + i / 2, first16((rest + 1) / 2), (__m512)_mm512_cvtne2ps_pbh(high, low));
    }
}

void conv_pairs_of_two(const float* first, const float* second, std::int64_t n, float* pairs) {
    const __m512i alternate = _mm512_set_epi16(31, 15, 30, 14, 29, 13, 28, 12, 27, 11, 26, 10, 25, 9, 24, 8, 23, 7, 22,
                                               6, 21, 5, 20, 4, 19, 3, 18, 2, 17, 1, 16, 0);
    for (std::int64_t i = 0; i < n; i += 16) {
        const __mmask16 inside = first16(n - i);
        const __m512 low = _mm512_maskz_loadu_ps(inside, first + i);
        const __m512 high = second ? _mm512_maskz_loadu_ps(inside, second + i) : _mm512_setzero_ps();
        const __m512i both = (__m512i)_mm512_cvtne2ps_pbh(high, low);
        _mm512_mask_storeu_ps(pairs + i, inside, (__m512)_mm512_maskz_permutexvar_epi16(0xffffffffu, alternate, both));
    }
}

}  // namespace vitrine::kernels

#endif

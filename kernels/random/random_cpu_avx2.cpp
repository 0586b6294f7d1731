// As random_cpu_avx512.cpp, with four blocks a register.
#if defined(__x86_64__)

#include <immintrin.h>

#include "random_tile.h"

namespace vitrine::kernels {
namespace {

struct Counters {
    __m256i c0, c1, c2, c3;
};

__m256i word_of_key(std::uint32_t key) { return _mm256_set1_epi64x(static_cast<std::int64_t>(key)); }

/// The ten rounds of two registers a counter word side by side: their products take turns.
void rounds(Counters* c, std::uint32_t key0, std::uint32_t key1) {
    const __m256i m0 = word_of_key(0xD2511F53u), m1 = word_of_key(0xCD9E8D57u);
    for (int round = 0; round < 10; ++round) {
#pragma GCC unroll 2
        for (int i = 0; i < 2; ++i) {
            const __m256i p0 = _mm256_mul_epu32(c[i].c0, m0), p1 = _mm256_mul_epu32(c[i].c2, m1);
            c[i].c0 = _mm256_xor_si256(_mm256_xor_si256(_mm256_srli_epi64(p1, 32), c[i].c1), word_of_key(key0));
            c[i].c1 = p1;
            c[i].c2 = _mm256_xor_si256(_mm256_xor_si256(_mm256_srli_epi64(p0, 32), c[i].c3), word_of_key(key1));
            c[i].c3 = p0;
        }
        key0 += 0x9E3779B9u;
        key1 += 0xBB67AE85u;
    }
}

/// Words 0 to 3 of block 0, of block 1, and so on.
void store(Counters c, std::uint32_t* w) {
    const __m256i w01 = _mm256_blend_epi32(c.c0, _mm256_slli_epi64(c.c1, 32), 0xAA);
    const __m256i w23 = _mm256_blend_epi32(c.c2, _mm256_slli_epi64(c.c3, 32), 0xAA);
    const __m256i even = _mm256_unpacklo_epi64(w01, w23);  // blocks 0 and 2
    const __m256i odd = _mm256_unpackhi_epi64(w01, w23);   // blocks 1 and 3
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(w), _mm256_permute2x128_si256(even, odd, 0x20));
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(w + 8), _mm256_permute2x128_si256(even, odd, 0x31));
}

}  // namespace

void word_tile_avx2(Philox from, std::uint64_t block, std::uint32_t* w) {
    const auto key0 = static_cast<std::uint32_t>(from.seed), key1 = static_cast<std::uint32_t>(from.seed >> 32);
    const __m256i number = _mm256_add_epi64(_mm256_set1_epi64x(static_cast<std::int64_t>(from.offset + block)),
                                            _mm256_setr_epi64x(0, 1, 2, 3));
    for (int half = 0; half < 2; ++half) {
        Counters c[2];
#pragma GCC unroll 2
        for (int i = 0; i < 2; ++i) {
            const __m256i at = _mm256_add_epi64(number, _mm256_set1_epi64x(8 * half + 4 * i)), zero = _mm256_setzero_si256();
            c[i] = {at, _mm256_srli_epi64(at, 32), zero, zero};
        }
        rounds(c, key0, key1);
        store(c[0], w + 32 * half);
        store(c[1], w + 32 * half + 16);
    }
}

void wide_word_tile_avx2(Philox from, std::uint64_t block, std::uint32_t* w) {
    for (int t = 0; t < wide_tile_blocks / tile_blocks; ++t)
        word_tile_avx2(from, block + static_cast<std::uint64_t>(t * tile_blocks), w + t * tile_words);
}

}  // namespace vitrine::kernels

#endif

// Philox for eight blocks in one register a counter word: 64-bit lanes whose lower halves count.
// The product instruction reads nothing else, so that the upper halves may hold what they like
// until the end. Compilers find the slower 64-bit product here instead (0.7 against 0.3 ns a word).
#if defined(__x86_64__)

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wuninitialized"  // g++ 12 says so of its own header (its bug 105593)
#include <immintrin.h>
#pragma GCC diagnostic pop

#include "random_tile.h"

namespace vitrine::kernels {
namespace {

struct Counters {
    __m512i c0, c1, c2, c3;
};

__m512i word_of_key(std::uint32_t key) { return _mm512_set1_epi64(static_cast<std::int64_t>(key)); }

/// The ten rounds of `count` registers a counter word side by side: their products take turns. A round is some 7 cycles
/// long and 6 operations a register: six of them keep the processor busy and still fit into its 32 registers.
template <int count>
void rounds(Counters* c, std::uint32_t key0, std::uint32_t key1) {
    const __m512i m0 = word_of_key(0xD2511F53u), m1 = word_of_key(0xCD9E8D57u);
    constexpr int xor3 = 0x96;
#pragma GCC unroll 10
    for (int round = 0; round < 10; ++round) {
#pragma GCC unroll 6
        for (int i = 0; i < count; ++i) {
            const __m512i p0 = _mm512_mul_epu32(c[i].c0, m0), p1 = _mm512_mul_epu32(c[i].c2, m1);
            c[i].c0 = _mm512_ternarylogic_epi64(_mm512_srli_epi64(p1, 32), c[i].c1, word_of_key(key0), xor3);
            c[i].c1 = p1;
            c[i].c2 = _mm512_ternarylogic_epi64(_mm512_srli_epi64(p0, 32), c[i].c3, word_of_key(key1), xor3);
            c[i].c3 = p0;
        }
        key0 += 0x9E3779B9u;
        key1 += 0xBB67AE85u;
    }
}

/// Words 0 to 3 of block 0, of block 1, and so on.
void store(Counters c, std::uint32_t* w) {
    const __m512i w01 = _mm512_mask_shuffle_epi32(c.c0, 0xAAAA, c.c1, _MM_PERM_CCAA);
    const __m512i w23 = _mm512_mask_shuffle_epi32(c.c2, 0xAAAA, c.c3, _MM_PERM_CCAA);
    const __m512i first = _mm512_setr_epi64(0, 8, 1, 9, 2, 10, 3, 11);
    const __m512i second = _mm512_setr_epi64(4, 12, 5, 13, 6, 14, 7, 15);
    _mm512_storeu_si512(w, _mm512_permutex2var_epi64(w01, first, w23));
    _mm512_storeu_si512(w + 16, _mm512_permutex2var_epi64(w01, second, w23));
}

/// 8 count blocks.
template <int count>
void words(Philox from, std::uint64_t block, std::uint32_t* w) {
    const auto key0 = static_cast<std::uint32_t>(from.seed), key1 = static_cast<std::uint32_t>(from.seed >> 32);
    const __m512i number = _mm512_add_epi64(_mm512_set1_epi64(static_cast<std::int64_t>(from.offset + block)),
                                            _mm512_setr_epi64(0, 1, 2, 3, 4, 5, 6, 7));
    Counters c[count];
#pragma GCC unroll 6
    for (int i = 0; i < count; ++i) {
        const __m512i at = _mm512_add_epi64(number, _mm512_set1_epi64(8 * i)), zero = _mm512_setzero_si512();
        c[i] = {at, _mm512_srli_epi64(at, 32), zero, zero};
    }
    rounds<count>(c, key0, key1);
#pragma GCC unroll 6
    for (int i = 0; i < count; ++i) store(c[i], w + 32 * i);
}

}  // namespace

void word_tile_avx512(Philox from, std::uint64_t block, std::uint32_t* w) { words<2>(from, block, w); }
void wide_word_tile_avx512(Philox from, std::uint64_t block, std::uint32_t* w) { words<6>(from, block, w); }

}  // namespace vitrine::kernels

#endif

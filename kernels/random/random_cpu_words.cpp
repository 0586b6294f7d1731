#include "random_tile.h"
#include "vitrine/kernels/base/isa.h"

namespace vitrine::kernels {
namespace {

#if defined(__x86_64__)
WordTile choose(WordTile portable, WordTile avx2, WordTile avx512) {
    if (isa() == Isa::avx512) return avx512;
    return isa() == Isa::avx2 ? avx2 : portable;
}
#endif

}  // namespace

WordTile word_tile() {
#if defined(__x86_64__)
    static const WordTile chosen = choose(word_tile_portable, word_tile_avx2, word_tile_avx512);
#else
    static const WordTile chosen = word_tile_portable;
#endif
    return chosen;
}

WordTile wide_word_tile() {
#if defined(__x86_64__)
    static const WordTile chosen = choose(wide_word_tile_portable, wide_word_tile_avx2, wide_word_tile_avx512);
#else
    static const WordTile chosen = wide_word_tile_portable;
#endif
    return chosen;
}

void word_tile_portable(Philox from, std::uint64_t block, std::uint32_t* w) {
    for (int l = 0; l < tile_blocks; ++l) {
        const PhiloxWords words = philox_block(from, block + static_cast<std::uint64_t>(l));
        w[4 * l + 0] = words.w0;
        w[4 * l + 1] = words.w1;
        w[4 * l + 2] = words.w2;
        w[4 * l + 3] = words.w3;
    }
}

void wide_word_tile_portable(Philox from, std::uint64_t block, std::uint32_t* w) {
    for (int t = 0; t < wide_tile_blocks / tile_blocks; ++t)
        word_tile_portable(from, block + static_cast<std::uint64_t>(t * tile_blocks), w + t * tile_words);
}

}  // namespace vitrine::kernels

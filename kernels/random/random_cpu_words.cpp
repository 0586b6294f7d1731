#include "random_tile.h"
#include "vitrine/kernels/base/isa.h"

namespace vitrine::kernels {
namespace {

WordTile choose_word_tile() {
#if defined(__x86_64__)
    if (isa() == Isa::avx512) return word_tile_avx512;
    if (isa() == Isa::avx2) return word_tile_avx2;
#endif
    return word_tile_portable;
}

}  // namespace

WordTile word_tile() {
    static const WordTile chosen = choose_word_tile();
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

}  // namespace vitrine::kernels

// How CPU kernels make words: 16 blocks of Philox at a time, the 64 words in the order of the
// elements.
#pragma once

#include <cstdint>

#include "philox.h"

namespace vitrine::kernels {

constexpr int tile_blocks = 16, tile_words = 4 * tile_blocks;

/// w[4 l + k] = word k of block from.offset + block + l.
using WordTile = void (*)(Philox from, std::uint64_t block, std::uint32_t* w);

/// The fastest of the three below that this CPU has. Chosen once, by feature bits.
WordTile word_tile();

void word_tile_portable(Philox from, std::uint64_t block, std::uint32_t* w);
void word_tile_avx2(Philox from, std::uint64_t block, std::uint32_t* w);
void word_tile_avx512(Philox from, std::uint64_t block, std::uint32_t* w);

/// Three tiles, one after the other in w: a round waits for the one before it, and meanwhile other blocks have theirs.
constexpr int wide_tile_blocks = 3 * tile_blocks, wide_tile_words = 3 * tile_words;
WordTile wide_word_tile();

void wide_word_tile_portable(Philox from, std::uint64_t block, std::uint32_t* w);
void wide_word_tile_avx2(Philox from, std::uint64_t block, std::uint32_t* w);
void wide_word_tile_avx512(Philox from, std::uint64_t block, std::uint32_t* w);

}  // namespace vitrine::kernels

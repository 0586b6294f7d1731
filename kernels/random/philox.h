// Philox4x32-10: the one source of random numbers, the same on every device.
//
// J. K. Salmon, M. A. Moraes, R. O. Dror, D. E. Shaw, "Parallel random numbers: as easy as 1, 2,
// 3", Supercomputing 2011. A counter-based generator: it keeps no state. A counter of four 32-bit
// words and a key of two give four random words; the next four come from the next counter. Whoever
// wants the millionth number computes it without the ones before, so that threads share the work as
// they like and the result does not depend on how.
//
// Here the key is the seed and the counter holds the number of the block (four words) in its lower
// half:
//
//     counter  = (block mod 2^32, block / 2^32, 0, 0),   key = (seed mod 2^32, seed / 2^32)
//
// which is what cuRAND's curandStatePhilox4_32_10_t does for subsequence 0: block b holds the words
// that curand4() gives after curand_init(seed, 0, 4 b, &state).
#pragma once

#include <cstdint>

#include "vitrine/kernels/base/hd.h"

namespace vitrine::kernels {

/// Where the numbers of one call start: element 0 takes the first word of block `offset` of `seed`.
struct Philox {
    std::uint64_t seed = 0, offset = 0;
};

/// Four words: a counter, or what a counter gives.
struct PhiloxWords {
    std::uint32_t w0, w1, w2, w3;
};

/// One of the ten rounds: two products of 32 by 32 bits, whose upper halves meet the other words
/// and the key.
VITRINE_HD inline PhiloxWords philox_round(PhiloxWords c, std::uint32_t key0, std::uint32_t key1) {
    const std::uint64_t p0 = std::uint64_t{0xD2511F53u} * c.w0;
    const std::uint64_t p1 = std::uint64_t{0xCD9E8D57u} * c.w2;
    return {static_cast<std::uint32_t>(p1 >> 32) ^ c.w1 ^ key0, static_cast<std::uint32_t>(p1),
            static_cast<std::uint32_t>(p0 >> 32) ^ c.w3 ^ key1, static_cast<std::uint32_t>(p0)};
}

/// The four words of `counter` under the key (key0, key1).
VITRINE_HD inline PhiloxWords philox4x32_10(PhiloxWords counter, std::uint32_t key0, std::uint32_t key1) {
    for (int round = 0; round < 10; ++round) {
        counter = philox_round(counter, key0, key1);
        key0 += 0x9E3779B9u;  // the golden ratio
        key1 += 0xBB67AE85u;  // the square root of 3, less 1
    }
    return counter;
}

/// Block number `block`, counted from `from.offset`.
VITRINE_HD inline PhiloxWords philox_block(Philox from, std::uint64_t block) {
    const std::uint64_t at = from.offset + block;
    return philox4x32_10({static_cast<std::uint32_t>(at), static_cast<std::uint32_t>(at >> 32), 0, 0},
                         static_cast<std::uint32_t>(from.seed), static_cast<std::uint32_t>(from.seed >> 32));
}

}  // namespace vitrine::kernels

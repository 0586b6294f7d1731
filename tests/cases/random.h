// References of the random numbers, written from the paper and from the table in kernels/random/random.h.
#pragma once

#include <array>
#include <cmath>
#include <cstdint>

#include "vitrine/kernels/random/philox.h"

namespace vitrine::testing {

/// Philox4x32-10 as Salmon et al. write it: ten rounds of (L, R) -> (mulhi(R) ^ k ^ L, mullo(R)) on two pairs.
inline std::array<std::uint32_t, 4> philox_reference(std::array<std::uint32_t, 4> c, std::array<std::uint32_t, 2> k) {
    for (int round = 0; round < 10; ++round) {
        const std::uint64_t a = 0xD2511F53ull * c[0], b = 0xCD9E8D57ull * c[2];
        c = {static_cast<std::uint32_t>((b >> 32) ^ c[1] ^ k[0]), static_cast<std::uint32_t>(b & 0xffffffffu),
             static_cast<std::uint32_t>((a >> 32) ^ c[3] ^ k[1]), static_cast<std::uint32_t>(a & 0xffffffffu)};
        k = {static_cast<std::uint32_t>(k[0] + 0x9E3779B9ull), static_cast<std::uint32_t>(k[1] + 0xBB67AE85ull)};
    }
    return c;
}

/// Word number i after the start.
inline std::uint32_t word_reference(kernels::Philox from, std::int64_t i) {
    const std::uint64_t block = from.offset + static_cast<std::uint64_t>(i / 4);
    const auto words =
        philox_reference({static_cast<std::uint32_t>(block), static_cast<std::uint32_t>(block >> 32), 0, 0},
                         {static_cast<std::uint32_t>(from.seed), static_cast<std::uint32_t>(from.seed >> 32)});
    return words[static_cast<std::size_t>(i % 4)];
}

/// Element i of a uniform draw from [0, 1): the upper 24 bits of a word, or 53 of two.
inline double unit_reference(kernels::Philox from, std::int64_t i, bool f64) {
    if (!f64) return static_cast<double>(word_reference(from, i) >> 8) / 16777216.0;
    const std::uint64_t low = word_reference(from, 2 * i) >> 6, high = word_reference(from, 2 * i + 1) >> 5;
    return static_cast<double>(high << 26 | low) / 9007199254740992.0;
}

/// Element i of a normal draw, by Box and Muller in long double.
inline double normal_reference(kernels::Philox from, std::int64_t i, bool f64) {
    const std::int64_t pair = i / 2 * 2;
    long double a = 0, b = 0;
    if (f64) {
        a = static_cast<long double>(unit_reference(from, pair, true)) + 1 / 9007199254740992.0L;
        b = static_cast<long double>(unit_reference(from, pair + 1, true));
    } else {
        a = (static_cast<long double>(word_reference(from, pair)) + 1) / 4294967296.0L;
        b = static_cast<long double>(word_reference(from, pair + 1)) / 4294967296.0L;
    }
    const long double r = std::sqrt(-2 * std::log(a)), angle = 6.283185307179586476925286766559L * b;
    return static_cast<double>(r * (i % 2 == 0 ? std::cos(angle) : std::sin(angle)));
}

/// Sizes around tiles (64 words), blocks (4) and threads; 0, 1, primes.
inline constexpr std::int64_t random_sizes[] = {0, 1, 2, 3, 4, 5, 7, 31, 32, 33, 63, 64, 65, 129, 1021, 1025};

/// Starts that cross a carry into the upper half of the block number, and the end of it.
inline constexpr kernels::Philox random_starts[] = {
    {0, 0}, {42, 7}, {0x123456789abcdef0u, 0xfffffff8u}, {~0ull, ~0ull - 3}};

}  // namespace vitrine::testing

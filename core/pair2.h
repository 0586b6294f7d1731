// Two sizes of an image: along its height and along its width.
#pragma once

#include <concepts>
#include <cstdint>

namespace vitrine {

/// A setting along the height and along the width: `{.stride = 2}` means both, `{.stride = {2, 1}}` each.
struct Pair2 {
    std::int64_t h = 0, w = 0;

    constexpr Pair2() = default;
    template <std::integral Number>
    constexpr Pair2(Number both)  // NOLINT: implicit, a number means both
        : h(static_cast<std::int64_t>(both)), w(static_cast<std::int64_t>(both)) {}
    constexpr Pair2(std::int64_t along_height, std::int64_t along_width) : h(along_height), w(along_width) {}

    friend constexpr bool operator==(const Pair2&, const Pair2&) = default;
};

}  // namespace vitrine

// How the drivers share out a workspace: something for all threads, then one piece for each.
#pragma once

#include <algorithm>
#include <cstdint>

#include "conv.h"

namespace vitrine::kernels {

inline std::int64_t divided_up(std::int64_t n, std::int64_t by) { return (n + by - 1) / by; }

/// Bytes of `elements` of `size` bytes, up to the end of a cache line.
inline std::size_t whole_lines(std::int64_t elements, std::size_t size) {
    return (static_cast<std::size_t>(elements) * size + 63) / 64 * 64;
}

/// `planned`, or fewer where the number of threads has grown since the workspace was asked for.
inline int parts_with_space(int planned, ConvWorkspace ws, std::size_t shared_bytes, std::size_t part_bytes) {
    return static_cast<int>(
        std::min<std::size_t>(static_cast<std::size_t>(planned), (ws.bytes - shared_bytes) / part_bytes));
}

}  // namespace vitrine::kernels

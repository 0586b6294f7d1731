// The text of what the checker found. Part of the checker.
#pragma once

#include <string>

#include "record.h"

namespace vitrine::kernels::simt::check {

/// The launch under way.
struct Launch {
    std::string signature;
    std::uint32_t grid_x = 1, grid_y = 1;
    std::uint32_t block_x = 1, block_y = 1;
};

/// `now` races with `before`, an access of another thread. `address` and `bytes` say what `now`
/// touches.
std::string race_text(const Launch& launch, const Record& before, const Record& now,
                      const void* address, std::size_t bytes);

/// "kernel softmax_forward, block (0,0,0): ", the block of `record`.
std::string head_text(const Launch& launch, const Record& record);
/// "flag[0] (4 bytes)".
std::string memory_text(const void* address, std::size_t bytes);

/// The line that VITRINE_SIMT_SAME_VALUE asks for.
std::string same_value_text(const Launch& launch, const Record& first, const Record& second,
                            const void* address);

/// `now` reads what nobody wrote.
std::string unwritten_text(const Launch& launch, const Record& now, const void* address,
                           std::size_t bytes);

}  // namespace vitrine::kernels::simt::check

// Where the memory of cuda and simt comes from. Private to their allocator.
#pragma once

#include <cstddef>

#include "device.h"

namespace vitrine {

/// A block of exactly `bytes` from the system, or nullptr.
void* system_allocate(Device device, std::size_t bytes);
void system_release(Device device, void* block, std::size_t bytes);
/// What happens to a block before it is handed out: on simt it becomes 0xFF bytes, as device memory holds anything.
void prepare_reused(Device device, void* block, std::size_t bytes);

}  // namespace vitrine

// Memory of tensors: one caching allocator for each device.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <mutex>
#include <vector>

#include "device.h"

namespace vitrine {

/// What an allocator has done so far.
struct MemoryStats {
    std::size_t in_use = 0;         ///< bytes of live blocks
    std::size_t high_water = 0;     ///< the most that in_use ever was
    std::size_t cached = 0;         ///< bytes of free blocks kept for the next request
    std::uint64_t requests = 0;     ///< blocks asked for
    std::uint64_t system_calls = 0; ///< blocks that came from the system; a steady training step adds none
};

/// Keeps freed blocks by size class and hands them out again. Blocks are 64-byte aligned; on the cpu, large
/// ones stand on 2 MB pages. On simt every block starts as 0xFF bytes. On cuda a block goes back to the
/// stream that used it. Thread-safe.
class Allocator {
public:
    /// The allocator of a device; throws Error when the device is not available.
    static Allocator& of(Device device);

    /// Throws OutOfMemory when neither the cache nor the system has the block. 0 bytes give nullptr.
    void* allocate(std::size_t bytes);
    /// `bytes` as given to allocate().
    void release(void* block, std::size_t bytes) noexcept;

    MemoryStats stats() const;
    /// Gives every cached block back to the system.
    void empty_cache();

private:
    explicit Allocator(Device device) : device_(device) {}
    void* from_cache(std::size_t size);
    void* from_system(std::size_t size);
    std::vector<void*>& free_blocks(std::size_t size);
    void count_in_use(std::size_t size);

    Device device_;
    mutable std::mutex mutex_;
    std::map<std::size_t, std::vector<void*>> large_;  // free blocks by size, above the small classes
    std::vector<std::vector<void*>> small_ = std::vector<std::vector<void*>>(65);  // multiples of 64 bytes
    MemoryStats stats_;
};

/// Statistics of a device's allocator.
MemoryStats memory_stats(Device device);

}  // namespace vitrine

// Memory of tensors: one caching allocator for each device.
#pragma once

#include <cstddef>
#include <cstdint>

#include "device.h"

namespace vitrine {

/// What an allocator has done so far. On the cpu, blocks of up to 4 KiB pass through a cache of each thread, and high_water
/// hears of them when that cache is filled or emptied: it may be up to 512 KiB a thread too low.
struct MemoryStats {
    std::size_t in_use = 0;         ///< bytes of live blocks
    std::size_t high_water = 0;     ///< the most that in_use ever was
    std::size_t held = 0;           ///< bytes taken from the system and not given back, in use or not
    std::size_t held_high_water = 0;  ///< the most that held ever was
    std::size_t cached = 0;         ///< held and not in use: kept for the next request
    std::uint64_t requests = 0;     ///< blocks asked for
    std::uint64_t system_calls = 0; ///< how often memory came from the system; a steady training step adds none
};

/// Hands out blocks aligned to 64 bytes and keeps freed ones for the next request; nothing goes back to the system but by
/// empty_cache(). Thread-safe: any thread may free a block.
///
/// On the cpu large blocks are cut from regions on huge pages (core/arena.h), small ones come from free lists of each
/// thread. On cuda and simt freed blocks are kept by size class; on simt every block starts as 0xFF bytes, on cuda a
/// block goes back to the stream that used it.
class Allocator {
public:
    /// The allocator of a device; throws Error when the device is not available.
    static Allocator& of(Device device);

    /// Throws OutOfMemory when neither the cache nor the system has the block. 0 bytes give nullptr.
    virtual void* allocate(std::size_t bytes) = 0;
    /// `bytes` as given to allocate().
    virtual void release(void* block, std::size_t bytes) noexcept = 0;

    virtual MemoryStats stats() const = 0;
    /// Gives free memory back to the system: on the cpu every huge page in which nothing lives.
    virtual void empty_cache() = 0;

protected:
    ~Allocator() = default;
};

/// Statistics of a device's allocator.
MemoryStats memory_stats(Device device);

}  // namespace vitrine

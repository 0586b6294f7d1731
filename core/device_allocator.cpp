#include "device_allocator.h"

#include <algorithm>
#include <bit>

#include "profiling.h"
#include "system_memory.h"
#include "vitrine/kernels/base/error.h"

namespace vitrine {
namespace {

constexpr std::size_t line = 64, small_limit = 64 * line;

// Multiples of 64 bytes to 4 KiB, then eight steps for each power of two: at most 1/8 is wasted.
std::size_t class_size(std::size_t bytes) {
    if (bytes <= small_limit) return (bytes + line - 1) / line * line;
    const std::size_t step = std::bit_floor(bytes - 1) / 8;
    return (bytes + step - 1) / step * step;
}

}  // namespace

void* DeviceAllocator::allocate(std::size_t bytes) {
    if (bytes == 0) return nullptr;
    VITRINE_CHECK(bytes <= SIZE_MAX / 4, "memory: ", bytes, " bytes cannot be had on ", device_);
    const std::size_t size = class_size(bytes);
    void* block = from_cache(size);
    if (!block) block = from_system(size);
    prepare_reused(device_, block, size);
    return block;
}

std::vector<void*>& DeviceAllocator::free_blocks(std::size_t size) { return size <= small_limit ? small_[size / line] : large_[size]; }

void DeviceAllocator::count_in_use(std::size_t size) {
    stats_.in_use += size;
    stats_.high_water = std::max(stats_.high_water, stats_.in_use);
    if (profiling()) [[unlikely]]
        profile_memory(stats_.in_use);
}

void* DeviceAllocator::from_cache(std::size_t size) {
    const std::lock_guard lock(mutex_);
    ++stats_.requests;
    auto& blocks = free_blocks(size);
    if (blocks.empty()) return nullptr;
    void* block = blocks.back();
    blocks.pop_back();
    stats_.cached -= size;
    count_in_use(size);
    return block;
}

void* DeviceAllocator::from_system(std::size_t size) {
    void* block = system_allocate(device_, size);
    if (!block) {
        empty_cache();
        block = system_allocate(device_, size);
    }
    const std::lock_guard lock(mutex_);
    if (!block)
        throw OutOfMemory(join("out of memory on ", device_, ": ", size, " bytes asked for, ", stats_.in_use, " in use"));
    ++stats_.system_calls;
    count_in_use(size);
    stats_.held_high_water = std::max(stats_.held_high_water, stats_.in_use + stats_.cached);
    return block;
}

void DeviceAllocator::release(void* block, std::size_t bytes) noexcept {
    if (!block) return;
    const std::size_t size = class_size(bytes);
    const std::lock_guard lock(mutex_);
    free_blocks(size).push_back(block);
    stats_.in_use -= size;
    stats_.cached += size;
}

MemoryStats DeviceAllocator::stats() const {
    const std::lock_guard lock(mutex_);
    MemoryStats stats = stats_;
    stats.held = stats.in_use + stats.cached;
    return stats;
}

void DeviceAllocator::empty_cache() {
    const std::lock_guard lock(mutex_);
    for (std::size_t i = 0; i < small_.size(); ++i) {
        for (void* block : small_[i]) system_release(device_, block, i * line);
        small_[i].clear();
    }
    for (auto& [size, blocks] : large_)
        for (void* block : blocks) system_release(device_, block, size);
    large_.clear();
    stats_.cached = 0;
}

}  // namespace vitrine

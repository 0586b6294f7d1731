// Blocks of memory that the host cannot look into. Private to the allocator.
#pragma once

#include <map>
#include <mutex>
#include <vector>

#include "allocator.h"

namespace vitrine {

/// The allocator of cuda and of simt: keeps freed blocks by size class.
class DeviceAllocator final : public Allocator {
public:
    explicit DeviceAllocator(Device device) : device_(device) {}

    void* allocate(std::size_t bytes) override;
    void release(void* block, std::size_t bytes) noexcept override;
    MemoryStats stats() const override;
    void empty_cache() override;

private:
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

}  // namespace vitrine

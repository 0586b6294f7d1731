// The host's memory. Private to the allocator.
#pragma once

#include <array>
#include <atomic>
#include <mutex>
#include <vector>

#include "allocator.h"
#include "arena.h"

namespace vitrine {

/// Blocks above 4 KiB come straight from the arena, under a lock. Smaller ones come from the calling thread's own free
/// blocks, without one; those are filled from, and what is too much goes to, free lists of all threads.
class CpuAllocator final : public Allocator {
public:
    void* allocate(std::size_t bytes) override;
    void release(void* block, std::size_t bytes) noexcept override;
    MemoryStats stats() const override;
    void empty_cache() override;

private:
    static constexpr std::size_t line = 64, classes = 64, small_limit = classes * line, most_kept = 32;

    struct Stack {
        std::size_t count = 0;
        std::array<void*, most_kept> blocks{};
    };
    /// A thread's own free blocks, and what it has done since it last told the allocator.
    struct Own {
        std::array<Stack, classes> stacks;
        std::atomic<std::int64_t> in_use{0};  // written by its thread alone
        std::atomic<std::uint64_t> requests{0};
        void count(std::int64_t bytes) { in_use.store(in_use.load(std::memory_order_relaxed) + bytes, std::memory_order_relaxed); }
    };
    struct EndOfThread;

    static std::size_t up_to_line(std::size_t bytes) { return (bytes + line - 1) / line * line; }
    static std::size_t most(std::size_t size);
    Own* own();
    void* large(std::size_t size);
    void* from_arena(std::size_t size);
    void refill(Own& own, Stack& stack, std::size_t size);
    void spill(Own& own, Stack& stack, std::size_t size) noexcept;
    void* shared_block(std::size_t size);
    void settle(Own& own);
    void count_high_water();
    void end(Own* own) noexcept;

    static thread_local constinit Own* own_;
    static thread_local constinit bool ended_;
    mutable std::mutex mutex_;
    Arena arena_;
    std::array<std::vector<void*>, classes> shared_;  // free blocks of line, 2 line, ... bytes
    std::vector<Own*> threads_;
    std::int64_t in_use_ = 0;
    mutable std::size_t high_water_ = 0;  // stats() may be the first to see it
    std::size_t held_high_water_ = 0;
    std::uint64_t requests_ = 0;
};

}  // namespace vitrine

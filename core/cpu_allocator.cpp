#include "cpu_allocator.h"

#include <algorithm>
#include <memory>

#include "poison.h"
#include "profiling.h"
#include "vitrine/kernels/base/error.h"

namespace vitrine {

thread_local constinit CpuAllocator::Own* CpuAllocator::own_ = nullptr;
thread_local constinit bool CpuAllocator::ended_ = false;

// Gives a thread's blocks to the others when it ends.
struct CpuAllocator::EndOfThread {
    CpuAllocator* allocator = nullptr;
    ~EndOfThread() {
        if (allocator) allocator->end(own_);
        ended_ = true;
        own_ = nullptr;
    }
};

// How many free blocks a thread keeps of a size: 8 KiB, but 2 to 32 blocks.
std::size_t CpuAllocator::most(std::size_t size) { return std::clamp<std::size_t>(8192 / size, 2, most_kept); }

// nullptr while the thread ends: its tensors of thread_local storage may outlive its lists.
CpuAllocator::Own* CpuAllocator::own() {
    if (own_ || ended_) [[likely]] return own_;
    thread_local EndOfThread end_of_thread;
    auto own = std::make_unique<Own>();
    const std::lock_guard lock(mutex_);
    threads_.push_back(own.get());
    end_of_thread.allocator = this;
    return own_ = own.release();
}

void* CpuAllocator::allocate(std::size_t bytes) {
    if (bytes == 0) return nullptr;
    VITRINE_CHECK(bytes <= SIZE_MAX / 4, "memory: ", bytes, " bytes cannot be had on cpu");
    const std::size_t size = up_to_line(bytes);
    void* block = nullptr;
    Own* const mine = own();
    if (size > small_limit || !mine) {
        block = large(size);
    } else {
        Stack& stack = mine->stacks[size / line - 1];
        if (stack.count == 0) refill(*mine, stack, size);
        block = stack.blocks[--stack.count];
        mine->count(static_cast<std::int64_t>(size));
        mine->requests.store(mine->requests.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
    }
    unpoison(block, bytes);
    return block;
}

void CpuAllocator::release(void* block, std::size_t bytes) noexcept {
    if (!block) return;
    const std::size_t size = up_to_line(bytes);
    Own* const mine = own();
    if (size <= small_limit && mine) {
        poison(block, size);
        Stack& stack = mine->stacks[size / line - 1];
        if (stack.count == most(size)) spill(*mine, stack, size);
        stack.blocks[stack.count++] = block;
        mine->count(-static_cast<std::int64_t>(size));
        return;
    }
    const std::lock_guard lock(mutex_);
    if (size > small_limit) {
        in_use_ -= static_cast<std::int64_t>(Arena::size_of(block));
        arena_.release(block);
    } else {
        poison(block, size);
        in_use_ -= static_cast<std::int64_t>(size);
        shared_[size / line - 1].push_back(block);
    }
}

// ---- under the lock

// A block of the arena, or of the free lists of all threads.
void* CpuAllocator::large(std::size_t size) {
    const std::lock_guard lock(mutex_);
    ++requests_;
    void* block = size > small_limit ? from_arena(size) : shared_block(size);
    in_use_ += static_cast<std::int64_t>(size > small_limit ? Arena::size_of(block) : size);
    if (own_) settle(*own_);
    count_high_water();
    return block;
}

void* CpuAllocator::from_arena(std::size_t size) {
    void* block = arena_.allocate(size);
    if (!block) {
        arena_.give_back();
        block = arena_.allocate(size);
    }
    held_high_water_ = std::max(held_high_water_, arena_.held());
    if (!block) throw OutOfMemory(join("out of memory on cpu: ", size, " bytes asked for, ", in_use_, " in use"));
    return block;
}

// When there is none, a slab of the arena is cut into blocks of the size; it stays so for good.
void* CpuAllocator::shared_block(std::size_t size) {
    constexpr std::size_t slab = 4 * small_limit;
    auto& blocks = shared_[size / line - 1];
    if (blocks.empty()) {
        auto* memory = static_cast<char*>(from_arena(slab));
        for (std::size_t at = slab / size * size; at > 0; at -= size) blocks.push_back(memory + at - size);
    }
    void* block = blocks.back();
    blocks.pop_back();
    return block;
}

void CpuAllocator::refill(Own& own, Stack& stack, std::size_t size) {
    const std::lock_guard lock(mutex_);
    while (stack.count < most(size) / 2) {
        stack.blocks[stack.count] = shared_block(size);
        ++stack.count;
    }
    settle(own);
    count_high_water();
}

void CpuAllocator::spill(Own& own, Stack& stack, std::size_t size) noexcept {
    const std::lock_guard lock(mutex_);
    while (stack.count > most(size) / 2) shared_[size / line - 1].push_back(stack.blocks[--stack.count]);
    settle(own);
    count_high_water();
}

void CpuAllocator::settle(Own& own) {
    in_use_ += own.in_use.exchange(0, std::memory_order_relaxed);
    requests_ += own.requests.exchange(0, std::memory_order_relaxed);
}

void CpuAllocator::count_high_water() {
    const auto in_use = static_cast<std::size_t>(std::max<std::int64_t>(in_use_, 0));
    high_water_ = std::max(high_water_, in_use);
    if (profiling()) [[unlikely]]
        profile_memory(in_use);
}

void CpuAllocator::end(Own* own) noexcept {
    const std::lock_guard lock(mutex_);
    settle(*own);
    for (std::size_t i = 0; i < classes; ++i)
        for (std::size_t k = 0; k < own->stacks[i].count; ++k) shared_[i].push_back(own->stacks[i].blocks[k]);
    std::erase(threads_, own);
    delete own;
}

MemoryStats CpuAllocator::stats() const {
    const std::lock_guard lock(mutex_);
    std::int64_t in_use = in_use_;
    std::uint64_t requests = requests_;
    for (const Own* own : threads_) {
        in_use += own->in_use.load(std::memory_order_relaxed);
        requests += own->requests.load(std::memory_order_relaxed);
    }
    MemoryStats stats;
    stats.in_use = static_cast<std::size_t>(in_use);
    stats.high_water = high_water_ = std::max(high_water_, stats.in_use);
    stats.held = arena_.held();
    stats.held_high_water = std::max(held_high_water_, stats.held);
    stats.cached = stats.held - stats.in_use;
    stats.requests = requests;
    stats.system_calls = arena_.system_calls();
    return stats;
}

void CpuAllocator::empty_cache() {
    const std::lock_guard lock(mutex_);
    arena_.give_back();
}

}  // namespace vitrine

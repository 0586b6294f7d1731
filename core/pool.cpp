#include "pool.h"

#include <array>
#include <utility>
#include <new>

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define VITRINE_POOL 0
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define VITRINE_POOL 0
#endif
#endif
#ifndef VITRINE_POOL
#define VITRINE_POOL 1
#endif

namespace vitrine {
#if VITRINE_POOL
namespace {

constexpr std::size_t granule = 32, largest = 512, classes = largest / granule;
constexpr int most_kept = 4096;  // per class: a thread that only frees does not hoard

struct FreeBlock {
    FreeBlock* next;
};

struct Lists {
    std::array<FreeBlock*, classes> head{};
    std::array<int, classes> length{};
    ~Lists() {
        for (FreeBlock*& block : head)
            while (block) ::operator delete(std::exchange(block, block->next));
        closed = true;
    }
    static thread_local bool closed;  // objects may outlive their thread's lists
};
thread_local bool Lists::closed = false;
thread_local Lists lists;

}  // namespace

void* pool_allocate(std::size_t bytes) {
    const std::size_t index = (bytes - 1) / granule;
    if (bytes > largest || Lists::closed) return ::operator new(bytes > largest ? bytes : (index + 1) * granule);
    if (FreeBlock* block = lists.head[index]) {
        lists.head[index] = block->next;
        --lists.length[index];
        return block;
    }
    return ::operator new((index + 1) * granule);
}

void pool_release(void* memory, std::size_t bytes) noexcept {
    const std::size_t index = (bytes - 1) / granule;
    if (bytes > largest || Lists::closed || lists.length[index] >= most_kept) return ::operator delete(memory);
    auto* block = static_cast<FreeBlock*>(memory);
    block->next = lists.head[index];
    lists.head[index] = block;
    ++lists.length[index];
}

#else

void* pool_allocate(std::size_t bytes) { return ::operator new(bytes); }
void pool_release(void* memory, std::size_t) noexcept { ::operator delete(memory); }

#endif
}  // namespace vitrine

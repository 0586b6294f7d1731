#include <cstdint>
#include <cstring>
#include <doctest/doctest.h>
#include <map>
#include <random>
#include <thread>
#include <vector>

#include "vitrine/core/allocator.h"
#include "vitrine/core/arena.h"
#include "vitrine/core/poison.h"
#include "vitrine/kernels/base/error.h"

using namespace vitrine;

namespace {

struct Block {
    unsigned char* memory;
    std::size_t bytes;
    unsigned char mark;
};

bool intact(const Block& block) {
    for (std::size_t i = 0; i < block.bytes; i += 61)
        if (block.memory[i] != block.mark) return false;
    return block.memory[block.bytes - 1] == block.mark;
}

// Blocks of an allocator, each full of its own byte.
class Marked {
public:
    explicit Marked(Allocator& allocator) : allocator_(allocator) {}
    ~Marked() {
        while (!blocks_.empty()) drop(0);
    }
    void make(std::size_t bytes) {
        auto* memory = static_cast<unsigned char*>(allocator_.allocate(bytes));
        aligned_ = aligned_ && reinterpret_cast<std::uintptr_t>(memory) % 64 == 0;
        const auto mark = static_cast<unsigned char>(blocks_.size() + bytes);
        std::memset(memory, mark, bytes);
        blocks_.push_back({memory, bytes, mark});
    }
    void drop(std::size_t i) {
        intact_ = intact_ && intact(blocks_[i]);
        allocator_.release(blocks_[i].memory, blocks_[i].bytes);
        blocks_[i] = blocks_.back();
        blocks_.pop_back();
    }
    std::size_t count() const { return blocks_.size(); }
    bool good() const { return intact_ && aligned_; }

private:
    Allocator& allocator_;
    std::vector<Block> blocks_;
    bool intact_ = true, aligned_ = true;
};

void churn(Allocator& allocator, unsigned seed, int turns) {
    std::mt19937 random(seed);
    Marked blocks(allocator);
    constexpr std::size_t largest[] = {1, 63, 64, 65, 4095, 4096, 4097, 5000, 70'000, 300'000};
    for (int i = 0; i < turns; ++i) {
        if (blocks.count() > 60 || (blocks.count() > 0 && random() % 2))
            blocks.drop(random() % blocks.count());
        else
            blocks.make(1 + random() % largest[random() % 10]);
    }
    CHECK(blocks.good());
}

}  // namespace

TEST_CASE("core/memory: blocks do not overlap and statistics return to where they were (seed 1)") {
    for (const Device device : available_devices()) {
        if (device != Device::cpu) continue;  // the others' memory is not the host's
        Allocator& allocator = Allocator::of(device);
        const MemoryStats before = allocator.stats();
        churn(allocator, 1, 4000);
        const MemoryStats after = allocator.stats();
        CHECK(after.in_use == before.in_use);
        CHECK(after.requests > before.requests);
        CHECK(after.held >= after.in_use);
        CHECK(after.cached == after.held - after.in_use);
        CHECK(after.held_high_water >= after.held);
        churn(allocator, 1, 4000);  // the same again needs nothing new
        CHECK(allocator.stats().system_calls == after.system_calls);
    }
}

TEST_CASE("core/memory: threads free what others made (seeds 1 to 4)") {
    Allocator& allocator = Allocator::of(Device::cpu);
    const std::size_t before = allocator.stats().in_use;
    for (const std::size_t bytes : {std::size_t{32}, std::size_t{4096}, std::size_t{100'000}}) {
        std::vector<void*> blocks;
        for (int i = 0; i < 500; ++i) blocks.push_back(allocator.allocate(bytes));
        CHECK(allocator.stats().in_use >= before + 500 * bytes);
        std::thread([&] {
            for (void* block : blocks) allocator.release(block, bytes);
        }).join();
        CHECK(allocator.stats().in_use == before);
    }
    std::vector<std::thread> threads;
    for (unsigned seed = 1; seed <= 4; ++seed) threads.emplace_back([&, seed] { churn(allocator, seed, 2000); });
    for (std::thread& thread : threads) thread.join();
    CHECK(allocator.stats().in_use == before);
}

TEST_CASE("core/memory: what is freed becomes one block again") {
    Arena arena;
    constexpr std::size_t mb = std::size_t{1} << 20;
    std::vector<void*> blocks;
    for (int i = 0; i < 31; ++i) blocks.push_back(arena.allocate(mb));
    const std::size_t held = arena.held();
    CHECK(held <= 32 * mb);
    for (std::size_t i = 0; i < blocks.size(); i += 2) arena.release(blocks[i]);  // holes,
    for (std::size_t i = 1; i < blocks.size(); i += 2) arena.release(blocks[i]);  // then what lies between
    const auto calls = arena.system_calls();
    void* all = arena.allocate(31 * mb);
    CHECK(arena.system_calls() == calls);
    CHECK(arena.held() == held);
    CHECK(Arena::size_of(all) >= 31 * mb);
    arena.release(all);

    arena.give_back();
    CHECK(arena.held() <= 4 * mb);
    all = arena.allocate(31 * mb);  // and it comes back
    unpoison(all, 31 * mb);
    std::memset(all, 1, 31 * mb);
    CHECK(arena.held() == held);
    CHECK(arena.system_calls() == calls + 1);
    arena.release(all);
}

TEST_CASE("core/memory: the smallest free block that fits is taken") {
    Arena arena;
    void* const large = arena.allocate(64'000);
    void* const wall = arena.allocate(64);
    void* const small = arena.allocate(32'000);
    void* const wall2 = arena.allocate(64);
    arena.release(large);
    arena.release(small);
    CHECK(arena.allocate(31'936) == small);
    CHECK(arena.allocate(40'000) == large);
    arena.release(wall);
    arena.release(wall2);
}

TEST_CASE("core/memory: too much is an OutOfMemory, and the rest goes on") {
    Allocator& allocator = Allocator::of(Device::cpu);
    const MemoryStats before = allocator.stats();
    CHECK_THROWS_AS(allocator.allocate(std::size_t{1} << 60), OutOfMemory);
    CHECK_THROWS_AS(allocator.allocate(SIZE_MAX), Error);
    CHECK(allocator.stats().in_use == before.in_use);
    void* const block = allocator.allocate(10'000);
    CHECK(block);
    allocator.release(block, 10'000);
    CHECK(allocator.allocate(0) == nullptr);
    allocator.release(nullptr, 0);
}

#if VITRINE_ADDRESS_SANITIZER
TEST_CASE("core/memory: AddressSanitizer knows freed blocks, the space between them and a block's end") {
    Allocator& allocator = Allocator::of(Device::cpu);
    for (const std::size_t bytes : {std::size_t{40}, std::size_t{4096}, std::size_t{100'000}}) {
        auto* const block = static_cast<char*>(allocator.allocate(bytes));
        CHECK(!__asan_address_is_poisoned(block));
        CHECK(!__asan_address_is_poisoned(block + bytes - 1));
        if (bytes % 64 != 0 || bytes > 4096) CHECK(__asan_address_is_poisoned(block + bytes));
        allocator.release(block, bytes);
        CHECK(__asan_address_is_poisoned(block));
        CHECK(__asan_address_is_poisoned(block + bytes - 1));
    }
}
#endif

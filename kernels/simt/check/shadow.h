// What the checker knows of each place of memory: whether somebody wrote there, and which accesses
// of this launch may still race with a later one. Part of the checker.
//
// Memory is watched in pages of 4 KiB. A page has cells as wide as its narrowest access so far (1
// to 16 bytes), so that in the end every byte that is accessed on its own has its own history.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <mutex>
#include <vector>

#include "record.h"

namespace vitrine::kernels::simt::check {

/// The accesses to one place that a later one may race with.
struct Cell {
    Record write[2];   // the last one, and one that stored the same value
    Record read[3];    // the last one, one of another thread of its block, one of another block
    Record atomic[2];  // updates and stores: the last one, one of another thread
    Record load;       // atomic
};

enum class State : std::uint8_t { unwatched, unwritten, written };

constexpr std::size_t page_bytes = 4096;

struct Page {
    std::uintptr_t address = 0;
    bool is_shared = false;
    bool in_use = true;  // false: shared memory of an earlier launch
    State state[page_bytes] = {};
    unsigned width_bits = 0;  // of a cell: its width is 1 << width_bits; 4 until the first access
    std::unique_ptr<Cell[]> cells;

    /// The cells of [begin, begin + bytes), which lies in the page: first to last.
    struct Range {
        Cell* first;
        Cell* last;
    };
    Range cells_of(std::size_t begin, std::size_t bytes) {
        const std::size_t rest = (std::size_t(1) << width_bits) - 1;
        if (!cells || ((begin | bytes) & rest)) [[unlikely]]
            narrow(begin | bytes);
        return {&cells[begin >> width_bits], &cells[(begin + bytes - 1) >> width_bits]};
    }

    /// Whether all of [begin, begin + bytes) is in `wanted`.
    bool all(State wanted, std::size_t begin, std::size_t bytes) const {
        if (bytes == 4) return four(begin) == 0x01010101u * static_cast<unsigned>(wanted);
        for (std::size_t i = begin; i < begin + bytes; ++i)
            if (state[i] != wanted) return false;
        return true;
    }

private:
    std::uint32_t four(std::size_t begin) const {
        std::uint32_t bytes;
        std::memcpy(&bytes, state + begin, sizeof bytes);
        return bytes;
    }
    void narrow(std::size_t begin_or_bytes);
};

/// Held by a launch: other threads of the host must not give or take watched memory meanwhile.
extern std::recursive_mutex launch_or_memory;

/// The page of `address`; nullptr when no memory is there that is watched now.
Page* page_at(const void* address);

/// Watches [base, base + bytes) from now on, as memory that nobody wrote to. Shared memory is
/// watched until forget_shared(), other memory until unwatch().
void watch(const void* base, std::size_t bytes, bool is_shared);
void unwatch(const void* base);
void forget_shared();
/// Memory that is not watched is passed over.
void mark_written(const void* base, std::size_t bytes);
/// No access so far may race any more.
void forget_accesses();
/// Whether that would give back more than about a GiB.
bool holds_much();

/// The pages of shared memory of a block that is put aside for others.
using SharedPages = std::vector<std::unique_ptr<Page>>;
SharedPages take_shared();
void put_back_shared(SharedPages pages);

}  // namespace vitrine::kernels::simt::check

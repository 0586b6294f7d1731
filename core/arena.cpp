#include "arena.h"

#include <sys/mman.h>

#include "poison.h"

namespace vitrine {

struct alignas(64) Arena::Header {
    std::size_t size;           // of the block behind the header; 0 at the end of a region
    Header* before;             // the block before, nullptr at the beginning of a region
    Header *next, *previous;    // in the bin, while free
    std::size_t cold;           // bytes of a free block that went back to the system
    bool free;
};

namespace {

constexpr std::size_t header = 64, huge_page = std::size_t{2} << 20;
constexpr std::size_t reserved = std::size_t{64} << 30;  // addresses of a region, not memory
constexpr std::size_t least_rest = 1024;                 // a smaller one is not cut off

std::size_t up_to(std::size_t bytes, std::size_t step) { return (bytes + step - 1) / step * step; }

}  // namespace

// Blocks of 2^k (1 + s/8) to 2^k (1 + (s+1)/8) share a bin.
std::size_t Arena::bin_of(std::size_t size) {
    const auto k = static_cast<std::size_t>(std::bit_width(size)) - 1;  // size >= 64: k >= 6
    return (k - 6) * steps + ((size >> (k - 3)) & (steps - 1));
}

VITRINE_MAY_TOUCH_POISON void Arena::put(Header* block) {
    const std::size_t bin = bin_of(block->size);
    block->free = true;
    block->previous = nullptr;
    block->next = free_[bin];
    if (block->next) block->next->previous = block;
    free_[bin] = block;
    filled_[bin / 64] |= std::uint64_t{1} << bin % 64;
}

VITRINE_MAY_TOUCH_POISON void Arena::take(Header* block) {
    const std::size_t bin = bin_of(block->size);
    block->free = false;
    (block->previous ? block->previous->next : free_[bin]) = block->next;
    if (block->next) block->next->previous = block->previous;
    if (!free_[bin]) filled_[bin / 64] &= ~(std::uint64_t{1} << bin % 64);
}

// The smallest block of the bin that fits; of equal ones the one at the lowest address, so that high ones come free.
VITRINE_MAY_TOUCH_POISON Arena::Header* Arena::smallest_in(std::size_t bin, std::size_t size) const {
    Header* best = nullptr;
    for (Header* block = free_[bin]; block; block = block->next)
        if (block->size >= size && (!best || block->size < best->size || (block->size == best->size && block < best))) best = block;
    return best;
}

Arena::Header* Arena::best_fit(std::size_t size) {
    const std::size_t first = bin_of(size);
    if (Header* block = smallest_in(first, size)) return block;
    for (std::size_t word = (first + 1) / 64; word < filled_.size(); ++word) {
        const std::uint64_t wanted = word == (first + 1) / 64 ? ~std::uint64_t{0} << (first + 1) % 64 : ~std::uint64_t{0};
        if (const std::uint64_t found = filled_[word] & wanted)
            return smallest_in(word * 64 + static_cast<std::size_t>(std::countr_zero(found)), size);
    }
    return nullptr;
}

VITRINE_MAY_TOUCH_POISON void* Arena::allocate(std::size_t size) {
    Header* block = best_fit(size);
    if (!block && grow(size)) block = best_fit(size);
    if (!block) return nullptr;
    take(block);
    if (block->cold > 0) {
        held_ += block->cold;
        ++system_calls_;
        block->cold = 0;
    }
    cut(block, size);
    return reinterpret_cast<char*>(block) + header;
}

// What the block has more than `size` becomes a free block of its own.
VITRINE_MAY_TOUCH_POISON void Arena::cut(Header* block, std::size_t size) {
    if (block->size - size < header + least_rest) return;
    auto* rest = reinterpret_cast<Header*>(reinterpret_cast<char*>(block) + header + size);
    auto* after = reinterpret_cast<Header*>(reinterpret_cast<char*>(block) + header + block->size);
    rest->size = block->size - size - header;
    rest->before = block;
    rest->cold = 0;
    after->before = rest;
    block->size = size;
    put(rest);
}

VITRINE_MAY_TOUCH_POISON void Arena::release(void* block) {
    auto* freed = reinterpret_cast<Header*>(static_cast<char*>(block) - header);
    poison(block, freed->size);
    freed->cold = 0;
    put(join(freed));
}

// One block of `block`, which is in no bin, and its free neighbours.
VITRINE_MAY_TOUCH_POISON Arena::Header* Arena::join(Header* block) {
    auto* after = reinterpret_cast<Header*>(reinterpret_cast<char*>(block) + header + block->size);
    if (after->free) {
        take(after);
        block->size += header + after->size;
        block->cold += after->cold;
    }
    if (Header* before = block->before; before && before->free) {
        take(before);
        before->size += header + block->size;
        before->cold += block->cold;
        block = before;
    }
    after = reinterpret_cast<Header*>(reinterpret_cast<char*>(block) + header + block->size);
    after->before = block;
    return block;
}

VITRINE_MAY_TOUCH_POISON std::size_t Arena::size_of(const void* block) {
    return reinterpret_cast<const Header*>(static_cast<const char*>(block) - header)->size;
}

// Makes room for a block at the end of the newest region, or in a new one when its addresses are used up.
VITRINE_MAY_TOUCH_POISON bool Arena::grow(std::size_t size) {
    const Header* last = end_ ? end_->before : nullptr;
    const std::size_t more = up_to(last && last->free ? size - last->size : size + header, huge_page);
    if (more > static_cast<std::size_t>(limit_ - top_)) return begin_region(up_to(size + 2 * header, huge_page));
    if (mprotect(top_, more, PROT_READ | PROT_WRITE) != 0) return false;
    add(end_, end_->before, more);
    return true;
}

// Reserves addresses, a great many if it can, and makes the first `bytes` memory.
bool Arena::begin_region(std::size_t bytes) {
    void* addresses = MAP_FAILED;
    std::size_t length = bytes > reserved ? bytes : reserved;
    for (;; length = length / 2 > bytes ? length / 2 : bytes) {
        addresses = mmap(nullptr, length + huge_page, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
        if (addresses != MAP_FAILED || length == bytes) break;
    }
    if (addresses == MAP_FAILED) return false;
    char* begin = reinterpret_cast<char*>(up_to(reinterpret_cast<std::size_t>(addresses), huge_page));
    if (mprotect(begin, bytes, PROT_READ | PROT_WRITE) != 0) {
        munmap(addresses, length + huge_page);
        return false;
    }
    madvise(begin, length, MADV_HUGEPAGE);  // a hint: without huge pages it is only slower
    top_ = begin;
    limit_ = begin + length;
    add(reinterpret_cast<Header*>(begin), nullptr, bytes);
    return true;
}

// `bytes` of new memory at the top: a free block, whose header stands at `block`, and the header at the end.
VITRINE_MAY_TOUCH_POISON void Arena::add(Header* block, Header* before, std::size_t bytes) {
    ++system_calls_;
    held_ += bytes;
    top_ += bytes;
    end_ = reinterpret_cast<Header*>(top_ - header);
    end_->size = 0;
    end_->free = false;
    block->size = static_cast<std::size_t>(top_ - reinterpret_cast<char*>(block)) - 2 * header;
    block->before = before;
    block->cold = 0;
    poison(block, block->size + 2 * header);
    put(join(block));
}

VITRINE_MAY_TOUCH_POISON void Arena::give_back() {
    for (Header* block : free_)
        for (; block; block = block->next) {
            const std::size_t data = reinterpret_cast<std::size_t>(block) + header;
            const std::size_t begin = up_to(data, huge_page), end = (data + block->size) / huge_page * huge_page;
            if (end <= begin || end - begin == block->cold) continue;
            madvise(reinterpret_cast<void*>(begin), end - begin, MADV_DONTNEED);
            held_ -= end - begin - block->cold;
            block->cold = end - begin;
        }
}

}  // namespace vitrine

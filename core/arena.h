// Memory that blocks are carved from. Private to the cpu's allocator.
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>

namespace vitrine {

/// Blocks of any size, cut from regions of memory that grow at their end, 2 MB and more at a time, on huge pages where
/// the system has them. The smallest free block that fits is taken and what it has too much is cut off; a freed block
/// joins its free neighbours. Nothing goes back to the system but by give_back(). Not thread-safe.
///
///     region  | header | block | header | block | ... | header of size 0 |  reserved, not yet memory
///
/// A header is the 64 bytes before its block, so blocks stand on multiples of 64 bytes and blocks of one power of two
/// do not all begin at the same place of a page. Under AddressSanitizer headers and free blocks are poisoned.
class Arena {
public:
    /// `size`, a multiple of 64 and not 0. nullptr when the system has no memory left.
    void* allocate(std::size_t size);
    void release(void* block);
    /// What the block holds: at least the size asked for.
    static std::size_t size_of(const void* block);

    /// Gives the system the huge pages that lie in free blocks.
    void give_back();

    std::size_t held() const { return held_; }                      ///< bytes that the system has given
    std::uint64_t system_calls() const { return system_calls_; }    ///< how often it was asked for more

private:
    struct Header;
    static constexpr std::size_t steps = 8, sizes = 64, bins = steps * sizes;  // eight bins for each power of two

    static std::size_t bin_of(std::size_t size);
    Header* best_fit(std::size_t size);
    Header* smallest_in(std::size_t bin, std::size_t size) const;
    void put(Header* block);
    void take(Header* block);
    Header* join(Header* block);
    void cut(Header* block, std::size_t size);
    bool grow(std::size_t size);
    bool begin_region(std::size_t bytes);
    void add(Header* block, Header* before, std::size_t bytes);

    std::array<Header*, bins> free_{};
    std::array<std::uint64_t, bins / 64> filled_{};  // a bit for each bin that is not empty
    // Of the newest region: the header of size 0, where memory ends, where the reserved addresses end.
    Header* end_ = nullptr;
    char *top_ = nullptr, *limit_ = nullptr;
    std::size_t held_ = 0;
    std::uint64_t system_calls_ = 0;
};

}  // namespace vitrine

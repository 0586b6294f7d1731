#include "arena.h"

#include <atomic>
#include <cerrno>
#include <memory>
#include <mutex>
#include <vector>

#include <sys/mman.h>
#include <unistd.h>

#include "vitrine/kernels/base/error.h"

namespace vitrine::kernels::simt {

namespace {

// Linux gives a program these addresses only when it asks for them.
constexpr std::uintptr_t arena_begin = std::uintptr_t(0x1000) << 32;
constexpr std::uintptr_t arena_end = std::uintptr_t(0x5000) << 32;
// More than a GiB, so that no window of a GiB has to do with two allocations; and no round number,
// so that an index that is wrong by a power of two does not hit the beginning of another.
constexpr std::uintptr_t gap = (std::uintptr_t(1) << 30) + 0x713000;
constexpr std::uintptr_t window_bytes = std::uintptr_t(1) << 30;
constexpr std::uintptr_t near_bytes = std::uintptr_t(256) << 20;

std::uintptr_t address_of(const void* p) { return reinterpret_cast<std::uintptr_t>(p); }

class Arena {
public:
    void* allocate(std::size_t bytes) {
        static const auto page = static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
        if (bytes > arena_end - arena_begin - gap) return nullptr;
        const std::size_t rounded = (bytes + page - 1) / page * page;
        const std::lock_guard lock(mutex_);
        void* memory = map(rounded);
        if (memory) note(static_cast<char*>(memory), bytes);
        return memory;
    }

    void release(void* memory) {
        const std::lock_guard lock(mutex_);
        Array* const array = window(address_of(memory)).load(std::memory_order_relaxed);
        if (!array || array->base != memory || !array->alive)
            throw Error("simt: memory is released that is no live allocation");
        array->alive = false;
        munmap(memory, array->bytes);
    }

    std::atomic<Array*>& window(std::uintptr_t address) {
        return windows_[(address - arena_begin) / window_bytes];
    }

private:
    // Goes on behind the last allocation; at the end of the arena from its beginning again.
    void* map(std::size_t bytes) {
        for (int round = 0; round < 2;) {
            if (next_ + bytes + gap > arena_end) {
                next_ = arena_begin + window_bytes;
                ++round;
            }
            void* const wanted = reinterpret_cast<void*>(next_);
            if (!is_taken(next_, bytes)) {
                void* const got =
                    mmap(wanted, bytes, PROT_READ | PROT_WRITE,
                         MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED_NOREPLACE, -1, 0);
                if (got == wanted) return got;
                if (got != MAP_FAILED) munmap(got, bytes);  // an old kernel that takes it as a hint
                if (errno != EEXIST && got == MAP_FAILED) return nullptr;
            }
            next_ += gap;
        }
        return nullptr;
    }

    // Whether a live allocation has to do with the windows of these addresses.
    bool is_taken(std::uintptr_t first, std::size_t bytes) {
        for (auto at = first - near_bytes; at < first + bytes + window_bytes; at += window_bytes)
            if (const Array* old = window(at).load(std::memory_order_relaxed); old && old->alive)
                return true;
        return false;
    }

    void note(char* memory, std::size_t bytes) {
        auto array = std::make_unique<Array>();
        array->base = memory;
        array->bytes = bytes;
        array->number = ++count_;
        const std::uintptr_t first = address_of(memory);
        for (auto at = first / window_bytes; at <= (first + bytes - 1) / window_bytes; ++at)
            window(at * window_bytes).store(array.get(), std::memory_order_release);
        arrays_.push_back(std::move(array));
        next_ = (first + bytes + gap + 0xfff) & ~std::uintptr_t(0xfff);
    }

    std::mutex mutex_;
    std::atomic<Array*> windows_[(arena_end - arena_begin) / window_bytes] = {};
    std::uintptr_t next_ = arena_begin + window_bytes;
    std::vector<std::unique_ptr<Array>> arrays_;
    std::uint32_t count_ = 0;
};

// Never destroyed: a tensor in a static variable may outlive every other static.
Arena& arena() {
    static Arena& all = *new Arena;
    return all;
}

std::uintptr_t distance(const Array& array, std::uintptr_t address) {
    const std::uintptr_t first = address_of(array.base), end = first + array.bytes;
    if (address < first) return first - address;
    return address < end ? 0 : address - end;
}

}  // namespace

void* allocate_array(std::size_t bytes) { return arena().allocate(bytes); }

void release_array(void* memory) { arena().release(memory); }

bool is_arena(const void* address) {
    return address_of(address) >= arena_begin && address_of(address) < arena_end;
}

const Array* allocation_at(const void* address) {
    const Array* array = arena().window(address_of(address)).load(std::memory_order_acquire);
    return array && array->holds(address) ? array : nullptr;
}

const Array* nearest_allocation(const void* address) {
    const std::uintptr_t at = address_of(address);
    const Array* nearest = nullptr;
    for (const std::uintptr_t probe : {at - near_bytes, at, at + near_bytes}) {
        if (!is_arena(reinterpret_cast<const void*>(probe))) continue;
        const Array* array = arena().window(probe).load(std::memory_order_acquire);
        if (array && distance(*array, at) <= near_bytes &&
            (!nearest || distance(*array, at) < distance(*nearest, at)))
            nearest = array;
    }
    return nearest;
}

void check_host_access(const void* address, std::size_t bytes, const char* operation) {
    if (bytes == 0 || !is_arena(address)) return;
    const Array* array = allocation_at(address);
    if (!array) array = nearest_allocation(address);
    if (!array) throw Error(join("simt: ", operation, ": ", address, " is in no allocation"));
    if (!array->alive)
        throw Error(join("simt: ", operation, ": the device memory was released before"));
    const auto offset = static_cast<const char*>(address) - array->base;
    if (offset < 0 || offset + bytes > array->bytes)
        throw Error(join("simt: ", operation, ": bytes ", offset, " to ",
                         offset + static_cast<std::ptrdiff_t>(bytes) - 1,
                         " of an allocation of ", array->bytes));
}

}  // namespace vitrine::kernels::simt

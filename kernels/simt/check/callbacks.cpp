// What the compiler calls in a file that is compiled with -fsanitize=thread: a function for each
// size and kind of access, by g++ and by clang. The return address is the place of the access.
#include <cstddef>
#include <cstring>

#include "vitrine/kernels/simt/watchdog.h"

#include "events.h"
#include "races.h"
#include "shadow.h"
#include "volatile_loops.h"

namespace vitrine::kernels::simt::check {

constinit HostAccess on_host_access = nullptr;

namespace {

template <AccessKind kind>
inline void plain(const void* address, std::size_t bytes, const void* pc) {
    if (running.kernel) [[likely]] {
        end_if_out_of_time(pc);
        access({address, static_cast<std::uint32_t>(bytes), kind, Scope::system, pc, nullptr});
    } else if (on_host_access) {
        on_host_access(address, bytes, kind == AccessKind::write, pc);
    }
}

inline void reading(const void* address, std::size_t bytes, const void* pc) {
    plain<AccessKind::read>(address, bytes, pc);
}

inline void writing(const void* address, std::size_t bytes, const void* pc) {
    plain<AccessKind::write>(address, bytes, pc);
}

// In global memory a volatile access is a relaxed atomic one, as in PTX; in shared memory it is a
// plain one, so that what only works in lock-step is found.
void volatile_access(const Access& a) {
    const Page* const page = page_at(a.address);
    if (page && page->is_shared)
        access(a);
    else
        atomic({a.address, a.bytes,
                writes(a.kind) ? AccessKind::atomic_store : AccessKind::atomic_load, Scope::system,
                a.pc, a.site});
}

void volatile_reading(const void* address, std::size_t bytes, const void* pc) {
    if (!running.kernel) return;
    volatile_access(
        {address, static_cast<std::uint32_t>(bytes), AccessKind::read, Scope::system, pc, nullptr});
    note_volatile_read(pc);
}

void volatile_writing(const void* address, std::size_t bytes, const void* pc) {
    if (running.kernel)
        volatile_access({address, static_cast<std::uint32_t>(bytes), AccessKind::write,
                         Scope::system, pc, nullptr});
}

inline void updating(const void* address, std::size_t bytes, const void* pc) {
    reading(address, bytes, pc);
    writing(address, bytes, pc);
}

}  // namespace
}  // namespace vitrine::kernels::simt::check

using namespace vitrine::kernels::simt::check;

extern "C" {

void __tsan_init() {}
void __tsan_func_entry(void*) {}
void __tsan_func_exit() {}
void __tsan_vptr_read(void** place) { reading(place, sizeof(void*), __builtin_return_address(0)); }
void __tsan_vptr_update(void** place, void*) {
    writing(place, sizeof(void*), __builtin_return_address(0));
}

void __tsan_read1(void* at) { reading(at, 1, __builtin_return_address(0)); }
void __tsan_read2(void* at) { reading(at, 2, __builtin_return_address(0)); }
void __tsan_read4(void* at) { reading(at, 4, __builtin_return_address(0)); }
void __tsan_read8(void* at) { reading(at, 8, __builtin_return_address(0)); }
void __tsan_read16(void* at) { reading(at, 16, __builtin_return_address(0)); }
void __tsan_write1(void* at) { writing(at, 1, __builtin_return_address(0)); }
void __tsan_write2(void* at) { writing(at, 2, __builtin_return_address(0)); }
void __tsan_write4(void* at) { writing(at, 4, __builtin_return_address(0)); }
void __tsan_write8(void* at) { writing(at, 8, __builtin_return_address(0)); }
void __tsan_write16(void* at) { writing(at, 16, __builtin_return_address(0)); }
void __tsan_read_write1(void* at) { updating(at, 1, __builtin_return_address(0)); }
void __tsan_read_write2(void* at) { updating(at, 2, __builtin_return_address(0)); }
void __tsan_read_write4(void* at) { updating(at, 4, __builtin_return_address(0)); }
void __tsan_read_write8(void* at) { updating(at, 8, __builtin_return_address(0)); }
void __tsan_read_write16(void* at) { updating(at, 16, __builtin_return_address(0)); }

void __tsan_unaligned_read2(void* at) { reading(at, 2, __builtin_return_address(0)); }
void __tsan_unaligned_read4(void* at) { reading(at, 4, __builtin_return_address(0)); }
void __tsan_unaligned_read8(void* at) { reading(at, 8, __builtin_return_address(0)); }
void __tsan_unaligned_read16(void* at) { reading(at, 16, __builtin_return_address(0)); }
void __tsan_unaligned_write2(void* at) { writing(at, 2, __builtin_return_address(0)); }
void __tsan_unaligned_write4(void* at) { writing(at, 4, __builtin_return_address(0)); }
void __tsan_unaligned_write8(void* at) { writing(at, 8, __builtin_return_address(0)); }
void __tsan_unaligned_write16(void* at) { writing(at, 16, __builtin_return_address(0)); }
void __tsan_unaligned_read_write2(void* at) { updating(at, 2, __builtin_return_address(0)); }
void __tsan_unaligned_read_write4(void* at) { updating(at, 4, __builtin_return_address(0)); }
void __tsan_unaligned_read_write8(void* at) { updating(at, 8, __builtin_return_address(0)); }
void __tsan_unaligned_read_write16(void* at) { updating(at, 16, __builtin_return_address(0)); }

void __tsan_volatile_read1(void* at) { volatile_reading(at, 1, __builtin_return_address(0)); }
void __tsan_volatile_read2(void* at) { volatile_reading(at, 2, __builtin_return_address(0)); }
void __tsan_volatile_read4(void* at) { volatile_reading(at, 4, __builtin_return_address(0)); }
void __tsan_volatile_read8(void* at) { volatile_reading(at, 8, __builtin_return_address(0)); }
void __tsan_volatile_read16(void* at) { volatile_reading(at, 16, __builtin_return_address(0)); }
void __tsan_volatile_write1(void* at) { volatile_writing(at, 1, __builtin_return_address(0)); }
void __tsan_volatile_write2(void* at) { volatile_writing(at, 2, __builtin_return_address(0)); }
void __tsan_volatile_write4(void* at) { volatile_writing(at, 4, __builtin_return_address(0)); }
void __tsan_volatile_write8(void* at) { volatile_writing(at, 8, __builtin_return_address(0)); }
void __tsan_volatile_write16(void* at) { volatile_writing(at, 16, __builtin_return_address(0)); }

void __tsan_unaligned_volatile_read2(void* at) {
    volatile_reading(at, 2, __builtin_return_address(0));
}
void __tsan_unaligned_volatile_read4(void* at) {
    volatile_reading(at, 4, __builtin_return_address(0));
}
void __tsan_unaligned_volatile_read8(void* at) {
    volatile_reading(at, 8, __builtin_return_address(0));
}
void __tsan_unaligned_volatile_read16(void* at) {
    volatile_reading(at, 16, __builtin_return_address(0));
}
void __tsan_unaligned_volatile_write2(void* at) {
    volatile_writing(at, 2, __builtin_return_address(0));
}
void __tsan_unaligned_volatile_write4(void* at) {
    volatile_writing(at, 4, __builtin_return_address(0));
}
void __tsan_unaligned_volatile_write8(void* at) {
    volatile_writing(at, 8, __builtin_return_address(0));
}
void __tsan_unaligned_volatile_write16(void* at) {
    volatile_writing(at, 16, __builtin_return_address(0));
}

void __tsan_read_range(void* at, std::size_t bytes) {
    reading(at, bytes, __builtin_return_address(0));
}
void __tsan_write_range(void* at, std::size_t bytes) {
    writing(at, bytes, __builtin_return_address(0));
}
void* __tsan_memcpy(void* to, const void* from, std::size_t bytes) {
    reading(from, bytes, __builtin_return_address(0));
    writing(to, bytes, __builtin_return_address(0));
    return std::memcpy(to, from, bytes);
}
void* __tsan_memmove(void* to, const void* from, std::size_t bytes) {
    reading(from, bytes, __builtin_return_address(0));
    writing(to, bytes, __builtin_return_address(0));
    return std::memmove(to, from, bytes);
}
void* __tsan_memset(void* to, int byte, std::size_t bytes) {
    writing(to, bytes, __builtin_return_address(0));
    return std::memset(to, byte, bytes);
}

}  // extern "C"

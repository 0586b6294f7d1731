// What kernel_heap.h declares.
#include "vitrine/config.h"

#if VITRINE_SIMT_CHECK

#include <cstdlib>
#include <mutex>
#include <new>
#include <set>

#include "vitrine/kernels/base/error.h"
#include "vitrine/kernels/simt/check/arena.h"
#include "vitrine/kernels/simt/check/events.h"
#include "vitrine/kernels/simt/check/source_lines.h"
#include "vitrine/kernels/simt/memory.h"
#include "vitrine/kernels/simt/scheduler.h"

namespace simt = vitrine::kernels::simt;

namespace {

/// What kernels have allocated and not given back.
class KernelHeap {
public:
    void* allocate(std::size_t bytes) {
        void* const memory = simt::allocate(bytes);
        const std::lock_guard lock(mutex_);
        if (memory) live_.insert(memory);
        return memory;
    }
    /// Whether it was there.
    bool release(void* memory) {
        const std::lock_guard lock(mutex_);
        if (live_.erase(memory) == 0) return false;
        simt::release(memory);
        return true;
    }

private:
    std::mutex mutex_;
    std::set<void*> live_;
};

// Never destroyed: statics of the program give memory back at its end.
KernelHeap& heap() {
    static KernelHeap& all = *new KernelHeap;
    return all;
}

void* allocate(std::size_t bytes, void* (*of_host)(std::size_t)) {
    if (!simt::check::running.kernel) return of_host(bytes);
    const simt::check::Pause pause;
    return heap().allocate(bytes);
}

/// Called from `pc`. What a kernel frees a second time ends its launch.
void release(void* memory, void (*of_host)(void*), const void* pc) {
    if (!simt::is_arena(memory)) return of_host(memory);
    const bool by_kernel = simt::check::running.kernel;
    const simt::check::Pause pause;
    if (heap().release(memory)) return;
    if (!by_kernel) return of_host(memory);  // which ends the program, as it does without the checker
    simt::stop_thread(vitrine::join("use after free: thread ", simt::to_string(threadIdx), " at ",
                                    to_string(simt::source_line(pc)),
                                    " frees what was freed before, or what no kernel has allocated"));
}

void* host_new(std::size_t bytes) { return ::operator new(bytes); }
void host_delete(void* memory) { ::operator delete(memory); }

}  // namespace

extern "C" {

void* vitrine_simt_malloc(std::size_t bytes) { return allocate(bytes, &std::malloc); }
void vitrine_simt_free(void* memory) { release(memory, &std::free, __builtin_return_address(0)); }

// Weak: a program may have operators of its own.
__attribute__((weak)) void* new_one(std::size_t bytes) __asm__("_ZN12vitrine_cudanwEm");
__attribute__((weak)) void* new_array(std::size_t bytes) __asm__("_ZN12vitrine_cudanaEm");
__attribute__((weak)) void delete_one(void* memory) __asm__("_ZN12vitrine_cudadlEPv");
__attribute__((weak)) void delete_array(void* memory) __asm__("_ZN12vitrine_cudadaEPv");
__attribute__((weak)) void delete_one_sized(void* memory, std::size_t) __asm__("_ZN12vitrine_cudadlEPvm");
__attribute__((weak)) void delete_array_sized(void* memory, std::size_t) __asm__("_ZN12vitrine_cudadaEPvm");

void* new_one(std::size_t bytes) { return allocate(bytes, &host_new); }
void* new_array(std::size_t bytes) { return allocate(bytes, &host_new); }
void delete_one(void* memory) { release(memory, &host_delete, __builtin_return_address(0)); }
void delete_array(void* memory) { release(memory, &host_delete, __builtin_return_address(0)); }
void delete_one_sized(void* memory, std::size_t) { release(memory, &host_delete, __builtin_return_address(0)); }
void delete_array_sized(void* memory, std::size_t) { release(memory, &host_delete, __builtin_return_address(0)); }

}  // extern "C"

#endif

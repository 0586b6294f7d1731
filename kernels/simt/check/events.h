// What the emulator tells the checker: docs/checker.md. In a build without it all of this is empty.
//
// Kernels are compiled with -fsanitize=thread: before each of their accesses to memory the compiler
// calls a function of callbacks.cpp. Those calls count only while `running.kernel` is set, that is
// not inside of the emulator, whose inline functions may be compiled the same way.
#pragma once

#include <cstddef>
#include <cstdint>
#include <exception>

#include "vitrine/config.h"

#include "vitrine/kernels/simt/language.h"

#include "access.h"

// A function that the compiler does not watch.
#if !VITRINE_SIMT_CHECK
#define VITRINE_SIMT_UNWATCHED
#elif defined(__clang__)
// The first attribute keeps clang from inlining a kernel into the function, where nobody would watch.
#define VITRINE_SIMT_UNWATCHED \
    __attribute__((no_sanitize("thread"), disable_sanitizer_instrumentation))
#else
#define VITRINE_SIMT_UNWATCHED __attribute__((no_sanitize("thread")))
#endif

namespace vitrine::kernels::simt {

struct KernelCall;

namespace check {

/// The CUDA thread that runs on this OS thread.
struct Running {
    bool kernel = false;              ///< the code of a kernel runs, and no other
    unsigned thread = 0;              ///< its linear index in the block
    const char* stack_end = nullptr;  ///< its own variables lie below this
};

extern constinit thread_local Running running;

#if VITRINE_SIMT_CHECK

/// Told of what watched code touches outside of kernels: that of a CUDA program of others, which is
/// compiled as a whole (kernels/simt/cuda/host_access.cpp). nullptr: nobody asks.
using HostAccess = void (*)(const void* address, std::size_t bytes, bool writes, const void* pc);
extern constinit HostAccess on_host_access;

/// Looks once more at the last access that could not be judged before it was made.
void settle();

/// The running thread waits, or has returned from the kernel.
void thread_pauses();

/// Until its end the accesses of this OS thread are the emulator's and not a kernel's.
class Pause {
public:
    Pause() : before_(running) {
        if (before_.kernel) settle();
        running.kernel = false;
    }
    ~Pause() { running = before_; }
    Pause(const Pause&) = delete;
    Pause& operator=(const Pause&) = delete;

private:
    const Running before_;
};

/// Until its end a kernel runs on this OS thread, its variables below `stack_end`.
class KernelRuns {
public:
    explicit KernelRuns(const void* stack_end) : before_(running) {
        running.kernel = true;
        running.stack_end = static_cast<const char*>(stack_end);
    }
    ~KernelRuns() { running = before_; }
    KernelRuns(const KernelRuns&) = delete;
    KernelRuns& operator=(const KernelRuns&) = delete;

private:
    const Running before_;
};

VITRINE_SIMT_UNWATCHED inline void thread_runs(unsigned linear) { running.thread = linear; }

void launch_begins(const KernelCall& call, dim3 grid, dim3 block, std::size_t shared_bytes);
/// The block of blockIdx, with its dynamic shared memory: nobody has written to it yet.
void block_begins(std::uint64_t number, void* dynamic_shared, std::size_t bytes);
/// A block of a cooperative launch goes on that had been put aside for others.
void block_goes_on(std::uint64_t number);
void block_put_aside();
/// All threads of the block have arrived.
void barrier_complete();
/// All threads of all blocks have arrived.
void grid_barrier_complete();
/// `lanes` of the warp have met in an operation that orders memory: __syncwarp.
void warp_synchronised(unsigned warp, unsigned lanes);
/// The running thread's accesses so far become visible to whom `scope` says, by its next atomic.
void fence(Scope scope);
/// Before the running thread performs it. A plain access may be announced here too, by an operation
/// of the emulator that knows its caller's line.
void atomic(const Access& access);
void block_ends();
/// What ended the launch: a mistake that was noted before, or `error`.
std::exception_ptr cause_of(std::exception_ptr error);
void launch_ends();
/// Also after an error.
void launch_is_over();

void memory_allocated(const void* base, std::size_t bytes);
void memory_released(const void* base);
/// By the host: a copy or a fill.
void memory_written(const void* base, std::size_t bytes);

#else

inline void thread_pauses() {}
struct Pause {
    Pause() {}
};
struct KernelRuns {
    explicit KernelRuns(const void*) {}
};
inline void thread_runs(unsigned) {}
inline void launch_begins(const KernelCall&, dim3, dim3, std::size_t) {}
inline void block_begins(std::uint64_t, void*, std::size_t) {}
inline void block_goes_on(std::uint64_t) {}
inline void block_put_aside() {}
inline std::exception_ptr cause_of(std::exception_ptr error) { return error; }
inline void launch_is_over() {}
inline void barrier_complete() {}
inline void grid_barrier_complete() {}
inline void warp_synchronised(unsigned, unsigned) {}
inline void fence(Scope) {}
inline void atomic(const Access&) {}
inline void block_ends() {}
inline void launch_ends() {}
inline void memory_allocated(const void*, std::size_t) {}
inline void memory_released(const void*) {}
inline void memory_written(const void*, std::size_t) {}

#endif

}  // namespace check
}  // namespace vitrine::kernels::simt

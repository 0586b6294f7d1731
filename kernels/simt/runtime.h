// What the headers that a kernel sees ask of the emulator. Its parts, from the top:
//
//     gpu_simt.h      launch<kernel>(): packs the arguments, knows how to call the kernel
//     grid.cpp        hands the blocks of a grid to OpenMP workers
//     scheduler.cpp   runs the threads of one block, one after the other, until they wait
//     meetings.cpp    where they wait: block barriers and warp operations
//     cooperative.cpp the blocks of a cooperative launch, which wait for each other
//     report.cpp      what is said when they wait for ever
//     fiber.cpp       a stack for each waiting thread
#pragma once

#include <cstddef>
#include <cstdint>
#include <exception>
#include <string>

#include "language.h"
#include "site.h"

namespace vitrine::kernels::simt {

struct Votes {
    int yes, threads;
};

/// Block barrier: the running thread waits here for all others of its block.
Votes meet_block(bool vote, const Site& site);

/// Barrier of all blocks of a cooperative launch.
void meet_grid(const Site& site);

/// Whether the blocks of this launch may wait for each other.
bool is_cooperative();

/// Lanes of the warp that come to this place as well, before they wait elsewhere.
unsigned converge(const Site& site);

/// The last lane of a meeting calls this for all `lanes`: slots[i] is what lane i brought.
using Complete = void (*)(void* const* slots, unsigned lanes);

/// Warp operation: the lanes of `mask` wait for each other here. `slot` points to what this lane
/// brings, and to where `complete` leaves what it takes away.
void meet_warp(unsigned mask, void* slot, Complete complete, const Site& site);

/// The running thread waits for another in a loop: others go first. Nothing outside of a kernel.
void waiting_turn(const Site& site);

/// Throws vitrine::Error out of the launch, naming kernel, block, the running thread and `site`.
[[noreturn]] void fail(const std::string& what, const Site& site);

/// Ends the running thread and the launch with vitrine::Error, naming kernel and block. In a build
/// with the checker it may be called where no exception can pass: by the compiler's callbacks.
[[noreturn]] void stop_thread(const std::string& what);
[[noreturn]] void stop_thread(std::exception_ptr error);

/// The running thread's place in its warp, 0 to 31.
unsigned lane_index();

/// The block's dynamic shared memory; nullptr when the launch asked for none.
void* dynamic_shared();

/// What the checker asks of a kernel, to name what its parameters point to.
struct KernelParameters {
    std::size_t count;
    const void* (*argument)(void* arguments, std::size_t i);
    std::size_t bytes;  ///< of `arguments`
};

/// A kernel with its arguments, without their types.
struct KernelCall {
    const char* signature;  ///< kernel_signature<kernel>()
    const void* kernel;     ///< its code: a debugger that steps into a launch stops there
    void* arguments;
    void (*once)(void* arguments);                     ///< the kernel, as the thread in threadIdx
    void (*each_thread)(void* arguments, dim3 block);  ///< every thread in order, see ThreadLoop
    const KernelParameters* parameters;  ///< nullptr in a build without the checker
};

/// How far `each_thread` is. As long as no thread waits, it calls the kernel thread after thread in
/// a plain loop. The first thread that waits turns `on` off; the loop then ends after this thread,
/// and the scheduler runs the others.
struct ThreadLoop {
    bool on;
    unsigned thread;
};
extern constinit VITRINE_SIMT_PER_WORKER ThreadLoop thread_loop;

/// Runs all blocks, then returns. Throws what a kernel threw, or vitrine::Error for an invalid
/// size. `cooperative`: all blocks are under way at the same time and may wait for each other.
void run_grid(dim3 grid, dim3 block, std::size_t shared_bytes, const KernelCall& call,
              bool cooperative = false);

/// Launches of this process that ran on the emulator, empty ones not counted.
std::uint64_t launch_count();

}  // namespace vitrine::kernels::simt

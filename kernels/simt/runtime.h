// What the headers that a kernel sees ask of the emulator. Its parts, from the top:
//
//     gpu_simt.h      launch<kernel>(): packs the arguments, knows how to call the kernel
//     grid.cpp        hands the blocks of a grid to OpenMP workers
//     scheduler.cpp   runs the threads of one block, one after the other, until they wait
//     meetings.cpp    where they wait: block barriers and warp operations
//     report.cpp      what is said when they wait for ever
//     fiber.cpp       a stack for each waiting thread
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "language.h"

namespace vitrine::kernels::simt {

/// The call of a barrier or warp operation in a kernel.
struct Site {
    const char* operation;
    const char* file;
    int line;
};

struct Votes {
    int yes, threads;
};

/// Block barrier: the running thread waits here for all others of its block.
Votes meet_block(bool vote, const Site& site);

/// The last lane of a meeting calls this for all `lanes`: slots[i] is what lane i brought.
using Complete = void (*)(void* const* slots, unsigned lanes);

/// Warp operation: the lanes of `mask` wait for each other here. `slot` points to what this lane
/// brings, and to where `complete` leaves what it takes away.
void meet_warp(unsigned mask, void* slot, Complete complete, const Site& site);

/// Throws vitrine::Error out of the launch, naming kernel, block, the running thread and `site`.
[[noreturn]] void fail(const std::string& what, const Site& site);

/// The running thread's place in its warp, 0 to 31.
unsigned lane_index();

/// The block's dynamic shared memory; nullptr when the launch asked for none.
void* dynamic_shared();

/// A kernel with its arguments, without their types.
struct KernelCall {
    const char* signature;  ///< kernel_signature<kernel>()
    void* arguments;
    void (*once)(void* arguments);                     ///< the kernel, as the thread in threadIdx
    void (*each_thread)(void* arguments, dim3 block);  ///< every thread in order, see ThreadLoop
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
/// size.
void run_grid(dim3 grid, dim3 block, std::size_t shared_bytes, const KernelCall& call);

/// Launches of this process that ran on the emulator, empty ones not counted.
std::uint64_t launch_count();

}  // namespace vitrine::kernels::simt

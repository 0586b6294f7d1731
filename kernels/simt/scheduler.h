// Runs the threads of one block on one OS thread.
//
// A CUDA thread gets a stack of its own only when it has to wait. A stack runs fresh threads one
// after the other, each a plain call of the kernel. When a thread waits, its stack stays as it is,
// and another stack goes on:
//
//     main stack   [thread 0 .. waits]                                         [0 goes on
//     fiber A                        [thread 1 .. returns] [thread 2 .. waits]
//     fiber B                                                                 [thread 3 ..
//
// so a kernel that never waits uses no fiber at all, and one where all wait uses as many stacks as
// the block has threads. When a kernel call returns, its stack picks the next thread: a fresh one
// it runs itself, for a waiting one that can go on it parks and switches to that thread's stack.
#pragma once

#include <cstdint>
#include <exception>
#include <memory>
#include <string>
#include <vector>

#include "async_copy.h"
#include "fiber.h"
#include "options.h"
#include "runtime.h"
#include "signals.h"
#include "watchdog.h"

namespace vitrine::kernels::simt {

constexpr unsigned warp_size = 32;
constexpr unsigned most_threads = 1024;
constexpr unsigned most_warps = most_threads / warp_size;

struct CudaThread {
    uint3 index{};
    unsigned linear = 0;
    Fiber* stack = nullptr;      // where its call of the kernel runs
    const Site* site = nullptr;  // what it waits in; lies on its stack
    unsigned mask = 0;           // of the warp operation that it waits in

    unsigned warp() const { return linear / warp_size; }
    unsigned lane() const { return linear % warp_size; }
    unsigned bit() const { return 1u << lane(); }
};

/// Lanes of one warp that wait for each other.
struct Meeting {
    unsigned mask, arrived;
    Complete complete;
    const Site* site;
};

/// A warp's lanes as bit masks by state. A lane that exists and is in no other mask is running.
struct Warp {
    unsigned exists = 0;
    unsigned ready = 0;  // can run: fresh, or released from where it waited
    unsigned fresh = 0;  // not started (and ready)
    unsigned at_barrier = 0, in_meeting = 0;
    // These go on when no thread of the block is ready.
    unsigned in_loop = 0;     // wait for another thread's write
    unsigned converging = 0;  // wait for lanes that come to the same place
    unsigned returned = 0;
    int meetings = 0;
    Meeting meeting[warp_size];
    void* slot[warp_size];  // what each lane brought to its meeting
};

class CooperativeGrid;

class Scheduler {
public:
    Scheduler() = default;
    Scheduler(const Scheduler&) = delete;
    Scheduler& operator=(const Scheduler&) = delete;

    /// Before the blocks of a launch. `main` is the running stack.
    void begin(dim3 grid, dim3 block, std::size_t shared_bytes, const KernelCall& call,
               const Options& options, Fiber& main, Watch& watch);
    /// Runs all threads of block `number`. Throws what a thread threw; the next block may follow.
    void run_block(std::uint64_t number);

    /// After begin(): the block may wait for the others of `grid`.
    void take_part_in(CooperativeGrid& grid) { grid_ = &grid; }
    bool is_cooperative() const;

    // Called by the running thread.
    Votes meet_block(bool vote, const Site& site);
    void meet_grid(const Site& site);
    void yield(const Site& site);
    void yield_or_abandon(const Site& site);
    unsigned converge(const Site& site);
    void meet_warp(unsigned mask, void* slot, Complete complete, const Site& site);
    [[noreturn]] void fail(const std::string& what, const Site& site);
    [[noreturn]] void stop(const std::string& what);
    [[noreturn]] void stop(std::exception_ptr error);
    /// Ends the launch with `what`; the running thread is then to be abandoned.
    void note_failure(const std::string& what);
    /// Where nothing can be thrown: the thread's stack is forgotten and not unwound, so that what
    /// its frames own is lost.
    [[noreturn]] void abandon_thread() { forget_frames(); }
    AsyncCopies& own_copies();
    void* dynamic_shared() const { return shared_bytes_ ? shared_.get() : nullptr; }

    // For signal handlers, which run in the middle of the running thread.
    enum class GivenUp { spinning, full_stack };
    [[noreturn]] void give_up(GivenUp why, const void* at);
    bool stack_is_full(const void* faulting_address);
    bool runs_on_this_thread() const;
    const Watch& watch() const { return *watch_; }

private:
    struct Unwind {};  // thrown through the waiting threads of a block after an error

    // scheduler.cpp
    void run_threads();
    void reset_block();
    void begin_scheduling();
    template <class Body>
    void run_kernel(Body body);
    void run_fresh_threads(Fiber& stack);
    [[noreturn]] static void fiber_main(void* scheduler, Fiber& self);
    CudaThread& running();
    CudaThread* take_next();
    CudaThread* next_or_deadlock();
    void wait();
    Fiber& idle_stack();
    void park(Fiber& stack);
    void unwind_waiting();
    void name_stack(Fiber& stack, const CudaThread& t);
    Fiber& running_stack();
    [[noreturn]] void forget_frames();
    void note_given_up();
    bool is_fresh(const CudaThread& t) const { return warps_[t.warp()].fresh & t.bit(); }

    // meetings.cpp
    void check_time(const Site& site);
    void make_ready(Warp& warp, unsigned lanes);
    void arrive(bool vote, const Site& site);
    void release_barrier();
    bool release_last();
    void release_converged(Warp& warp);
    void complete_meeting(Warp& warp, int at);
    void on_return(CudaThread& t);

    // report.cpp
    std::string where() const;
    std::string census() const;
    std::string deadlock() const;
    std::string returned_before_barrier() const;
    std::string out_of_time(const std::string& doing) const;
    std::string given_up_text(const CudaThread& t);

    KernelCall call_{};
    Options options_;
    std::uint64_t random_ = 0;

    CudaThread threads_[most_threads];
    Warp warps_[most_warps];
    unsigned count_ = 0, warp_count_ = 0;
    unsigned alive_ = 0;             // threads that have not returned
    unsigned ready_warps_ = 0;       // warps with a ready lane
    CudaThread* current_ = nullptr;  // running, or chosen to run next; nullptr: no thread can
    dim3 shape_;                     // of the block that threads_ is set up for

    struct Barrier {
        unsigned arrived = 0, yes = 0;
        const Site* site = nullptr;  // of the first to arrive
    } barrier_;
    Votes votes_{};  // of the last complete barrier

    std::vector<AsyncCopies> copies_;  // by thread; empty until one copies

    std::exception_ptr error_;
    CooperativeGrid* grid_ = nullptr;  // of a cooperative launch
    Watch* watch_ = nullptr;
    OwnStack own_stack_;     // of the OS thread that the blocks run on
    pthread_t os_thread_{};
    GivenUp given_up_{};     // why a thread was, and where
    const void* given_up_at_ = nullptr;

    Fiber* main_ = nullptr;
    bool main_parked_ = false;
    CallerFrame caller_frame_{};  // of run_block(), for the backtraces of fibers
    std::vector<std::unique_ptr<Fiber>> fibers_;
    std::vector<Fiber*> idle_fibers_;
    SwitchKind fibers_kind_ = fastest_switch;

    struct Free {
        void operator()(unsigned char* memory) const;
    };
    std::unique_ptr<unsigned char[], Free> shared_;
    std::size_t shared_bytes_ = 0;
};

std::string to_string(uint3 index);
std::string to_string(const Site& site);
bool same_place(const Site& a, const Site& b);

/// The scheduler whose block this OS thread runs; nullptr outside of launches.
extern constinit VITRINE_SIMT_PER_WORKER Scheduler* running_scheduler;

}  // namespace vitrine::kernels::simt

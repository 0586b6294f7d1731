// Hands the blocks of a grid to OpenMP workers, each of which runs one block at a time.
#include "grid.h"

#include <algorithm>
#include <atomic>
#include <exception>
#include <memory>
#include <mutex>

#include "vitrine/kernels/base/error.h"
#include "vitrine/kernels/base/kernel_name.h"
#include "vitrine/kernels/base/parallel.h"

#include "vitrine/kernels/simt/check/events.h"
#include "cooperative.h"
#include "memory.h"
#include "scheduler.h"

namespace vitrine::kernels::simt {

namespace {

std::atomic<std::uint64_t> launches{0};

std::string to_string(dim3 size) { return join("(", size.x, ", ", size.y, ", ", size.z, ")"); }

void check_size(dim3 grid, dim3 block, std::size_t shared_bytes, const KernelCall& call) {
    const std::uint64_t threads = std::uint64_t(block.x) * block.y * block.z;
    const bool block_fits = block.x <= 1024 && block.y <= 1024 && block.z <= 64 && threads >= 1 &&
                            threads <= most_threads;
    if (!block_fits)
        throw Error("kernel " + kernel_name(call.signature) + ": block " + to_string(block) +
                    "; allowed are 1 to 1024 threads, at most 64 in z");
    if (grid.x > 0x7fffffffu || grid.y > 65535 || grid.z > 65535)
        throw Error("kernel " + kernel_name(call.signature) + ": grid " + to_string(grid) +
                    "; allowed are 2147483647 blocks in x, 65535 in y and in z");
    VITRINE_CHECK(shared_bytes <= most_shared_bytes, "kernel ", kernel_name(call.signature), ": ",
                  shared_bytes, " bytes of dynamic shared memory; allowed are ", most_shared_bytes);
}

void check_cooperative_size(dim3 grid, dim3 block, const KernelCall& call) {
    const std::uint64_t blocks = std::uint64_t(grid.x) * grid.y * grid.z;
    const std::uint64_t threads = blocks * block.x * block.y * block.z;
    VITRINE_CHECK(blocks <= most_cooperative_blocks && threads <= most_cooperative_threads,
                  "kernel ", kernel_name(call.signature), ": a cooperative launch of ", blocks,
                  " blocks and ", threads, " threads; allowed are ", most_cooperative_blocks,
                  " blocks and ", most_cooperative_threads, " threads");
}

#if VITRINE_SIMT_ONE_WORKER
int workers_for(std::uint64_t, std::uint64_t, const Options&) { return 1; }
#else
int workers_for(std::uint64_t blocks, std::uint64_t threads, const Options& options) {
    // A waiting thread's stack takes two memory mappings, and Linux gives a process 65,530.
    constexpr int most_workers = 16;
    // Fewer CUDA threads than this are not worth waking another OS thread for.
    constexpr std::uint64_t threads_worth_sharing = 1024;
    if (options.workers == 0 && threads < threads_worth_sharing) return 1;
    const int workers = options.workers ? options.workers : std::min(num_threads(), most_workers);
    return static_cast<int>(std::min<std::uint64_t>(static_cast<std::uint64_t>(workers), blocks));
}
#endif

// A launch under way: its workers take block after block until none is left or one has failed.
class Grid {
public:
    Grid(dim3 grid, dim3 block, std::size_t shared_bytes, const KernelCall& call,
         const Options& options)
        : grid_(grid),
          block_(block),
          shared_bytes_(shared_bytes),
          call_(call),
          options_(options),
          blocks_(std::uint64_t(grid.x) * grid.y * grid.z) {}

    void run(int workers) {
        if (workers == 1) {
            work();
        } else {
#pragma omp parallel num_threads(workers)
            work();
        }
        if (error_) std::rethrow_exception(error_);
    }

private:
    void work() {
        // On the heap: 80 KiB of thread-local memory would come off the stacks of the program's own
        // threads.
        static VITRINE_SIMT_PER_WORKER const auto own_scheduler = std::make_unique<Scheduler>();
        static VITRINE_SIMT_PER_WORKER Watch watch;
        static thread_local const AlternateStack signals;
        Scheduler& scheduler = *own_scheduler;
        std::uint64_t block = next_.fetch_add(1, std::memory_order_relaxed);
        if (block >= blocks_) return;
        running_scheduler = &scheduler;
        try {
            Fiber main(options_.switch_kind);
            watch.begin(call_, options_);
            scheduler.begin(grid_, block_, shared_bytes_, call_, options_, main, watch);
            for (; block < blocks_; block = next_.fetch_add(1, std::memory_order_relaxed)) {
                scheduler.run_block(block);
                check::block_ends();
            }
        } catch (...) {
            note_error(block);
        }
        watch.end();
        running_scheduler = nullptr;
    }

    // Of several failed blocks the first one counts.
    void note_error(std::uint64_t block) {
        const std::lock_guard lock(mutex_);
        if (!error_ || block < error_block_) {
            error_ = check::cause_of(std::current_exception());
            error_block_ = block;
        }
        next_ = blocks_;
    }

    const dim3 grid_, block_;
    const std::size_t shared_bytes_;
    const KernelCall& call_;
    const Options& options_;
    const std::uint64_t blocks_;
    std::atomic<std::uint64_t> next_{0};
    std::mutex mutex_;
    std::exception_ptr error_;
    std::uint64_t error_block_ = 0;
};

struct CheckedLaunch {
    CheckedLaunch(const KernelCall& call, dim3 grid, dim3 block, std::size_t shared_bytes) {
        check::launch_begins(call, grid, block, shared_bytes);
    }
    ~CheckedLaunch() { check::launch_is_over(); }
};

#if VITRINE_SIMT_ONE_WORKER
// The built-in variables and all shared memory exist once: one launch at a time.
std::recursive_mutex one_launch;
#endif

}  // namespace

void run_grid(dim3 grid, dim3 block, std::size_t shared_bytes, const KernelCall& call,
              bool cooperative) {
#if VITRINE_SIMT_ONE_WORKER
    const std::lock_guard lock(one_launch);
#endif
    if (running_scheduler)
        throw Error("kernel " + kernel_name(call.signature) + ": launched by a kernel");
    check_size(grid, block, shared_bytes, call);
    const Options now = options();
    const std::uint64_t blocks = std::uint64_t(grid.x) * grid.y * grid.z;
    const DeviceAccess access;
    const SignalHandlers handlers;
    launches.fetch_add(1, std::memory_order_relaxed);
    const CheckedLaunch checked(call, grid, block, shared_bytes);
    if (cooperative) check_cooperative_size(grid, block, call);
    if (cooperative || VITRINE_SIMT_CHECK) {
        CooperativeGrid(grid, block, shared_bytes, call, now, cooperative).run();
    } else {
        Grid(grid, block, shared_bytes, call, now)
            .run(workers_for(blocks, blocks * block.x * block.y * block.z, now));
    }
    check::launch_ends();
}

std::uint64_t launch_count() { return launches.load(std::memory_order_relaxed); }

}  // namespace vitrine::kernels::simt

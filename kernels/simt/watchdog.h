// Ends launches that would never end. One thread of the process looks at every scheduler now and then:
// a block that has used up its seconds of CPU time is expired. (CPU time, so that neither a debugger
// nor a busy machine counts.) Its threads find that out at their next barrier or warp operation; one
// that comes to none in 20 ms of CPU time is interrupted by a signal, see signals.h. For a launch all
// this costs two uncontended locks.
#pragma once

#include <atomic>
#include <cstdint>
#include <mutex>

#include <pthread.h>

#include "options.h"
#include "runtime.h"

namespace vitrine::kernels::simt {

/// What the watchdog knows of one scheduler.
class Watch {
public:
    Watch();
    ~Watch();
    Watch(const Watch&) = delete;
    Watch& operator=(const Watch&) = delete;

    /// A launch begins on this OS thread.
    void begin(const KernelCall& call, const Options& options);
    /// Its next block, which has its own options.timeout seconds of CPU time.
    void next_block() {
        block_.store(block_.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
        if (expired()) expired_ = false;  // the one before was just in time
    }
    void end();

    /// Whether the running block has had its time.
    bool expired() const { return expired_.load(std::memory_order_relaxed); }
    /// From now on no signal is sent: the emulator ends the launch.
    void answer() { answered_.store(true, std::memory_order_relaxed); }
    bool answered() const { return answered_.load(std::memory_order_relaxed); }
    double seconds() const { return seconds_; }

    /// By the watchdog: what is due now. Seconds until it is to look again.
    double look();

private:
    double cpu_time() const;

    std::mutex mutex_;  // of all that is not atomic
    bool under_way_ = false, os_threads_ = false;
    double seconds_ = 0;
    const void* code_ = nullptr;  // in the module that holds the kernel
    pthread_t launching_{};
    std::uint64_t launches_ = 0, seen_launches_ = 0, seen_block_ = 0;
    double since_ = 0, expired_at_ = 0;  // CPU times
    std::atomic<std::uint64_t> block_{0};
    std::atomic<bool> expired_{false}, answered_{false};
};

/// Whether a block has had its time, and none of its threads has come to a barrier since.
extern std::atomic<bool> watchdog_called;

/// For the checker, which sees every access to memory: gives up the running thread, which is at `pc`,
/// when its block has had its time.
void give_up_if_expired(const void* pc);
inline void end_if_out_of_time(const void* pc) {
    if (watchdog_called.load(std::memory_order_relaxed)) [[unlikely]]
        give_up_if_expired(pc);
}

}  // namespace vitrine::kernels::simt

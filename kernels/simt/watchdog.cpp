#include "watchdog.h"

#include <algorithm>
#include <condition_variable>
#include <ctime>
#include <limits>
#include <thread>
#include <vector>

#include "os_thread.h"
#include "signals.h"

namespace vitrine::kernels::simt {

namespace {

constexpr double never = std::numeric_limits<double>::infinity();
constexpr double longest_pause = 1, shortest_pause = 0.002;
constexpr double time_to_answer = 0.02;
// The checker's calls from a kernel come first: a signal could interrupt one of them.
constexpr double time_for_checker = VITRINE_SIMT_CHECK ? 2 * time_to_answer : time_to_answer;

double pause_for(double seconds) {
    return seconds > 0 ? std::clamp(seconds / 4, shortest_pause, longest_pause) : longest_pause;
}

class Watchdog {
public:
    void add(Watch* watch) {
        const std::lock_guard lock(mutex_);
        watches_.push_back(watch);
    }
    void remove(Watch* watch) {
        const std::lock_guard lock(mutex_);
        watches_.erase(std::find(watches_.begin(), watches_.end(), watch));
    }

    /// A launch has begun, and the watchdog must look within `seconds`.
    void look_within(double seconds) {
        std::atomic_thread_fence(std::memory_order_seq_cst);
        if (next_look_.load(std::memory_order_relaxed) <= seconds) return;
        const std::lock_guard lock(mutex_);
        if (!started_) std::thread([this] { work(); }).detach();
        started_ = true;
        wake_.notify_one();
    }

private:
    void work() {
        pthread_setname_np(pthread_self(), "simt watchdog");
        std::unique_lock lock(mutex_);
        for (;;) {
            // A launch that begins while this one looks finds `never` and waits to wake it.
            next_look_.store(never, std::memory_order_relaxed);
            std::atomic_thread_fence(std::memory_order_seq_cst);
            double pause = never;
            watchdog_called = false;
            for (Watch* watch : watches_) pause = std::min(pause, watch->look());
            next_look_.store(pause, std::memory_order_relaxed);
            if (pause == never)
                wake_.wait(lock);
            else
                wake_.wait_for(lock, std::chrono::duration<double>(pause));
        }
    }

    std::mutex mutex_;
    std::condition_variable wake_;
    std::vector<Watch*> watches_;
    std::atomic<double> next_look_{never};
    bool started_ = false;
};

Watchdog& watchdog() {
    static auto& one = *new Watchdog;  // outlives every thread of the program
    return one;
}

}  // namespace

std::atomic<bool> watchdog_called{false};

Watch::Watch() { watchdog().add(this); }
Watch::~Watch() { watchdog().remove(this); }

void Watch::begin(const KernelCall& call, const Options& options) {
    {
        const std::lock_guard lock(mutex_);
        under_way_ = true;
        os_threads_ = options.switch_kind == SwitchKind::os_threads;
        seconds_ = options.timeout;
        code_ = reinterpret_cast<const void*>(call.once);
        launching_ = pthread_self();
        ++launches_;
        next_block();  // its clock starts anew
        expired_ = answered_ = false;
    }
    watchdog().look_within(pause_for(options.timeout));
}

void Watch::end() {
    const std::lock_guard lock(mutex_);
    under_way_ = false;
}

double Watch::cpu_time() const {
    clockid_t clock = CLOCK_PROCESS_CPUTIME_ID;
    if (!os_threads_) pthread_getcpuclockid(launching_, &clock);
    timespec time{};
    clock_gettime(clock, &time);
    return static_cast<double>(time.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec);
}

double Watch::look() {
    const std::lock_guard lock(mutex_);
    const bool launched = seen_launches_ != launches_;
    seen_launches_ = launches_;
    if (!under_way_) return launched ? longest_pause : never;
    if (seconds_ == 0) return longest_pause;

    const double now = cpu_time();
    const std::uint64_t block = block_.load(std::memory_order_relaxed);
    if (seen_block_ != block) since_ = now;
    seen_block_ = block;
    if (!expired_) {
        const double left = since_ + seconds_ - now;
        if (left > 0) return std::clamp(left, shortest_pause, pause_for(seconds_));
        expired_ = true;
        expired_at_ = now;
    }
    if (!answered_ && now - expired_at_ >= time_to_answer) watchdog_called = true;
    if (!answered_ && now - expired_at_ >= time_for_checker)
        interrupt(os_threads_ ? OsThread::running() : launching_, code_);
    return time_to_answer / 2;
}

}  // namespace vitrine::kernels::simt

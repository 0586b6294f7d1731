#include "crowd.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdlib>
#include <mutex>

#ifdef __linux__
#include <sys/resource.h>
#endif

namespace vitrine::kernels {

void Crowd::look(const Used& used) {
    next_look_ = used.now + look_every;
    const std::int64_t taken = used.taken - begin_.taken;
    const double cpu = used.cpu - begin_.cpu;
    const bool a_try = pause_ > shortest;
    const std::int64_t least = a_try ? 4 : 10;
    const double window = a_try ? 50 : 200;
    const bool crowd = begun_ && taken >= least && static_cast<double>(taken) >= most_in_ms * cpu;
    if (begun_ && !crowd && cpu < window) return;
    if (crowd) {
        until_ = used.now + pause_;
        pause_ = std::min(2 * pause_, longest);
        next_look_ = until_;  // then what was taken from one thread alone is looked at
    } else if (begin_.now >= until_) {
        pause_ = shortest;  // a calm window of several threads
    }
    begun_ = true;
    begin_ = used;
}

#ifdef __linux__
namespace {

bool waiting_was_chosen() { return std::getenv("OMP_WAIT_POLICY") || std::getenv("GOMP_SPINCOUNT"); }

double milliseconds(const timeval& t) { return static_cast<double>(t.tv_sec) * 1e3 + static_cast<double>(t.tv_usec) * 1e-3; }

Used used_until(double now) {
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    return {now, milliseconds(usage.ru_utime) + milliseconds(usage.ru_stime), usage.ru_nivcsw};
}

}  // namespace

bool crowded() {
    static const bool leave = waiting_was_chosen();
    static std::mutex mutex;
    static Crowd crowd;
    static std::atomic<double> next_look{0};
    static std::atomic<bool> alone{false};
    if (leave) return false;
    const std::chrono::duration<double, std::milli> now = std::chrono::steady_clock::now().time_since_epoch();
    if (now.count() < next_look.load(std::memory_order_relaxed)) return alone.load(std::memory_order_relaxed);
    const std::unique_lock lock(mutex, std::try_to_lock);  // another host thread looks: what it knew so far will do
    if (lock) {
        crowd.look(used_until(now.count()));
        alone.store(crowd.alone(now.count()), std::memory_order_relaxed);
        next_look.store(crowd.next_look(), std::memory_order_relaxed);
    }
    return alone.load(std::memory_order_relaxed);
}
#else
bool crowded() { return false; }
#endif

}  // namespace vitrine::kernels

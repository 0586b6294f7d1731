// Whether other programs keep the cores busy on which our threads would wait for each other.
//
// OpenMP's threads spin while they wait, for milliseconds. When the system has taken one of them off its core, the others
// spin until it is back: a parallel region of 9 us then takes 4 to 40 ms, and two threads are slower than one, up to a
// hundred times. The system counts how often it took a core from a thread that wanted to go on: hardly ever on a machine
// that is ours alone, about every 4 ms that a thread has run where others want the core too.
#pragma once

#include <cstdint>

namespace vitrine::kernels {

/// What the process has used: time in milliseconds, how often a core was taken from it.
struct Used {
    double now, cpu;
    std::int64_t taken;
};

/// The decision: alone once cores were taken 10 times, and 50 times and more for each second of CPU time. That lasts
/// 100 ms, then several threads are tried again; each time that this ends in a crowd it lasts twice as long, up to 1 s.
/// A try needs less to end, 4 times: the system's own programs take a core 20 times a second, now and then 4 times in 50 ms.
class Crowd {
public:
    /// True while one thread is better.
    bool alone(double now) const { return now < until_; }
    /// When look() is to be called again: in 4 ms, or at the end of a time alone.
    double next_look() const { return next_look_; }
    void look(const Used& used);

private:
    bool begun_ = false;
    Used begin_{};  // of the window that is looked at
    double until_ = 0, next_look_ = 0, pause_ = shortest;
    static constexpr double shortest = 100, longest = 1000, look_every = 4, most_in_ms = 0.05;
};

/// True while this process should use one thread. Always false where OpenMP was told how to wait (OMP_WAIT_POLICY or
/// GOMP_SPINCOUNT is in the environment), and where the system does not count.
bool crowded();

}  // namespace vitrine::kernels

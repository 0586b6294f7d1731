// What this machine can do, measured, and results as a share of it.
#pragma once

#include <benchmark/benchmark.h>

#include <cstddef>

namespace vitrine::bench {

/// FLOP/s of fused multiply-adds on registers with the widest instructions of this CPU, for num_threads() threads.
double peak_flops(bool f64 = false);
/// What a loop does to memory. A machine has another speed for each: a copy first fetches the lines that it overwrites.
enum class Traffic {
    copy,    ///< y = x, or any loop that writes arrays which it does not read
    triad,   ///< z = x + y: two arrays are read for one that is written
    update,  ///< x changed in place
    read,    ///< x is only read
};

/// Bytes/s (read and written) of such a loop over a working set of `bytes` in all, for num_threads() threads.
double peak_bytes(std::size_t bytes, Traffic traffic = Traffic::copy);

/// Adds GB/s, % of the peak for that working set, to the result of a loop that moved `bytes` each time. Above 105 % the
/// benchmark fails: then the count of bytes, or the peak, is wrong.
void report_bytes(benchmark::State& state, double bytes, Traffic traffic = Traffic::copy);
/// The same for FLOP/s.
void report_flops(benchmark::State& state, double flops, bool f64 = false);

}  // namespace vitrine::bench

// What this machine can do, measured, and results as a share of it.
#pragma once

#include <benchmark/benchmark.h>

#include <cstddef>

namespace vitrine::bench {

/// FLOP/s of fused multiply-adds on registers with the widest instructions of this CPU, for num_threads() threads.
double peak_flops(bool f64 = false);
/// Bytes/s (read and written) of y = x over a working set of `bytes` in all, for num_threads() threads.
double peak_bytes(std::size_t bytes);

/// Adds GB/s, % of the peak for that working set, to the result of a loop that moved `bytes` each time. Above 105 % the
/// benchmark fails: then the count of bytes, or the peak, is wrong.
void report_bytes(benchmark::State& state, double bytes);
/// The same for FLOP/s.
void report_flops(benchmark::State& state, double flops, bool f64 = false);

}  // namespace vitrine::bench

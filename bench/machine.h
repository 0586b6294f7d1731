// Results as a share of what this machine can do.
#pragma once

#include <benchmark/benchmark.h>

#include "vitrine/core/peaks.h"

namespace vitrine::bench {

using vitrine::peak_bytes;
using vitrine::peak_flops;
using vitrine::Traffic;

/// Adds GB/s and % of the peak to the result of a loop that moved `bytes` each time: of a copy, triad or update whose
/// arrays take as much memory as those of the loop, `memory` bytes, where that is less than it moves because it reads or
/// writes some twice. Above 105 % the benchmark fails: then the count of bytes, or the peak, is wrong.
void report_bytes(benchmark::State& state, double bytes, Traffic traffic = Traffic::copy, double memory = 0);
/// The same for FLOP/s.
void report_flops(benchmark::State& state, double flops, bool f64 = false);

}  // namespace vitrine::bench

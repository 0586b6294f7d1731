#include "machine.h"

namespace vitrine::bench {
namespace {

void report(benchmark::State& state, const char* unit, double amount, double peak) {
    using benchmark::Counter;
    const double total = amount * static_cast<double>(state.iterations());
    state.counters[unit] = Counter(total / 1e9, Counter::kIsRate);
    state.counters["%peak"] = Counter(100 * total / peak, Counter::kIsRate);
    state.counters["peak"] = Counter(peak / 1e9);
}

}  // namespace

void report_bytes(benchmark::State& state, double bytes, Traffic traffic, double memory) {
    const double update_moves = traffic == Traffic::update ? 2 : 1;
    if (memory == 0) memory = bytes / update_moves;
    report(state, "GB/s", bytes, peak_bytes(static_cast<std::size_t>(update_moves * memory), traffic));
    state.counters["memory"] = memory;
}
void report_flops(benchmark::State& state, double flops, bool f64) { report(state, "GFLOP/s", flops, peak_flops(f64)); }

}  // namespace vitrine::bench

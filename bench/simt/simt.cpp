// What the emulator costs, beside its targets: a launch 1 us, a thread that never waits 2 ns, a barrier 30 ns a thread
// in a block of 256. One worker. Exits with 1 when a target is missed.
//
//   build/release/bench/simt
//
// `kernel_mix` is a mix of the kernels of tests and ops. The checker's target is 8 times the plain build's time for it:
// build preset simt-check with -DVITRINE_BUILD_BENCH=ON and give that time in milliseconds:
//
//   VITRINE_BENCH_PLAIN_MS=1.9 build/simt-check/bench/simt
#include <benchmark/benchmark.h>

#include <cstdio>
#include <cstdlib>
#include <vector>

#include "kernels.h"

#include "vitrine/config.h"
#include "vitrine/kernels/base/device.h"
#include "vitrine/kernels/simt/memory.h"
#include "vitrine/kernels/simt/options.h"

namespace kernels = vitrine::kernels;
namespace simt = vitrine::kernels::simt;
using benchmark::State;

namespace {

constexpr int plain_build = !VITRINE_SIMT_CHECK;  // the checker has one target, as a whole

/// A turn does `count` things, and none of them shall take longer than `target` nanoseconds of CPU time (0: no target).
void judge(State& state, double count, double target) {
    state.counters["count"] = count;
    state.counters["target"] = target;
}

void launch(State& state) {
    auto* x = static_cast<float*>(simt::allocate(sizeof(float)));
    for (auto _ : state) kernels::bench_threads(kernels::Simt{}, x, 1, 1);
    simt::release(x);
    judge(state, 1, plain_build * 1000);
}

void thread_that_never_waits(State& state) {
    auto* x = static_cast<float*>(simt::allocate(100 * 256 * sizeof(float)));
    for (auto _ : state) kernels::bench_threads(kernels::Simt{}, x, 100, 256);
    simt::release(x);
    judge(state, 100 * 256, plain_build * 2);
}

void barrier(State& state) {
    constexpr int turns = 1000, threads = 256;
    for (auto _ : state) kernels::bench_barriers(kernels::Simt{}, turns, threads);
    judge(state, turns * threads, plain_build * 30);
}

void kernel_mix(State& state) {
    constexpr std::size_t bytes = sizeof(float) * kernels::bench_mix_floats;
    auto* x = static_cast<float*>(simt::allocate(bytes));
    auto* y = static_cast<float*>(simt::allocate(bytes));
    simt::copy(x, std::vector<float>(kernels::bench_mix_floats, 0.5f).data(), bytes);
    simt::copy(y, std::vector<float>(kernels::bench_mix_floats, 0.5f).data(), bytes);
    for (auto _ : state) kernels::bench_mix(kernels::Simt{}, x, y);
    simt::release(x);
    simt::release(y);
    const char* plain = std::getenv("VITRINE_BENCH_PLAIN_MS");
    judge(state, 1, plain ? 8e6 * std::atof(plain) : 0);
}

BENCHMARK(launch);
BENCHMARK(thread_that_never_waits);
BENCHMARK(barrier);
BENCHMARK(kernel_mix);

class Reporter : public benchmark::BenchmarkReporter {
public:
    bool reached = true;
    bool ReportContext(const Context&) override { return true; }
    void ReportRuns(const std::vector<Run>& runs) override {
        for (const Run& run : runs) {
            const double target = run.counters.at("target"), count = run.counters.at("count");
            const double ns = run.GetAdjustedCPUTime() / count;  // of the default unit, nanoseconds
            std::printf("%-24s %12.2f ns", run.benchmark_name().c_str(), ns);
            if (target > 0) std::printf("   target %10.0f ns%s", target, ns <= target ? "" : "   MISSED");
            std::printf("\n");
            reached = reached && (target == 0 || ns <= target);
        }
    }
};

}  // namespace

int main(int argc, char** argv) {
    benchmark::Initialize(&argc, argv);
    if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 2;
    simt::options().workers = 1;
    Reporter reporter;
    benchmark::RunSpecifiedBenchmarks(&reporter);
    return reporter.reached ? 0 : 1;
}

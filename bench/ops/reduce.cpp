#include "vitrine/core/ops/reduce.h"

#include "machine.h"
#include "vitrine/core/grad_mode.h"
#include "vitrine/core/ops/creation.h"

namespace vitrine::bench {
namespace {

// x is read once (by logsumexp twice, the second time from a cache): 4 bytes an element.
void reduce(benchmark::State& state, Tensor (*op)(Operand, Axes, bool), Axes axes) {
    const NoGrad no_grad;
    const Tensor x = ones({state.range(0), state.range(1)});
    for (auto _ : state) benchmark::DoNotOptimize(op(x, axes, false).impl());
    report_bytes(state, 4.0 * static_cast<double>(x.numel()), Traffic::read);
}

void sum_all(benchmark::State& state) { reduce(state, sum, {}); }
void sum_rows(benchmark::State& state) { reduce(state, sum, 1); }
void sum_columns(benchmark::State& state) { reduce(state, sum, 0); }
void max_rows(benchmark::State& state) { reduce(state, max, 1); }
void max_columns(benchmark::State& state) { reduce(state, max, 0); }
void logsumexp_rows(benchmark::State& state) { reduce(state, logsumexp, 1); }
void argmax_rows(benchmark::State& state) { reduce(state, argmax, 1); }

BENCHMARK(sum_all)->Args({128, 784})->Args({4096, 1024})->UseRealTime();
BENCHMARK(sum_rows)->Args({128, 20})->Args({4096, 1024})->UseRealTime();
BENCHMARK(sum_columns)->Args({128, 400})->Args({65536, 64})->Args({4096, 1024})->UseRealTime();
BENCHMARK(max_rows)->Args({4096, 1024})->UseRealTime();
BENCHMARK(max_columns)->Args({4096, 1024})->UseRealTime();
BENCHMARK(logsumexp_rows)->Args({128, 10})->Args({4096, 1024})->UseRealTime();
BENCHMARK(argmax_rows)->Args({128, 10})->Args({4096, 1024})->UseRealTime();

}  // namespace
}  // namespace vitrine::bench

#include "vitrine/core/ops/sort.h"

#include "machine.h"
#include "vitrine/core/grad_mode.h"
#include "vitrine/core/ops/random.h"

namespace vitrine::bench {
namespace {

// x is read; values and places are written: 16 bytes an element. The comparisons take longer than that.
void sort_rows(benchmark::State& state) {
    const NoGrad no_grad;
    const Tensor x = randn({state.range(0), state.range(1)});
    for (auto _ : state) benchmark::DoNotOptimize(sort(x).values.impl());
    report_bytes(state, 16.0 * static_cast<double>(x.numel()));
}
void topk_rows(benchmark::State& state) {
    const NoGrad no_grad;
    const Tensor x = randn({state.range(0), state.range(1)});
    for (auto _ : state) benchmark::DoNotOptimize(topk(x, 5).values.impl());
    report_bytes(state, 4.0 * static_cast<double>(x.numel()));
}
BENCHMARK(sort_rows)->Args({256, 1000})->UseRealTime();
BENCHMARK(topk_rows)->Args({256, 1000})->UseRealTime();

}  // namespace
}  // namespace vitrine::bench

#include "vitrine/core/ops/random.h"

#include "machine.h"
#include "vitrine/core/grad_mode.h"
#include "vitrine/core/ops/creation.h"

namespace vitrine::bench {
namespace {

// 4 bytes an element are written; a copy, which the peak is measured with, reads as many.
template <class Fill>
void fill(benchmark::State& state, Fill f) {
    const NoGrad no_grad;
    Tensor x = empty({state.range(0)});
    for (auto _ : state) benchmark::DoNotOptimize(f(x).impl());
    report_bytes(state, 4.0 * static_cast<double>(x.numel()));
    state.counters["element"] =  // seconds for one
        benchmark::Counter(static_cast<double>(x.numel()),
                           benchmark::Counter::kIsIterationInvariantRate | benchmark::Counter::kInvert);
}

void random_uniform(benchmark::State& state) {
    fill(state, [](Tensor& x) { return uniform_(x, -1, 1); });
}
void random_normal(benchmark::State& state) {
    fill(state, [](Tensor& x) { return normal_(x); });
}
void random_bernoulli(benchmark::State& state) {
    fill(state, [](Tensor& x) { return bernoulli_(x, 0.5); });
}
BENCHMARK(random_uniform)->Arg(2560)->Arg(1 << 20)->UseRealTime();
BENCHMARK(random_normal)->Arg(2560)->Arg(1 << 20)->UseRealTime();
BENCHMARK(random_bernoulli)->Arg(2560)->Arg(1 << 20)->UseRealTime();

}  // namespace
}  // namespace vitrine::bench

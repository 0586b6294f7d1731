#include "vitrine/core/ops/scan.h"

#include "machine.h"
#include "vitrine/core/grad_mode.h"
#include "vitrine/core/ops/creation.h"

namespace vitrine::bench {
namespace {

// x is read, y written: 8 bytes an element.
void cumsum_forward(benchmark::State& state) {
    const NoGrad no_grad;
    const Tensor x = ones({state.range(0), state.range(1)});
    for (auto _ : state) benchmark::DoNotOptimize(cumsum(x, state.range(2)).impl());
    report_bytes(state, 8.0 * static_cast<double>(x.numel()));
}
BENCHMARK(cumsum_forward)->Args({1024, 1024, 0})->Args({1024, 1024, 1})->UseRealTime();

}  // namespace
}  // namespace vitrine::bench

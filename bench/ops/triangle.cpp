#include "vitrine/core/ops/triangle.h"

#include "machine.h"
#include "vitrine/core/grad_mode.h"
#include "vitrine/core/ops/creation.h"

namespace vitrine::bench {
namespace {

// Half of x is read, y written: 6 bytes an element.
void triangle_lower(benchmark::State& state) {
    const NoGrad no_grad;
    const Tensor x = ones({2048, 2048});
    benchmark::DoNotOptimize(tril(x).impl());
    for (auto _ : state) benchmark::DoNotOptimize(tril(x).impl());
    report_bytes(state, 6.0 * static_cast<double>(x.numel()));
}
BENCHMARK(triangle_lower)->UseRealTime();

}  // namespace
}  // namespace vitrine::bench

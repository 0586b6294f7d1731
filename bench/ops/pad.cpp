#include "vitrine/core/ops/pad.h"

#include "machine.h"
#include "vitrine/core/grad_mode.h"
#include "vitrine/core/layout.h"
#include "vitrine/core/ops/creation.h"

namespace vitrine::bench {
namespace {

// Images (128, 3, 32, 32), channels last, 4 places on each side. x is read, y written.
void pad_images(benchmark::State& state, PadMode mode) {
    const NoGrad no_grad;
    const Tensor x = channels_last(ones({128, 3, 32, 32}));
    const Tensor y = pad(x, {4, 4, 4, 4}, mode);
    for (auto _ : state) benchmark::DoNotOptimize(pad(x, {4, 4, 4, 4}, mode).impl());
    report_bytes(state, 4.0 * static_cast<double>(x.numel() + y.numel()));
}
void pad_constant(benchmark::State& state) { pad_images(state, PadMode::constant); }
void pad_reflect(benchmark::State& state) { pad_images(state, PadMode::reflect); }
BENCHMARK(pad_constant)->UseRealTime();
BENCHMARK(pad_reflect)->UseRealTime();

}  // namespace
}  // namespace vitrine::bench

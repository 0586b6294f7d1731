#include "vitrine/core/ops/rearrange.h"

#include "machine.h"
#include "vitrine/core/grad_mode.h"
#include "vitrine/core/ops/creation.h"

namespace vitrine::bench {
namespace {

// x is read and y written: 8 bytes an element.
void flip_rows(benchmark::State& state) {
    const NoGrad no_grad;
    const Tensor x = ones({2048, 2048});
    benchmark::DoNotOptimize(flip(x, {1}).impl());
    for (auto _ : state) benchmark::DoNotOptimize(flip(x, {1}).impl());
    report_bytes(state, 8.0 * static_cast<double>(x.numel()));
}
BENCHMARK(flip_rows)->UseRealTime();

void roll_rows(benchmark::State& state) {
    const NoGrad no_grad;
    const Tensor x = ones({2048, 2048});
    benchmark::DoNotOptimize(roll(x, {5, 7}, {0, 1}).impl());
    for (auto _ : state) benchmark::DoNotOptimize(roll(x, {5, 7}, {0, 1}).impl());
    report_bytes(state, 8.0 * static_cast<double>(x.numel()));
}
BENCHMARK(roll_rows)->UseRealTime();

}  // namespace
}  // namespace vitrine::bench

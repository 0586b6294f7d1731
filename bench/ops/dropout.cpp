#include "vitrine/core/ops/dropout.h"

#include "machine.h"
#include "vitrine/core/grad_mode.h"
#include "vitrine/core/ops/creation.h"

// Each benchmark calls its op once before the clock starts: then the allocator has the memory.
namespace vitrine::bench {
namespace {

// x is read and y written; the mask is made on the way, and again by the backward: 8 bytes an element.
void dropout_forward(benchmark::State& state) {
    const NoGrad no_grad;
    const Tensor x = ones({state.range(0)});
    benchmark::DoNotOptimize(dropout(x, 0.5).impl());
    for (auto _ : state) benchmark::DoNotOptimize(dropout(x, 0.5).impl());
    report_bytes(state, 8.0 * static_cast<double>(x.numel()));
}
BENCHMARK(dropout_forward)->Arg(128 * 400)->Arg(1 << 20)->Arg(1 << 24)->UseRealTime();

void dropout_backward(benchmark::State& state) {
    const NoGrad no_grad;
    const Tensor dy = ones({state.range(0)});
    const DropoutMask mask{.p = 0.5, .from = {1, 0}, .order = dy.strides()};
    benchmark::DoNotOptimize(vitrine::dropout_backward(dy, mask).impl());
    for (auto _ : state) benchmark::DoNotOptimize(vitrine::dropout_backward(dy, mask).impl());
    report_bytes(state, 8.0 * static_cast<double>(dy.numel()));
}
BENCHMARK(dropout_backward)->Arg(128 * 400)->Arg(1 << 20)->UseRealTime();

}  // namespace
}  // namespace vitrine::bench

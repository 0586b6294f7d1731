#include "vitrine/core/ops/cross_entropy.h"

#include "machine.h"
#include "vitrine/core/backward.h"
#include "vitrine/core/grad_mode.h"
#include "vitrine/core/ops/creation.h"

namespace vitrine::bench {
namespace {

// The logits are read: 4 bytes an element. The second look finds a row in the first-level cache.
void cross_entropy_forward(benchmark::State& state) {
    const NoGrad no_grad;
    const Tensor x = ones({state.range(0), state.range(1)}), t = zeros({state.range(0)}, {.dtype = DType::i64});
    for (auto _ : state) benchmark::DoNotOptimize(cross_entropy(x, t).impl());
    report_bytes(state, 4.0 * static_cast<double>(x.numel()), Traffic::read);
}
BENCHMARK(cross_entropy_forward)->Args({128, 10})->Args({3200, 65})->Args({256, 10000})->UseRealTime();

// Forward and backward: the logits are read twice and dx written, 12 bytes an element.
void cross_entropy_step(benchmark::State& state) {
    const Tensor x = ones({state.range(0), state.range(1)}, {.requires_grad = true});
    const Tensor t = zeros({state.range(0)}, {.dtype = DType::i64});
    for (auto _ : state) benchmark::DoNotOptimize(grad({cross_entropy(x, t)}, {x})[0].impl());
    report_bytes(state, 12.0 * static_cast<double>(x.numel()), Traffic::triad);
}
BENCHMARK(cross_entropy_step)->Args({128, 10})->Args({3200, 65})->Args({256, 10000})->UseRealTime();

}  // namespace
}  // namespace vitrine::bench

#include "vitrine/core/ops/softmax.h"

#include "machine.h"
#include "vitrine/core/grad_mode.h"
#include "vitrine/core/ops/creation.h"

// Each benchmark calls its op once before the clock starts: then the allocator has the memory.
namespace vitrine::bench {
namespace {

// x is read and y written: 8 bytes an element. The rows stay in the first-level cache between the passes.
void softmax_forward(benchmark::State& state) {
    const NoGrad no_grad;
    const Tensor x = ones({state.range(0), state.range(1)});
    benchmark::DoNotOptimize(softmax(x, 1).impl());
    for (auto _ : state) benchmark::DoNotOptimize(softmax(x, 1).impl());
    report_bytes(state, 8.0 * static_cast<double>(x.numel()));
}
BENCHMARK(softmax_forward)->Args({128, 10})->Args({512, 64})->Args({4096, 64})->Args({2048, 1024})->Args({16384, 1024})->UseRealTime();

void softmax_backward(benchmark::State& state) {
    const NoGrad no_grad;
    const Tensor y = softmax(ones({state.range(0), state.range(1)}), 1), dy = ones_like(y);
    benchmark::DoNotOptimize(vitrine::softmax_backward(y, dy, 1).impl());
    for (auto _ : state) benchmark::DoNotOptimize(vitrine::softmax_backward(y, dy, 1).impl());
    report_bytes(state, 12.0 * static_cast<double>(y.numel()), Traffic::triad);
}
BENCHMARK(softmax_backward)->Args({128, 10})->Args({512, 64})->Args({4096, 64})->Args({2048, 1024})->Args({16384, 1024})->UseRealTime();

}  // namespace
}  // namespace vitrine::bench

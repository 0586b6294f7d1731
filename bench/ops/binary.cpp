#include "vitrine/core/ops/binary.h"

#include "machine.h"
#include "vitrine/core/backward.h"
#include "vitrine/core/grad_mode.h"
#include "vitrine/core/ops/creation.h"

// Each benchmark calls its op once before the clock starts: then the allocator has the memory.
namespace vitrine::bench {
namespace {

using Function = Tensor (*)(Operand, Operand);

// x and w are read and y written: 12 bytes an element.
void binary_forward(benchmark::State& state, Function f) {
    const NoGrad no_grad;
    const Tensor x = ones({state.range(0), state.range(1)}), w = ones_like(x);
    benchmark::DoNotOptimize(f(x, w).impl());
    for (auto _ : state) benchmark::DoNotOptimize(f(x, w).impl());
    report_bytes(state, 12.0 * static_cast<double>(x.numel()), Traffic::triad);
}
BENCHMARK_CAPTURE(binary_forward, add, &add)->Args({8, 1})->Args({128, 400})->Args({1024, 1024})->Args({2048, 2048})->Args({4096, 4096})->UseRealTime();
BENCHMARK_CAPTURE(binary_forward, div, &div)->Args({128, 400})->UseRealTime();
BENCHMARK_CAPTURE(binary_forward, maximum, &maximum)->Args({128, 400})->UseRealTime();

// A row and a column are broadcast: 8 bytes an element.
void binary_broadcast(benchmark::State& state) {
    const NoGrad no_grad;
    const Tensor x = ones({state.range(0), state.range(1)});
    const Tensor w = state.range(2) == 0 ? ones({state.range(1)}) : ones({state.range(0), 1});
    benchmark::DoNotOptimize((x + w).impl());
    for (auto _ : state) benchmark::DoNotOptimize((x + w).impl());
    report_bytes(state, 8.0 * static_cast<double>(x.numel()));
}
BENCHMARK(binary_broadcast)->Args({128, 400, 0})->Args({128, 400, 1})->Args({2048, 2048, 0})->UseRealTime();

// A number on the right: 8 bytes an element.
void binary_number(benchmark::State& state) {
    const NoGrad no_grad;
    const Tensor x = ones({state.range(0)});
    benchmark::DoNotOptimize((x * 0.5).impl());
    for (auto _ : state) benchmark::DoNotOptimize((x * 0.5).impl());
    report_bytes(state, 8.0 * static_cast<double>(x.numel()));
}
BENCHMARK(binary_number)->Arg(8)->Arg(51'200)->UseRealTime();

// f32 read twice, bool written: 9 bytes an element.
void binary_compare(benchmark::State& state) {
    const NoGrad no_grad;
    const Tensor x = ones({state.range(0)}), w = ones_like(x);
    benchmark::DoNotOptimize((x < w).impl());
    for (auto _ : state) benchmark::DoNotOptimize((x < w).impl());
    report_bytes(state, 9.0 * static_cast<double>(x.numel()), Traffic::triad);
}
BENCHMARK(binary_compare)->Arg(51'200)->UseRealTime();

// x, w and dy are read, dx and dw written, in one pass: 20 bytes an element. The graph is walked each time.
void binary_backward(benchmark::State& state) {
    const Tensor x = ones({state.range(0)}, {.requires_grad = true}),
                 w = ones({state.range(0)}, {.requires_grad = true});
    const Tensor y = x * w, dy = ones_like(y);
    benchmark::DoNotOptimize(grad({y}, {x, w}, {.grad_outputs = {dy}, .retain_graph = true})[0].impl());
    for (auto _ : state)
        benchmark::DoNotOptimize(grad({y}, {x, w}, {.grad_outputs = {dy}, .retain_graph = true})[0].impl());
    report_bytes(state, 20.0 * static_cast<double>(x.numel()), Traffic::triad);
}
BENCHMARK(binary_backward)->Arg(51'200)->UseRealTime();

// Nothing but the cost of an op: 8 floats, forward with its node.
void tiny_op(benchmark::State& state) {
    const Tensor x = ones({8}, {.requires_grad = true}), w = ones({8});
    benchmark::DoNotOptimize((x * w).impl());
    for (auto _ : state) benchmark::DoNotOptimize((x * w).impl());
}
BENCHMARK(tiny_op);

}  // namespace
}  // namespace vitrine::bench

#include "vitrine/core/ops/pool.h"

#include "machine.h"
#include "vitrine/core/backward.h"
#include "vitrine/core/grad_mode.h"
#include "vitrine/core/layout.h"
#include "vitrine/core/ops/creation.h"

// Each benchmark calls its op once before the clock starts: then the allocator has the memory.
namespace vitrine::bench {
namespace {

Tensor images(benchmark::State& state) {
    return make_channels_last({state.range(0), state.range(1), state.range(2), state.range(2)}, DType::f32, Device::cpu)
        .fill_(1);
}

// x is read, y written.
void max_pool_forward(benchmark::State& state) {
    const NoGrad no_grad;
    const Tensor x = images(state);
    benchmark::DoNotOptimize(max_pool2d(x, 2).impl());
    for (auto _ : state) benchmark::DoNotOptimize(max_pool2d(x, 2).impl());
    report_bytes(state, 5.0 * static_cast<double>(x.numel()));
}
// Second-level cache, third-level, more than it, memory.
void sizes(benchmark::internal::Benchmark* b) {
    b->Args({16, 64, 8})->Args({128, 128, 8})->Args({128, 32, 32})->Args({64, 64, 112})->UseRealTime();
}
BENCHMARK(max_pool_forward)->Apply(sizes);

void max_pool_3x3_forward(benchmark::State& state) {
    const NoGrad no_grad;
    const Tensor x = images(state);
    benchmark::DoNotOptimize(max_pool2d(x, 3, {.stride = 2, .padding = 1}).impl());
    for (auto _ : state) benchmark::DoNotOptimize(max_pool2d(x, 3, {.stride = 2, .padding = 1}).impl());
    report_bytes(state, 5.0 * static_cast<double>(x.numel()));
}
BENCHMARK(max_pool_3x3_forward)->Args({16, 64, 112})->UseRealTime();

// dy and the indices, a quarter of x each, are read, dx is written.
void max_pool_backward(benchmark::State& state) {
    const Tensor x = images(state).requires_grad_();
    const Tensor y = max_pool2d(x, 2), dy = ones_like(y);
    benchmark::DoNotOptimize(grad({y}, {x}, {.grad_outputs = {dy}, .retain_graph = true}).data());
    for (auto _ : state) benchmark::DoNotOptimize(grad({y}, {x}, {.grad_outputs = {dy}, .retain_graph = true}).data());
    report_bytes(state, 6.0 * static_cast<double>(x.numel()));
}
BENCHMARK(max_pool_backward)->Apply(sizes);

void avg_pool_forward(benchmark::State& state) {
    const NoGrad no_grad;
    const Tensor x = images(state);
    benchmark::DoNotOptimize(avg_pool2d(x, 2).impl());
    for (auto _ : state) benchmark::DoNotOptimize(avg_pool2d(x, 2).impl());
    report_bytes(state, 5.0 * static_cast<double>(x.numel()));
}
BENCHMARK(avg_pool_forward)->Apply(sizes);

// dy, a quarter of x, is read, dx is written.
void avg_pool_backward(benchmark::State& state) {
    const Tensor x = images(state).requires_grad_();
    const Tensor y = avg_pool2d(x, 2), dy = ones_like(y);
    benchmark::DoNotOptimize(grad({y}, {x}, {.grad_outputs = {dy}, .retain_graph = true}).data());
    for (auto _ : state) benchmark::DoNotOptimize(grad({y}, {x}, {.grad_outputs = {dy}, .retain_graph = true}).data());
    report_bytes(state, 5.0 * static_cast<double>(x.numel()));
}
BENCHMARK(avg_pool_backward)->Apply(sizes);

void global_avg_pool_forward(benchmark::State& state) {
    const NoGrad no_grad;
    const Tensor x = images(state);
    benchmark::DoNotOptimize(adaptive_avg_pool2d(x, 1).impl());
    for (auto _ : state) benchmark::DoNotOptimize(adaptive_avg_pool2d(x, 1).impl());
    report_bytes(state, 4.0 * static_cast<double>(x.numel()), Traffic::read);
}
BENCHMARK(global_avg_pool_forward)->Args({64, 512, 7})->UseRealTime();

}  // namespace
}  // namespace vitrine::bench

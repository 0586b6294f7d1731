#include "vitrine/core/ops/batch_norm.h"

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

// x is read twice, for the statistics and for y, which is written: 12 bytes an element.
void batch_norm_forward(benchmark::State& state) {
    const NoGrad no_grad;
    const Tensor x = images(state), w = ones({x.size(1)}), b = zeros({x.size(1)}), mean = zeros({x.size(1)}),
                 var = ones({x.size(1)});
    benchmark::DoNotOptimize(batch_norm(x, w, b, mean, var, {.training = true}).impl());
    for (auto _ : state) benchmark::DoNotOptimize(batch_norm(x, w, b, mean, var, {.training = true}).impl());
    report_bytes(state, 12.0 * static_cast<double>(x.numel()), Traffic::triad, 8.0 * static_cast<double>(x.numel()));
}
// Second-level cache, third-level, more than it, memory.
void sizes(benchmark::internal::Benchmark* b) {
    b->Args({8, 64, 8})->Args({128, 128, 8})->Args({64, 512, 4})->Args({128, 32, 32})->Args({64, 64, 64})->UseRealTime();
}
BENCHMARK(batch_norm_forward)->Apply(sizes);

// x and dy are read twice, dx is written: 20 bytes an element.
void batch_norm_backward(benchmark::State& state) {
    const NoGrad no_grad;
    const Tensor x = images(state), dy = ones_like(x), w = ones({x.size(1)}), mean = zeros({x.size(1)}), rstd = ones({x.size(1)});
    benchmark::DoNotOptimize(vitrine::batch_norm_backward(x, w, mean, rstd, dy, {.training = true}).dx.impl());
    for (auto _ : state)
        benchmark::DoNotOptimize(vitrine::batch_norm_backward(x, w, mean, rstd, dy, {.training = true}).dx.impl());
    report_bytes(state, 20.0 * static_cast<double>(x.numel()), Traffic::triad, 12.0 * static_cast<double>(x.numel()));
}
BENCHMARK(batch_norm_backward)->Apply(sizes);

// Behind a relu: y is computed again from x, and the bytes are the same.
void batch_norm_relu_backward(benchmark::State& state) {
    const Tensor x = images(state).requires_grad_(), w = ones({x.size(1)}, {.requires_grad = true}), b = zeros({x.size(1)}, {.requires_grad = true});
    const Tensor y = batch_norm_relu(x, w, b, {}, {}, {.training = true}), dy = ones_like(y);
    benchmark::DoNotOptimize(grad({y}, {x, w, b}, {.grad_outputs = {dy}, .retain_graph = true}).data());
    for (auto _ : state) benchmark::DoNotOptimize(grad({y}, {x, w, b}, {.grad_outputs = {dy}, .retain_graph = true}).data());
    report_bytes(state, 20.0 * static_cast<double>(x.numel()), Traffic::triad, 12.0 * static_cast<double>(x.numel()));
}
BENCHMARK(batch_norm_relu_backward)->Apply(sizes);

}  // namespace
}  // namespace vitrine::bench

#include "vitrine/core/ops/group_norm.h"

#include "machine.h"
#include "vitrine/core/backward.h"
#include "vitrine/core/grad_mode.h"
#include "vitrine/core/layout.h"
#include "vitrine/core/ops/creation.h"
#include "vitrine/core/ops/layer_norm.h"

// Each benchmark calls its op once before the clock starts: then the allocator has the memory.
namespace vitrine::bench {
namespace {

Tensor images(benchmark::State& state) {
    return make_channels_last({state.range(0), state.range(1), state.range(2), state.range(2)}, DType::f32, Device::cpu)
        .fill_(1);
}

// An image stays in a near cache between its statistics and y: x is read and y written, 8 bytes an element.
void group_norm_forward(benchmark::State& state) {
    const NoGrad no_grad;
    const Tensor x = images(state), w = ones({x.size(1)}), b = zeros({x.size(1)});
    benchmark::DoNotOptimize(group_norm(x, 8, w, b).impl());
    for (auto _ : state) benchmark::DoNotOptimize(group_norm(x, 8, w, b).impl());
    report_bytes(state, 8.0 * static_cast<double>(x.numel()));
}
BENCHMARK(group_norm_forward)->Args({8, 64, 8})->Args({128, 128, 8})->Args({128, 32, 32})->Args({128, 128, 32})->UseRealTime();

void layer_norm_forward(benchmark::State& state) {
    const NoGrad no_grad;
    const Tensor x = ones({state.range(0), state.range(1)}), w = ones({x.size(1)}), b = zeros({x.size(1)});
    benchmark::DoNotOptimize(layer_norm(x, {x.size(1)}, w, b).impl());
    for (auto _ : state) benchmark::DoNotOptimize(layer_norm(x, {x.size(1)}, w, b).impl());
    report_bytes(state, 8.0 * static_cast<double>(x.numel()));
}
BENCHMARK(layer_norm_forward)->Args({256, 128})->Args({2048, 128})->Args({2048, 256})->Args({2048, 1024})->Args({16384, 1024})->UseRealTime();

// x and dy are read, dx is written: 12 bytes an element.
void layer_norm_backward(benchmark::State& state) {
    const Tensor x = ones({state.range(0), state.range(1)}, {.requires_grad = true});
    const Tensor w = ones({x.size(1)}, {.requires_grad = true}), b = zeros({x.size(1)}, {.requires_grad = true});
    const Tensor y = layer_norm(x, {x.size(1)}, w, b), dy = ones_like(y);
    benchmark::DoNotOptimize(grad({y}, {x, w, b}, {.grad_outputs = {dy}, .retain_graph = true}).data());
    for (auto _ : state)
        benchmark::DoNotOptimize(grad({y}, {x, w, b}, {.grad_outputs = {dy}, .retain_graph = true}).data());
    report_bytes(state, 12.0 * static_cast<double>(x.numel()), Traffic::triad);
}
BENCHMARK(layer_norm_backward)->Args({256, 128})->Args({2048, 128})->Args({2048, 256})->Args({2048, 1024})->Args({16384, 1024})->UseRealTime();

}  // namespace
}  // namespace vitrine::bench

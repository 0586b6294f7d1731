#include "vitrine/core/ops/optimizer.h"

#include "machine.h"
#include "vitrine/core/ops/creation.h"

namespace vitrine::bench {
namespace {

// w and g are read, w is written: 12 bytes an element.
void sgd_step(benchmark::State& state) {
    Tensor w = ones({state.range(0)}), g = ones({state.range(0)}), none;
    for (auto _ : state) vitrine::sgd_step(w, g, none, {.lr = 1e-3});
    report_bytes(state, 12.0 * static_cast<double>(w.numel()), Traffic::update, 8.0 * static_cast<double>(w.numel()));
}
BENCHMARK(sgd_step)->Arg(1 << 16)->Arg(784 * 400)->Arg(1 << 24)->UseRealTime();

// w, g, m, v are read and all but g written: 28 bytes an element.
void adam_step(benchmark::State& state) {
    Tensor w = ones({state.range(0)}), g = ones({state.range(0)}), m = zeros_like(w), v = zeros_like(w);
    for (auto _ : state) vitrine::adam_step(w, g, m, v, {.lr = 1e-3});
    report_bytes(state, 28.0 * static_cast<double>(w.numel()), Traffic::update, 16.0 * static_cast<double>(w.numel()));
}
BENCHMARK(adam_step)->Arg(16'384)->Arg(784 * 400)->Arg(1 << 23)->UseRealTime();

// w, g, v are read and all but g written: 20 bytes an element.
void rmsprop_step(benchmark::State& state) {
    Tensor w = ones({state.range(0)}), g = ones({state.range(0)}), v = zeros_like(w), none;
    for (auto _ : state) vitrine::rmsprop_step(w, g, v, none, none, {.lr = 1e-3});
    report_bytes(state, 20.0 * static_cast<double>(w.numel()), Traffic::update, 12.0 * static_cast<double>(w.numel()));
}
BENCHMARK(rmsprop_step)->Arg(16'384)->Arg(784 * 400)->Arg(1 << 23)->UseRealTime();

// A hundred small gradients in one pass each: what a launch or a call a tensor would cost shows here.
void clip_many(benchmark::State& state) {
    std::vector<Tensor> g;
    for (int i = 0; i < 100; ++i) g.push_back(ones({state.range(0)}));
    for (auto _ : state) {
        benchmark::DoNotOptimize(total_norm(g));
        scale_all(g, 1.0);
    }
    report_bytes(state, 12.0 * 100 * static_cast<double>(state.range(0)), Traffic::update);
}
BENCHMARK(clip_many)->Arg(256)->Arg(1 << 16)->UseRealTime();

void gradient_norm(benchmark::State& state) {
    const std::vector<Tensor> g{ones({state.range(0)})};
    for (auto _ : state) benchmark::DoNotOptimize(total_norm(g));
    report_bytes(state, 4.0 * static_cast<double>(g[0].numel()), Traffic::read);
}
BENCHMARK(gradient_norm)->Arg(784 * 400)->Arg(1 << 22)->UseRealTime();

}  // namespace
}  // namespace vitrine::bench

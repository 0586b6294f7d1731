#include "vitrine/core/ops/upsample.h"

#include "machine.h"
#include "vitrine/core/backward.h"
#include "vitrine/core/grad_mode.h"
#include "vitrine/core/layout.h"
#include "vitrine/core/ops/creation.h"

namespace vitrine::bench {
namespace {

Tensor images(benchmark::State& state) {
    return make_channels_last({state.range(0), state.range(1), state.range(2), state.range(2)}, DType::f32, Device::cpu)
        .fill_(1);
}

// x is read, y, four times as large, written.
void upsample_forward(benchmark::State& state) {
    const NoGrad no_grad;
    const Tensor x = images(state);
    for (auto _ : state) benchmark::DoNotOptimize(upsample_nearest_by(x, 2).impl());
    report_bytes(state, 20.0 * static_cast<double>(x.numel()));
}
BENCHMARK(upsample_forward)->Args({64, 32, 16})->Args({64, 128, 8})->UseRealTime();

void upsample_backward(benchmark::State& state) {
    const Tensor x = images(state).requires_grad_();
    const Tensor y = upsample_nearest_by(x, 2), dy = ones_like(y);
    for (auto _ : state) benchmark::DoNotOptimize(grad({y}, {x}, {.grad_outputs = {dy}, .retain_graph = true}).data());
    report_bytes(state, 20.0 * static_cast<double>(x.numel()), Traffic::triad);
}
BENCHMARK(upsample_backward)->Args({64, 32, 16})->Args({64, 128, 8})->UseRealTime();

}  // namespace
}  // namespace vitrine::bench

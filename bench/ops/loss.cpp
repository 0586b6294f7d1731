#include "vitrine/core/ops/loss.h"

#include "machine.h"
#include "vitrine/core/backward.h"
#include "vitrine/core/grad_mode.h"
#include "vitrine/core/ops/creation.h"

namespace vitrine::bench {
namespace {

constexpr LossOptions sum{.reduction = Reduction::sum};

// x and t are read: 8 bytes an element.
void loss_sum(benchmark::State& state, Tensor (*op)(Operand, const Tensor&, LossOptions)) {
    const NoGrad no_grad;
    const Tensor x = ones({state.range(0), state.range(1)}), t = zeros_like(x);
    for (auto _ : state) benchmark::DoNotOptimize(op(x, t, sum).impl());
    report_bytes(state, 8.0 * static_cast<double>(x.numel()), Traffic::read);
}
// x and t are read and dx written: 12 bytes an element.
void loss_backward(benchmark::State& state, Tensor (*op)(Operand, const Tensor&, LossOptions)) {
    const Tensor x = ones({state.range(0), state.range(1)}, {.requires_grad = true}), t = zeros(x.shape());
    const Tensor y = op(x, t, sum);
    for (auto _ : state) benchmark::DoNotOptimize(grad({y}, {x}, {.retain_graph = true})[0].impl());
    report_bytes(state, 12.0 * static_cast<double>(x.numel()), Traffic::triad);
}

void mse_loss_forward(benchmark::State& state) { loss_sum(state, mse_loss); }
void mse_loss_backward(benchmark::State& state) { loss_backward(state, mse_loss); }
void bce_with_logits_forward(benchmark::State& state) { loss_sum(state, binary_cross_entropy_with_logits); }
void bce_with_logits_backward(benchmark::State& state) {
    loss_backward(state, binary_cross_entropy_with_logits);
}

BENCHMARK(mse_loss_forward)->Args({128, 784})->UseRealTime();
BENCHMARK(mse_loss_backward)->Args({128, 784})->UseRealTime();
BENCHMARK(bce_with_logits_forward)->Args({128, 784})->UseRealTime();
BENCHMARK(bce_with_logits_backward)->Args({128, 784})->UseRealTime();

}  // namespace
}  // namespace vitrine::bench

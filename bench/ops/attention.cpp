#include "vitrine/core/ops/attention.h"

#include "machine.h"
#include "vitrine/core/backward.h"
#include "vitrine/core/grad_mode.h"
#include "vitrine/core/ops/creation.h"
#include "vitrine/core/ops/random.h"

namespace vitrine::bench {
namespace {

// Arguments: batches, heads, rows, columns of a head; causal. Two products of N x N x D, for half of the pairs if causal.
double attention_flops(const benchmark::State& state) {
    const auto n = static_cast<double>(state.range(2));
    const double pairs = state.range(4) ? n * (n + 1) / 2 : n * n;
    return 4 * static_cast<double>(state.range(0) * state.range(1) * state.range(3)) * pairs;
}

Tensor heads(const benchmark::State& state, bool requires_grad) {
    const Tensor x = randn({state.range(0), state.range(2), state.range(1), state.range(3)}).transpose(1, 2).detach();
    return requires_grad ? Tensor(x).requires_grad_() : x;
}

void attention_forward(benchmark::State& state) {
    const NoGrad no_grad;
    const Tensor q = heads(state, false), k = heads(state, false), v = heads(state, false);
    for (auto _ : state) benchmark::DoNotOptimize(scaled_dot_product_attention(q, k, v, {.causal = state.range(4) != 0}).impl());
    report_flops(state, attention_flops(state));
}
BENCHMARK(attention_forward)->Args({16, 4, 128, 64, 1})->Args({32, 4, 64, 32, 1})->Args({2, 4, 1024, 64, 0})->UseRealTime();

// The scores again and four products of their gradients.
void attention_backward(benchmark::State& state) {
    const Tensor q = heads(state, true), k = heads(state, true), v = heads(state, true);
    const Tensor o = scaled_dot_product_attention(q, k, v, {.causal = state.range(4) != 0}), dy = ones_like(o);
    for (auto _ : state) benchmark::DoNotOptimize(grad({o}, {q, k, v}, {.grad_outputs = {dy}, .retain_graph = true}));
    report_flops(state, 2.5 * attention_flops(state));
}
BENCHMARK(attention_backward)->Args({16, 4, 128, 64, 1})->Args({32, 4, 64, 32, 1})->Args({2, 4, 1024, 64, 0})->UseRealTime();

}  // namespace
}  // namespace vitrine::bench

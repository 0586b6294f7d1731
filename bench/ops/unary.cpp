#include "vitrine/core/ops/unary.h"

#include "machine.h"
#include "vitrine/core/backward.h"
#include "vitrine/core/grad_mode.h"
#include "vitrine/core/ops/creation.h"

// Each benchmark calls its op once before the clock starts: then the allocator has the memory.
namespace vitrine::bench {
namespace {

using Function = Tensor (*)(Operand);

// x is read and y written: 8 bytes an element.
void unary_forward(benchmark::State& state, Function f) {
    const NoGrad no_grad;
    const Tensor x = full({state.range(0)}, 0.5);
    benchmark::DoNotOptimize(f(x).impl());
    for (auto _ : state) benchmark::DoNotOptimize(f(x).impl());
    report_bytes(state, 8.0 * static_cast<double>(x.numel()));
}
// 0.4 MB, 8 MB, 34 MB and 134 MB: second-level cache, third-level cache, more than it, memory.
BENCHMARK_CAPTURE(unary_forward, exp, &exp)->Arg(8)->Arg(51'200)->Arg(1 << 20)->Arg(1 << 22)->Arg(1 << 24)->UseRealTime();
BENCHMARK_CAPTURE(unary_forward, log, &log)->Arg(51'200)->UseRealTime();
BENCHMARK_CAPTURE(unary_forward, relu, &relu)->Arg(51'200)->Arg(1 << 20)->Arg(1 << 22)->Arg(1 << 24)->UseRealTime();
BENCHMARK_CAPTURE(unary_forward, sigmoid, &sigmoid)->Arg(51'200)->UseRealTime();
BENCHMARK_CAPTURE(unary_forward, tanh, &tanh)->Arg(51'200)->Arg(1 << 20)->Arg(1 << 22)->Arg(1 << 24)->UseRealTime();
BENCHMARK_CAPTURE(unary_forward, silu, &silu)->Arg(51'200)->UseRealTime();
BENCHMARK_CAPTURE(unary_forward, sin, &sin)->Arg(51'200)->UseRealTime();
BENCHMARK_CAPTURE(unary_forward, gelu, [](Operand x) { return gelu(x); })->Arg(51'200)->Arg(1 << 20)->Arg(1 << 22)->Arg(1 << 24)->UseRealTime();
BENCHMARK_CAPTURE(unary_forward, softplus, [](Operand x) { return softplus(x); })->Arg(51'200)->UseRealTime();

// x or y and dy are read and dx written: 12 bytes an element. The graph is walked each time.
void unary_backward(benchmark::State& state, Function f) {
    const Tensor x = full({state.range(0)}, 0.5, {.requires_grad = true});
    const Tensor y = f(x), dy = ones_like(y);
    benchmark::DoNotOptimize(grad({y}, {x}, {.grad_outputs = {dy}, .retain_graph = true})[0].impl());
    for (auto _ : state)
        benchmark::DoNotOptimize(grad({y}, {x}, {.grad_outputs = {dy}, .retain_graph = true})[0].impl());
    report_bytes(state, 12.0 * static_cast<double>(x.numel()), Traffic::triad);
}
BENCHMARK_CAPTURE(unary_backward, relu, &relu)->Arg(51'200)->Arg(1 << 20)->Arg(1 << 22)->Arg(1 << 24)->UseRealTime();
BENCHMARK_CAPTURE(unary_backward, tanh, &tanh)->Arg(51'200)->UseRealTime();
BENCHMARK_CAPTURE(unary_backward, gelu, [](Operand x) { return gelu(x); })->Arg(51'200)->UseRealTime();

}  // namespace
}  // namespace vitrine::bench

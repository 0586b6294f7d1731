#include "vitrine/core/ops/where.h"

#include "machine.h"
#include "vitrine/core/grad_mode.h"
#include "vitrine/core/ops/binary.h"
#include "vitrine/core/ops/creation.h"

namespace vitrine::bench {
namespace {

// Every third element.
Tensor some_mask(std::int64_t n) {
    std::vector<std::int64_t> values(static_cast<std::size_t>(n));
    for (std::int64_t i = 0; i < n; ++i) values[static_cast<std::size_t>(i)] = i * 7919 % 3;
    return eq(from_vector(std::move(values), {n}), 0);
}

// Three operands are read, one of them bytes, and y written: 13 bytes an element.
void where_forward(benchmark::State& state) {
    const NoGrad no_grad;
    const Tensor c = some_mask(state.range(0)), x = ones(c.shape()), w = ones(c.shape());
    benchmark::DoNotOptimize(where(c, x, w).impl());
    for (auto _ : state) benchmark::DoNotOptimize(where(c, x, w).impl());
    report_bytes(state, 13.0 * static_cast<double>(c.numel()));
}
BENCHMARK(where_forward)->Arg(1 << 16)->Arg(1 << 22)->UseRealTime();

// The value stays in a register: 9 bytes an element.
void where_masked_fill(benchmark::State& state) {
    const NoGrad no_grad;
    const Tensor c = some_mask(state.range(0)), x = ones(c.shape());
    benchmark::DoNotOptimize(masked_fill(x, c, 2).impl());
    for (auto _ : state) benchmark::DoNotOptimize(masked_fill(x, c, 2).impl());
    report_bytes(state, 9.0 * static_cast<double>(c.numel()));
}
BENCHMARK(where_masked_fill)->Arg(1 << 16)->Arg(1 << 22)->UseRealTime();

// The mask is read twice, x once, a third of it written: 7.3 bytes an element.
void where_masked_select(benchmark::State& state) {
    const NoGrad no_grad;
    const Tensor c = some_mask(state.range(0)), x = ones(c.shape());
    benchmark::DoNotOptimize(masked_select(x, c).impl());
    for (auto _ : state) benchmark::DoNotOptimize(masked_select(x, c).impl());
    report_bytes(state, (6 + 4.0 / 3) * static_cast<double>(c.numel()));
}
BENCHMARK(where_masked_select)->Arg(1 << 16)->Arg(1 << 22)->UseRealTime();

}  // namespace
}  // namespace vitrine::bench

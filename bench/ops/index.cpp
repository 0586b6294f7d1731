#include "vitrine/core/ops/index.h"

#include "machine.h"
#include "vitrine/core/grad_mode.h"
#include "vitrine/core/ops/creation.h"

namespace vitrine::bench {
namespace {

Tensor some_indices(const Shape& shape, std::int64_t size) {
    std::vector<std::int64_t> values(static_cast<std::size_t>(shape.numel()));
    for (std::size_t i = 0; i < values.size(); ++i) values[i] = static_cast<std::int64_t>(i * 7919) % size;
    return from_vector(std::move(values), shape);
}

// Arguments: lines, size along the axis. An index and an element are read, an element written: 16 bytes each.
void index_gather(benchmark::State& state) {
    const NoGrad no_grad;
    const Tensor x = ones({state.range(0), state.range(1)}), t = some_indices(x.shape(), x.shape()[1]);
    benchmark::DoNotOptimize(gather(x, 1, t).impl());
    for (auto _ : state) benchmark::DoNotOptimize(gather(x, 1, t).impl());
    report_bytes(state, 16.0 * static_cast<double>(x.numel()));
}
BENCHMARK(index_gather)->Args({512, 128})->Args({2048, 2048})->UseRealTime();

// Whole rows: 8 bytes an element.
void index_select_rows(benchmark::State& state) {
    const NoGrad no_grad;
    const Tensor x = ones({state.range(0), state.range(1)}), t = some_indices({x.shape()[0]}, x.shape()[0]);
    benchmark::DoNotOptimize(index_select(x, 0, t).impl());
    for (auto _ : state) benchmark::DoNotOptimize(index_select(x, 0, t).impl());
    report_bytes(state, 8.0 * static_cast<double>(x.numel()));
}
BENCHMARK(index_select_rows)->Args({512, 128})->Args({2048, 2048})->UseRealTime();

// x is copied; an index and an element are read, an element of y read and written: 28 bytes each.
void index_scatter_add(benchmark::State& state) {
    const NoGrad no_grad;
    const Tensor x = ones({state.range(0), state.range(1)}), t = some_indices(x.shape(), x.shape()[1]), src = ones(x.shape());
    benchmark::DoNotOptimize(scatter_add(x, 1, t, src).impl());
    for (auto _ : state) benchmark::DoNotOptimize(scatter_add(x, 1, t, src).impl());
    report_bytes(state, 28.0 * static_cast<double>(x.numel()));
}
BENCHMARK(index_scatter_add)->Args({512, 128})->Args({2048, 2048})->UseRealTime();

}  // namespace
}  // namespace vitrine::bench

#include "vitrine/core/ops/copy.h"

#include "machine.h"
#include "vitrine/core/grad_mode.h"
#include "vitrine/core/ops/creation.h"

// Each benchmark calls its op once before the clock starts: then the allocator has the memory.
namespace vitrine::bench {
namespace {

// What shares of a peak are shares of, where arrays take so much memory together: nothing is timed but by peak_bytes().
void speed(benchmark::State& state, Traffic traffic) {
    for (auto _ : state) {
    }
    const auto moved = static_cast<std::size_t>(state.range(0)) * (traffic == Traffic::update ? 2 : 1);
    state.counters["peak"] = peak_bytes(moved, traffic) / 1e9;
}
void levels(benchmark::internal::Benchmark* b) { b->Arg(512 << 10)->Arg(8 << 20)->Arg(256 << 20)->Iterations(1); }
BENCHMARK_CAPTURE(speed, copy, Traffic::copy)->Apply(levels);
BENCHMARK_CAPTURE(speed, triad, Traffic::triad)->Apply(levels);
BENCHMARK_CAPTURE(speed, update, Traffic::update)->Apply(levels);

// x is read and y written: 8 bytes an element.
void copy_rows(benchmark::State& state) {
    const NoGrad no_grad;
    const Tensor x = ones({state.range(0), state.range(1)});
    benchmark::DoNotOptimize(clone(x).impl());
    for (auto _ : state) benchmark::DoNotOptimize(clone(x).impl());
    report_bytes(state, 8.0 * static_cast<double>(x.numel()));
}
BENCHMARK(copy_rows)->Args({8, 1})->Args({128, 784})->Args({2048, 2048})->UseRealTime();

void copy_transposed(benchmark::State& state) {
    const NoGrad no_grad;
    const Tensor x = ones({state.range(0), state.range(1)}).transpose(0, 1);
    benchmark::DoNotOptimize(contiguous(x).impl());
    for (auto _ : state) benchmark::DoNotOptimize(contiguous(x).impl());
    report_bytes(state, 8.0 * static_cast<double>(x.numel()));
}
BENCHMARK(copy_transposed)->Args({128, 784})->Args({1000, 1000})->Args({2048, 2048})->Args({5000, 5000})->UseRealTime();

// f32 read, i64 written: 12 bytes an element.
void copy_cast(benchmark::State& state) {
    const NoGrad no_grad;
    const Tensor x = ones({state.range(0)});
    benchmark::DoNotOptimize(to(x, DType::i64).impl());
    for (auto _ : state) benchmark::DoNotOptimize(to(x, DType::i64).impl());
    report_bytes(state, 12.0 * static_cast<double>(x.numel()));
}
BENCHMARK(copy_cast)->Arg(100'352)->Arg(4'194'304)->UseRealTime();

// Between f32 and a 16-bit float: 6 bytes an element.
void copy_half(benchmark::State& state, DType from, DType target) {
    const NoGrad no_grad;
    const Tensor x = ones({state.range(0)}, {.dtype = from});
    benchmark::DoNotOptimize(to(x, target).impl());
    for (auto _ : state) benchmark::DoNotOptimize(to(x, target).impl());
    report_bytes(state, 6.0 * static_cast<double>(x.numel()));
}
void copy_to_bf16(benchmark::State& state) { copy_half(state, DType::f32, DType::bf16); }
void copy_from_bf16(benchmark::State& state) { copy_half(state, DType::bf16, DType::f32); }
void copy_to_f16(benchmark::State& state) { copy_half(state, DType::f32, DType::f16); }
void copy_from_f16(benchmark::State& state) { copy_half(state, DType::f16, DType::f32); }
BENCHMARK(copy_to_bf16)->Arg(4'194'304)->UseRealTime();
BENCHMARK(copy_from_bf16)->Arg(4'194'304)->UseRealTime();
BENCHMARK(copy_to_f16)->Arg(4'194'304)->UseRealTime();
BENCHMARK(copy_from_f16)->Arg(4'194'304)->UseRealTime();

// y written: 4 bytes an element.
void copy_fill(benchmark::State& state) {
    const NoGrad no_grad;
    Tensor x = ones({state.range(0)});
    benchmark::DoNotOptimize(x.fill_(2).impl());
    for (auto _ : state) benchmark::DoNotOptimize(x.fill_(2).impl());
    report_bytes(state, 4.0 * static_cast<double>(x.numel()));
}
BENCHMARK(copy_fill)->Arg(100'352)->Arg(4'194'304)->UseRealTime();

}  // namespace
}  // namespace vitrine::bench

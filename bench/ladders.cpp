// Every step of the kernel ladders on device cuda (docs/ladders.md): GFLOP/s of matmul, GB/s of the others. Where there
// is no such device, nothing is registered.
#include <benchmark/benchmark.h>

#include <functional>

#include "vitrine/core/grad_mode.h"
#include "vitrine/core/ladder.h"
#include "vitrine/core/ops/creation.h"
#include "vitrine/core/ops/layer_norm.h"
#include "vitrine/core/ops/matmul.h"
#include "vitrine/core/ops/reduce.h"
#include "vitrine/core/ops/softmax.h"
#include "vitrine/kernels/base/error.h"

namespace vitrine::bench {
namespace {

using Op = std::function<Tensor(const Tensor&)>;

struct Rung {
    Ladder ladder;
    Shape shape;
    Op op;
    const char* unit;
    double work;  // of a call, in units of 1e9
};

void run_rung(benchmark::State& state, const Rung& rung, KernelStep step) {
    const NoGrad no_grad;
    const KernelStepScope scope(rung.ladder, step);
    const Tensor x = ones(rung.shape, {.dtype = DType::f32, .device = Device::cuda});
    rung.op(x);
    synchronize(Device::cuda);
    for (auto _ : state) {
        benchmark::DoNotOptimize(rung.op(x).impl());
        synchronize(Device::cuda);
    }
    state.counters[rung.unit] = benchmark::Counter(rung.work, benchmark::Counter::kIsIterationInvariantRate);
}

// 2 n^3 operations; x read once and y, of x's size or next to nothing, written.
std::vector<Rung> rungs() {
    constexpr std::int64_t n = 4096;
    constexpr double bytes = 4e-9 * n * n;
    return {{Ladder::matmul, {n, n}, [](const Tensor& x) { return matmul(x, x); }, "GFLOP/s", 2e-9 * n * n * n},
            {Ladder::softmax, {16 * n, n / 4}, [](const Tensor& x) { return softmax(x, 1); }, "GB/s", 8 * bytes},
            {Ladder::reduce, {16 * n, n / 4}, [](const Tensor& x) { return sum(x, 1); }, "GB/s", 4 * bytes},
            {Ladder::reduce, {16 * n * n / 4}, [](const Tensor& x) { return sum(x); }, "GB/s", 4 * bytes},
            {Ladder::layer_norm, {16 * n, n / 4}, [](const Tensor& x) { return layer_norm(x, {n / 4}); }, "GB/s",
             8 * bytes}};
}

[[maybe_unused]] const bool registered = [] {
    if (!is_available(Device::cuda)) return false;
    for (const Rung& rung : rungs()) {
        std::vector<KernelStep> steps = kernel_steps(rung.ladder);
        steps.push_back(KernelStep::automatic);
        for (const KernelStep step : steps)
            benchmark::RegisterBenchmark(join("ladder/", rung.ladder, "/", step, "/", rung.shape).c_str(),
                                         [rung, step](benchmark::State& state) { run_rung(state, rung, step); })
                ->UseRealTime();
    }
    return true;
}();

}  // namespace
}  // namespace vitrine::bench

#include "vitrine/core/ops/embedding.h"

#include "machine.h"
#include "vitrine/core/grad_mode.h"
#include "vitrine/core/ops/creation.h"

namespace vitrine::bench {
namespace {

Tensor some_ids(std::int64_t count, std::int64_t rows) {
    std::vector<std::int64_t> ids;
    for (std::int64_t i = 0; i < count; ++i) ids.push_back(i * 7919 % rows);
    return from_vector(std::move(ids), {count});
}

// Arguments: rows and columns of the table, ids. A row is read and one written for each id.
void embedding_forward(benchmark::State& state) {
    const NoGrad no_grad;
    const Tensor w = ones({state.range(0), state.range(1)}), ids = some_ids(state.range(2), state.range(0));
    for (auto _ : state) benchmark::DoNotOptimize(embedding(w, ids).impl());
    report_bytes(state, 8.0 * static_cast<double>(ids.numel() * state.range(1)));
}
BENCHMARK(embedding_forward)->Args({65, 512, 4096})->Args({65, 2048, 4096})->Args({50257, 768, 1024})->UseRealTime();

// dy is read, the table written once; sums of a small table stay in the cache.
void embedding_backward(benchmark::State& state) {
    const NoGrad no_grad;
    const Tensor ids = some_ids(state.range(2), state.range(0)), dy = ones({state.range(2), state.range(1)});
    for (auto _ : state) benchmark::DoNotOptimize(vitrine::embedding_backward(dy, ids, state.range(0)).impl());
    report_bytes(state, 4.0 * static_cast<double>((state.range(0) + state.range(2)) * state.range(1)));
}
BENCHMARK(embedding_backward)->Args({65, 512, 4096})->Args({65, 2048, 4096})->Args({50257, 768, 1024})->UseRealTime();

}  // namespace
}  // namespace vitrine::bench

#include "vitrine/core/ops/matmul.h"

#include "machine.h"
#include "vitrine/core/autocast.h"
#include "vitrine/core/grad_mode.h"
#include "vitrine/core/ops/creation.h"

namespace vitrine::bench {
namespace {

// A (M, K) times B (K, N): 2 M K N operations. 'T' for an operand that lies the other way round in memory.
void product(benchmark::State& state, bool a_transposed, bool b_transposed, DType dtype) {
    const NoGrad no_grad;
    const std::int64_t M = state.range(0), K = state.range(1), N = state.range(2);
    const TensorOptions options{.dtype = dtype};
    const Tensor a = a_transposed ? ones({K, M}, options).transpose(0, 1) : ones({M, K}, options);
    const Tensor b = b_transposed ? ones({N, K}, options).transpose(0, 1) : ones({K, N}, options);
    for (auto _ : state) benchmark::DoNotOptimize(matmul(a, b).impl());
    report_flops(state, 2.0 * static_cast<double>(M) * static_cast<double>(K) * static_cast<double>(N),
                 dtype == DType::f64);
}
void matmul_nn(benchmark::State& state) { product(state, false, false, DType::f32); }
void matmul_nt(benchmark::State& state) { product(state, false, true, DType::f32); }
void matmul_tn(benchmark::State& state) { product(state, true, false, DType::f32); }
void matmul_nn_f64(benchmark::State& state) { product(state, false, false, DType::f64); }

// The products of a training step of the autoencoder 784-400-20 at batch 128: forward, dx (NT) and dw (TN).
BENCHMARK(matmul_nn)
    ->Args({128, 784, 400})
    ->Args({128, 400, 20})
    ->Args({128, 20, 400})
    ->Args({128, 400, 784})
    ->UseRealTime();
BENCHMARK(matmul_nt)->Args({128, 784, 400})->Args({128, 400, 20})->Args({128, 20, 400})->UseRealTime();
BENCHMARK(matmul_tn)
    ->Args({784, 128, 400})
    ->Args({400, 128, 20})
    ->Args({20, 128, 400})
    ->Args({400, 128, 784})
    ->UseRealTime();
// Squares, from a tiny op to more than the caches hold.
BENCHMARK(matmul_nn)
    ->Args({8, 8, 8})
    ->Args({64, 64, 64})
    ->Args({512, 512, 512})
    ->Args({1024, 1024, 1024})
    ->UseRealTime();
BENCHMARK(matmul_nn_f64)->Args({128, 784, 400})->Args({512, 512, 512})->UseRealTime();

// The same with factors of bf16 (docs/autocast.md): f32 operands, rounded on the way.
void matmul_nn_bf16(benchmark::State& state) {
    const Autocast scope;
    matmul_nn(state);
}
void matmul_nt_bf16(benchmark::State& state) {
    const Autocast scope;
    matmul_nt(state);
}
void matmul_tn_bf16(benchmark::State& state) {
    const Autocast scope;
    matmul_tn(state);
}
BENCHMARK(matmul_nn_bf16)
    ->Args({128, 784, 400})
    ->Args({2048, 256, 768})
    ->Args({512, 512, 512})
    ->Args({1024, 1024, 1024})
    ->UseRealTime();
BENCHMARK(matmul_nt_bf16)->Args({128, 784, 400})->Args({2048, 768, 256})->UseRealTime();
BENCHMARK(matmul_tn_bf16)->Args({784, 128, 400})->Args({256, 2048, 768})->UseRealTime();

}  // namespace
}  // namespace vitrine::bench

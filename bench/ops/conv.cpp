#include "vitrine/core/ops/conv.h"

#include "machine.h"
#include "vitrine/core/autocast.h"
#include "vitrine/core/grad_mode.h"
#include "vitrine/core/ops/creation.h"

namespace vitrine::bench {
namespace {

// N images of C channels, size x size, kernels O x C/groups x k x k with padding k/2: 2 N P Q O C/G k^2 operations.
struct Problem {
    Tensor x, w, y;
    ConvOptions options;
    double flops;

    explicit Problem(const benchmark::State& state) {
        const std::int64_t N = state.range(0), C = state.range(1), O = state.range(2), size = state.range(3),
                           k = state.range(4), stride = state.range(5), groups = state.range(6);
        options = {.stride = stride, .padding = k / 2, .groups = groups};
        x = ones({N, C, size, size});
        w = ones({O, C / groups, k, k});
        y = conv2d(x, w, {}, options);
        // As they lie in a network: both come from ops.
        x = conv2d_backward_data(y, w, x.shape(), options);
        w = conv2d_backward_weight(x, y, w.shape(), options);
        flops = 2.0 * static_cast<double>(y.numel()) * static_cast<double>(C / groups * k * k);
    }
};

void conv_forward(benchmark::State& state) {
    const NoGrad no_grad;
    const Problem p(state);
    for (auto _ : state) benchmark::DoNotOptimize(conv2d(p.x, p.w, {}, p.options).impl());
    report_flops(state, p.flops);
}

void conv_backward_data(benchmark::State& state) {
    const NoGrad no_grad;
    const Problem p(state);
    for (auto _ : state) benchmark::DoNotOptimize(conv2d_backward_data(p.y, p.w, p.x.shape(), p.options).impl());
    report_flops(state, p.flops);
}

void conv_backward_weight(benchmark::State& state) {
    const NoGrad no_grad;
    const Problem p(state);
    for (auto _ : state) benchmark::DoNotOptimize(conv2d_backward_weight(p.x, p.y, p.w.shape(), p.options).impl());
    report_flops(state, p.flops);
}

// N, C, O, size, kernel, stride, groups. First the layers of cifar_cnn, then those of a residual network.
void problems(benchmark::internal::Benchmark* b) {
    b->Args({128, 3, 32, 32, 3, 1, 1});
    b->Args({128, 32, 32, 32, 3, 1, 1});
    b->Args({128, 32, 64, 16, 3, 1, 1});
    b->Args({128, 64, 64, 16, 3, 1, 1});
    b->Args({128, 64, 128, 8, 3, 1, 1});
    b->Args({128, 128, 128, 8, 3, 1, 1});
    b->Args({64, 64, 64, 32, 3, 1, 1});
    b->Args({64, 64, 128, 32, 3, 2, 1});
    b->Args({64, 64, 128, 32, 1, 2, 1});
    b->Args({64, 256, 256, 8, 3, 1, 1});
    b->Args({64, 512, 512, 4, 3, 1, 1});
    b->Args({32, 128, 128, 32, 3, 1, 128});
    b->Args({32, 64, 64, 32, 3, 1, 4});
    b->UseRealTime()->Unit(benchmark::kMillisecond);
}
// The same with factors of bf16 (docs/autocast.md), where that is faster.
void conv_forward_bf16(benchmark::State& state) {
    const Autocast scope;
    conv_forward(state);
}
void conv_backward_data_bf16(benchmark::State& state) {
    const Autocast scope;
    conv_backward_data(state);
}
void conv_backward_weight_bf16(benchmark::State& state) {
    const Autocast scope;
    conv_backward_weight(state);
}

// A layer of each kind that goes by bf16: 3x3 and 1x1 with stride 2, 1x1, 5x5, a first layer of 7x7, groups.
void kinds_in_bf16(benchmark::internal::Benchmark* b) {
    b->Args({64, 128, 256, 16, 3, 2, 1});
    b->Args({64, 128, 256, 16, 1, 2, 1});
    b->Args({64, 256, 64, 16, 1, 1, 1});
    b->Args({64, 64, 64, 16, 5, 1, 1});
    b->Args({8, 3, 64, 224, 7, 2, 1});
    b->Args({32, 64, 64, 32, 3, 1, 4});
    b->UseRealTime()->Unit(benchmark::kMillisecond);
}
BENCHMARK(conv_forward_bf16)->Apply(kinds_in_bf16);
BENCHMARK(conv_backward_data_bf16)->Apply(kinds_in_bf16);
BENCHMARK(conv_backward_weight_bf16)->Apply(kinds_in_bf16);

BENCHMARK(conv_forward)->Apply(problems);
BENCHMARK(conv_backward_data)->Apply(problems);
BENCHMARK(conv_backward_weight)->Apply(problems);

}  // namespace
}  // namespace vitrine::bench

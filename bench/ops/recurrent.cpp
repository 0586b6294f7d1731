#include "vitrine/core/ops/recurrent.h"

#include <cmath>

#include "machine.h"
#include "vitrine/core/backward.h"
#include "vitrine/core/grad_mode.h"
#include "vitrine/core/ops/binary.h"
#include "vitrine/core/ops/random.h"

namespace vitrine::bench {
namespace {

enum class Cell { rnn = 1, gru = 3, lstm = 4 };  // the number of gates

// A layer of H units over T steps of B sequences of H inputs. Counted are its products: 2 T B gates H (H + H) forward,
// twice that backward. Weights lie as nn::LSTM keeps them.
struct Layer {
    std::int64_t gates, T, B, H;
    Tensor x, w_ih, w_hh, b_ih, b_hh;

    Layer(Cell cell, const benchmark::State& state)
        : gates(static_cast<std::int64_t>(cell)), T(state.range(0)), B(state.range(1)), H(state.range(2)) {
        const NoGrad no_grad;
        manual_seed(1);
        const double bound = 1 / std::sqrt(static_cast<double>(H));
        x = randn({T, B, H});
        w_ih = (rand({H, gates * H}) - 0.5) * (2 * bound), w_hh = (rand({H, gates * H}) - 0.5) * (2 * bound);
        w_ih = w_ih.transpose(0, 1), w_hh = w_hh.transpose(0, 1);
        b_ih = rand({gates * H}) - 0.5, b_hh = rand({gates * H}) - 0.5;
    }
    Tensor run(Cell cell) const {
        const RecurrentWeights w{w_ih, w_hh, b_ih, b_hh};
        return cell == Cell::lstm ? lstm(x, {}, {}, w).y : cell == Cell::gru ? gru(x, {}, w).y : rnn(x, {}, w).y;
    }
    double flops() const { return 2.0 * static_cast<double>(T * B * gates * H) * static_cast<double>(2 * H); }
};

void layer_forward(benchmark::State& state, Cell cell) {
    const NoGrad no_grad;
    const Layer layer(cell, state);
    for (auto _ : state) benchmark::DoNotOptimize(layer.run(cell).impl());
    report_flops(state, layer.flops());
}

void layer_training(benchmark::State& state, Cell cell) {
    Layer layer(cell, state);
    std::vector<Tensor> inputs{layer.x, layer.w_ih, layer.w_hh, layer.b_ih, layer.b_hh};
    for (Tensor& x : inputs) x.requires_grad_();
    const Tensor dy = randn({layer.T, layer.B, layer.H});
    for (auto _ : state) benchmark::DoNotOptimize(grad({layer.run(cell)}, inputs, {.grad_outputs = {dy}})[0].impl());
    report_flops(state, 3 * layer.flops());
}

void lstm_forward(benchmark::State& state) { layer_forward(state, Cell::lstm); }
void lstm_training(benchmark::State& state) { layer_training(state, Cell::lstm); }
void gru_forward(benchmark::State& state) { layer_forward(state, Cell::gru); }
void gru_training(benchmark::State& state) { layer_training(state, Cell::gru); }
void rnn_training(benchmark::State& state) { layer_training(state, Cell::rnn); }

// A layer of the character model at its two sizes, and sampling: one character.
BENCHMARK(lstm_forward)->Args({64, 64, 512})->Args({64, 32, 128})->Args({1, 1, 512})->UseRealTime();
BENCHMARK(lstm_training)->Args({64, 64, 512})->Args({64, 32, 128})->UseRealTime();
BENCHMARK(gru_forward)->Args({64, 64, 512})->UseRealTime();
BENCHMARK(gru_training)->Args({64, 64, 512})->Args({64, 32, 128})->UseRealTime();
BENCHMARK(rnn_training)->Args({64, 32, 128})->UseRealTime();

}  // namespace
}  // namespace vitrine::bench

// The snippets of docs/recurrent.md.
#include <doctest/doctest.h>

#include "vitrine/core/ops/binary.h"
#include "vitrine/core/ops/creation.h"
#include "vitrine/core/ops/random.h"
#include "vitrine/core/ops/reduce.h"
#include "vitrine/core/ops/unary.h"
#include "vitrine/nn/recurrent.h"
#include "vitrine/nn/recurrent_cell.h"

using namespace vitrine;

TEST_CASE("nn/recurrent_page: layers, directions and carried state") {
    manual_seed(1);
    const Tensor x = randn({20, 3, 8});

    nn::LSTM net(8, 16, {.num_layers = 2, .dropout = 0.1, .bidirectional = true});
    auto [output, state] = net(x);  // x (20, 3, 8): 20 steps of 3 sequences

    CHECK(output.shape() == Shape{20, 3, 32});   // both directions side by side
    CHECK(state.h.shape() == Shape{4, 3, 16});   // layer 0 forward, layer 0 reverse, layer 1, ...
    CHECK(net.named_parameters()[4].first == "weight_ih_l0_reverse");

    nn::GRU gru(8, 16);
    Tensor carried;  // undefined: 0
    for (std::int64_t t = 0; t < 20; t += 5) {
        nn::RNNOutput out = gru(x.slice(0, t, t + 5), carried);
        sum(out.output).backward();
        carried = out.state.detach();  // the numbers go on, the gradient ends here
    }
    CHECK(carried.shape() == Shape{1, 3, 16});
}

TEST_CASE("nn/recurrent_page: ids") {
    manual_seed(2);
    const Tensor ids = (rand({20, 32}) * 65.0).to(int64);

    nn::Embedding words(65, 8);
    nn::LSTM reader(8, 16);
    nn::LSTMOutput read = reader(ids, words);  // ids (20, 32)

    CHECK(read.output.shape() == Shape{20, 32, 16});
    CHECK(max(abs(read.output - reader(words(ids)).output)).item<double>() < 1e-6);
}

TEST_CASE("nn/recurrent_page: a step at a time") {
    const Tensor x = ones({20, 3, 8});

    nn::LSTMCell cell(8, 16);
    nn::LSTMState state;
    for (std::int64_t t = 0; t < 20; ++t) state = cell(x.select(0, t), state);

    CHECK(state.h.shape() == Shape{3, 16});
}

#include "vitrine/models/char_rnn.h"

#include <doctest/doctest.h>

#include <cmath>

#include "op_case.h"
#include "vitrine/core/ops/creation.h"
#include "vitrine/core/ops/cross_entropy.h"
#include "vitrine/optim/adam.h"

using namespace vitrine;
using vitrine::testing::error_of;

namespace {

// Losses of the first steps on the text 0 1 2 3 4 0 1 2 ..., two streams, with carried state.
std::vector<double> first_losses(models::CharRnn& net, Device device, int steps) {
    net.to(device);
    optim::Adam adam(net.parameters(), {.lr = 0.02});
    nn::LSTMState state;
    std::vector<double> losses;
    for (int s = 0; s < steps; ++s) {
        std::vector<std::int64_t> ids;
        for (std::int64_t t = 0; t <= 6; ++t)
            for (std::int64_t b = 0; b < 2; ++b) ids.push_back((6 * s + t + 2 * b) % 5);
        const Tensor all = from_vector(std::move(ids), {7, 2}).to(device);
        const auto out = net(all.slice(0, 0, 6), state);
        const Tensor loss = cross_entropy(out.logits.flatten(0, 1), all.slice(0, 1, 7).flatten());
        adam.zero_grad();
        loss.backward();
        adam.step();
        state = {out.state.h.detach(), out.state.c.defined() ? out.state.c.detach() : Tensor()};
        losses.push_back(loss.item<double>());
    }
    return losses;
}

models::CharRnn small_net(models::CellKind cell) {
    manual_seed(3);
    return models::CharRnn({.vocabulary = 5, .cell = cell, .embedding = 4, .hidden = 9, .layers = 2, .dropout = 0.1});
}

}  // namespace

TEST_CASE("models/char_rnn: names, shapes and states of each cell") {
    models::CharRnn net({.vocabulary = 7, .embedding = 4, .hidden = 6});
    std::string names;
    for (const auto& [name, w] : net.named_parameters()) names += name + ' ';
    CHECK(names ==
          "embedding.weight lstm.weight_ih_l0 lstm.weight_hh_l0 lstm.bias_ih_l0 lstm.bias_hh_l0 lstm.weight_ih_l1 "
          "lstm.weight_hh_l1 lstm.bias_ih_l1 lstm.bias_hh_l1 head.weight head.bias ");
    const auto out = net(zeros({5, 3}, {.dtype = DType::i64}));
    CHECK(out.logits.shape() == Shape{5, 3, 7});
    CHECK(out.state.c.shape() == Shape{2, 3, 6});
    models::CharRnn gru({.vocabulary = 7, .cell = models::CellKind::gru, .hidden = 6});
    CHECK(!gru(zeros({5, 3}, {.dtype = DType::i64})).state.c.defined());
    CHECK(models::parse_cell("rnn") == models::CellKind::rnn);
    CHECK(error_of([] {
              models::parse_cell("tree", {"user.cpp", 2});
          }) == "parse_cell: \"tree\"; allowed are rnn, gru and lstm (user.cpp:2)");
}

TEST_CASE("models/char_rnn: learns a text, then writes it; the first losses are the same on every device") {
    for (models::CellKind cell : {models::CellKind::rnn, models::CellKind::gru, models::CellKind::lstm}) {
        std::vector<double> cpu;
        for (Device device : available_devices()) {
            models::CharRnn net = small_net(cell);
            const auto losses = first_losses(net, device, 5);
            if (device == Device::cpu) cpu = losses;
            for (std::size_t i = 0; i < 5; ++i) CHECK(std::abs(losses[i] - cpu[i]) < 1e-4);
        }
    }
    models::CharRnn net = small_net(models::CellKind::lstm);
    CHECK(first_losses(net, Device::cpu, 200).back() < 0.1);
    const Tensor text = net.sample(tensor({0, 1, 2, 3, 4, 0, 1, 2, 3, 4, 0, 1}), 8, {.temperature = 0});
    CHECK(text.to_vector<std::int64_t>() == std::vector<std::int64_t>{2, 3, 4, 0, 1, 2, 3, 4});
    CHECK(net.is_training());
    Generator a(5), b(5);
    CHECK(net.sample(tensor({3}), 20, {.temperature = 2}, a).to_vector<std::int64_t>() ==
          net.sample(tensor({3}), 20, {.temperature = 2}, b).to_vector<std::int64_t>());
    CHECK(net.sample(tensor({3}), 0).shape() == Shape{0});
    CHECK(error_of([&] {
              net.sample(zeros({0}, {.dtype = DType::i64}), 3, {}, a, {"user.cpp", 4});
          }) == "CharRnn::sample: prime (0,); needed is at least one character (T) (user.cpp:4)");
    CHECK(error_of([&] {
              net.sample(tensor({1}), -1, {}, a, {"user.cpp", 4});
          }) == "CharRnn::sample: count -1; allowed are 0 and more (user.cpp:4)");
}

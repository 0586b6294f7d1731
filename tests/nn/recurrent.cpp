// RNN, GRU, LSTM and their cells.
#include "vitrine/nn/recurrent.h"

#include <doctest/doctest.h>

#include <cmath>

#include "op_case.h"
#include "vitrine/core/backward.h"
#include "vitrine/core/device.h"
#include "vitrine/core/node.h"
#include "vitrine/core/ops/binary.h"
#include "vitrine/core/ops/cat.h"
#include "vitrine/core/ops/creation.h"
#include "vitrine/core/ops/random.h"
#include "vitrine/core/ops/reduce.h"
#include "vitrine/core/ops/unary.h"
#include "vitrine/nn/recurrent_cell.h"
#include "vitrine/nn/sequential.h"

using namespace vitrine;
using vitrine::testing::error_of;
using vitrine::testing::values_of;

namespace {

const TensorOptions f64{.dtype = DType::f64};

std::vector<Tensor> parameters_of(nn::AnyModule& module) {
    std::vector<Tensor> all;
    for (const auto& [name, w] : module.named_parameters()) all.push_back(w);
    return all;
}

// Weights of layer and direction number i, in the order of names.
RecurrentWeights weights_of(nn::AnyModule& module, std::size_t i) {
    const auto all = parameters_of(module);
    return {all[4 * i], all[4 * i + 1], all[4 * i + 2], all[4 * i + 3]};
}

}  // namespace

TEST_CASE("nn/recurrent: names and shapes are PyTorch's; weights start uniform in +-1 / sqrt(H)") {
    manual_seed(1);
    nn::LSTM net(3, 16, {.num_layers = 2, .bidirectional = true});
    std::string names;
    for (const auto& [name, w] : net.named_parameters()) names += join(name, w.shape(), ' ');
    CHECK(names ==
          "weight_ih_l0(64, 3) weight_hh_l0(64, 16) bias_ih_l0(64,) bias_hh_l0(64,) "
          "weight_ih_l0_reverse(64, 3) weight_hh_l0_reverse(64, 16) bias_ih_l0_reverse(64,) bias_hh_l0_reverse(64,) "
          "weight_ih_l1(64, 32) weight_hh_l1(64, 16) bias_ih_l1(64,) bias_hh_l1(64,) "
          "weight_ih_l1_reverse(64, 32) weight_hh_l1_reverse(64, 16) bias_ih_l1_reverse(64,) bias_hh_l1_reverse(64,) ");
    double largest = 0;
    for (const Tensor& w : parameters_of(net)) {
        CHECK(w.requires_grad());
        for (double v : values_of(w)) largest = std::max(largest, std::abs(v));
    }
    CHECK(largest <= 0.25);
    CHECK(largest > 0.249);
    CHECK(parameters_of(net)[0].strides() == Strides{1, 64});
    nn::GRU gru_net(3, 5, {.bias = false});
    CHECK(gru_net.named_parameters().size() == 2);
    CHECK(parameters_of(gru_net)[0].shape() == Shape{15, 3});
    nn::RNN rnn_net(3, 5);
    CHECK(parameters_of(rnn_net)[0].shape() == Shape{5, 3});
    nn::LSTMCell cell(3, 5);
    names.clear();
    for (const auto& [name, w] : cell.named_parameters()) names += name + ' ';
    CHECK(names == "weight_ih weight_hh bias_ih bias_hh ");
}

TEST_CASE("nn/recurrent: two layers in both directions are the ops one after the other") {
    manual_seed(2);
    nn::LSTM net(3, 4, {.num_layers = 2, .bidirectional = true, .dtype = DType::f64});
    const Tensor x = randn({5, 2, 3}, f64), h0 = randn({4, 2, 4}, f64), c0 = randn({4, 2, 4}, f64);
    const auto [output, state] = net(x, nn::LSTMState{h0, c0});
    CHECK(output.shape() == Shape{5, 2, 8});
    CHECK(state.h.shape() == Shape{4, 2, 4});

    Tensor input = x;
    std::vector<double> h, c;
    for (std::int64_t layer = 0; layer < 2; ++layer) {
        std::vector<Tensor> sides;
        for (std::int64_t d = 0; d < 2; ++d) {
            const std::int64_t i = 2 * layer + d;
            const RecurrentWeights w = weights_of(net, static_cast<std::size_t>(i));
            const LstmResult r = lstm(input, h0.select(0, i), c0.select(0, i), w, {.reverse = d == 1});
            sides.push_back(r.y);
            for (double v : values_of(r.h)) h.push_back(v);
            for (double v : values_of(r.c)) c.push_back(v);
        }
        input = cat(sides, 2);
    }
    CHECK(values_of(output) == values_of(input));
    CHECK(values_of(state.h) == h);
    CHECK(values_of(state.c) == c);
}

TEST_CASE("nn/recurrent: a sequence in two halves with carried state is the whole") {
    manual_seed(3);
    const Tensor x = randn({6, 2, 3}, f64);
    nn::LSTM lstm_net(3, 4, {.num_layers = 2, .dtype = DType::f64});
    const auto whole = lstm_net(x);
    const auto first = lstm_net(x.slice(0, 0, 2));
    const auto second = lstm_net(x.slice(0, 2, 6), first.state.detach());
    CHECK(values_of(cat({first.output, second.output})) == values_of(whole.output));
    CHECK(values_of(second.state.c) == values_of(whole.state.c));

    nn::GRU gru_net(3, 4, {.num_layers = 2, .dtype = DType::f64});
    nn::RNN rnn_net(3, 4, {.nonlinearity = RnnNonlinearity::relu, .dtype = DType::f64});
    const auto check = [&](auto& net) {
        const auto all = net(x);
        const auto a = net(x.slice(0, 0, 2));
        const auto b = net(x.slice(0, 2, 6), a.state);
        CHECK(values_of(cat({a.output, b.output})) == values_of(all.output));
        CHECK(values_of(b.state) == values_of(all.state));
    };
    check(gru_net);
    check(rnn_net);
}

TEST_CASE("nn/recurrent: batch_first exchanges the first two dimensions of x and output alone") {
    manual_seed(4);
    nn::GRU net(3, 4, {.dtype = DType::f64}), first(3, 4, {.batch_first = true, .dtype = DType::f64});
    first.load_state_dict(net.state_dict());
    const Tensor x = randn({5, 2, 3}, f64), h0 = randn({1, 2, 4}, f64);
    const auto a = net(x, h0), b = first(x.transpose(0, 1), h0);
    CHECK(b.output.shape() == Shape{2, 5, 4});
    CHECK(values_of(b.output.transpose(0, 1)) == values_of(a.output));
    CHECK(values_of(b.state) == values_of(a.state));
    sum(b.output).backward();
    for (const Tensor& w : parameters_of(first)) CHECK(w.grad().strides() == w.strides());
}

TEST_CASE("nn/recurrent: dropout lies between layers, in training mode alone") {
    manual_seed(5);
    nn::LSTM net(3, 4, {.num_layers = 2, .dropout = 1}), single(3, 4, {.dropout = 1});
    const Tensor x = randn({5, 2, 3});
    // All of layer 1's inputs are 0: every sequence of the batch gives the same outputs.
    const auto y = values_of(net(x).output);
    for (std::size_t i = 0; i < 4; ++i) CHECK(y[i] == y[i + 4]);
    CHECK(values_of(single(x).output) == values_of(single(x).output));
    net.eval();
    const auto z = values_of(net(x).output);
    CHECK(z[0] != z[4]);
}

TEST_CASE("nn/recurrent: gradients reach every weight on every device; clone is deep; modes and dtypes move") {
    manual_seed(6);
    for (Device device : available_devices()) {
        nn::RNN net(3, 4,
                    {.num_layers = 2, .nonlinearity = RnnNonlinearity::relu, .bidirectional = true, .device = device});
        sum(net(ones({2, 2, 3}, {.device = device})).output).backward();
        for (const Tensor& w : parameters_of(net)) REQUIRE(w.grad().defined());
    }
    nn::LSTM net(3, 4, {.num_layers = 2, .dropout = 0.5});
    net.eval();
    net.to(DType::f64);
    nn::LSTM twin = net.clone();
    const Tensor x = randn({5, 2, 3}, f64);
    CHECK(values_of(twin(x).output) == values_of(net(x).output));
    CHECK(parameters_of(twin)[0].impl() != parameters_of(net)[0].impl());
    nn::RNN relu_net(3, 4, {.nonlinearity = RnnNonlinearity::relu, .dtype = DType::f64});
    CHECK(values_of(relu_net.clone()(x).output) == values_of(relu_net(x).output));
    CHECK(relu_net.describe() == "RNN(3, 4, relu)");
    CHECK(twin.describe() == "LSTM(3, 4, 2 layers, dropout 0.5)");
}

TEST_CASE("nn/recurrent: a cell in a loop is the layer") {
    manual_seed(7);
    const Tensor x = randn({3, 2, 3}, f64);
    nn::LSTM lstm_net(3, 4, {.dtype = DType::f64});
    nn::LSTMCell lstm_cell(3, 4, {.dtype = DType::f64});
    nn::GRU gru_net(3, 4, {.dtype = DType::f64});
    nn::GRUCell gru_cell(3, 4, {.dtype = DType::f64});
    nn::RNN rnn_net(3, 4, {.dtype = DType::f64});
    nn::RNNCell rnn_cell(3, 4, {.dtype = DType::f64});
    const auto share = [](nn::AnyModule& from, nn::AnyModule& into) {
        const NoGrad no_grad;
        for (std::size_t i = 0; i < 4; ++i) parameters_of(into)[i].copy_(parameters_of(from)[i]);
    };
    share(lstm_net, lstm_cell), share(gru_net, gru_cell), share(rnn_net, rnn_cell);
    nn::LSTMState state;
    Tensor h_gru, h_rnn;
    for (std::int64_t t = 0; t < 3; ++t) {
        state = lstm_cell(x.select(0, t), state);
        h_gru = gru_cell(x.select(0, t), h_gru);
        h_rnn = rnn_cell(x.select(0, t), h_rnn);
    }
    const auto check = [](const Tensor& got, const Tensor& wanted) {
        const auto a = values_of(got), b = values_of(wanted);
        REQUIRE(a.size() == b.size());
        for (std::size_t i = 0; i < a.size(); ++i) CHECK(a[i] == doctest::Approx(b[i]).epsilon(1e-12));
    };
    check(state.h, lstm_net(x).state.h);
    check(state.c, lstm_net(x).state.c);
    check(h_gru, gru_net(x).state);
    check(h_rnn, rnn_net(x).state);
    CHECK(values_of(gru_cell.clone()(x.select(0, 0))) == values_of(gru_cell(x.select(0, 0))));
}

namespace {

Tensor ids_below(std::int64_t vocabulary, const Shape& shape) {
    return (rand(shape) * static_cast<double>(vocabulary)).to(DType::i64);
}

Tensor squares(const nn::LSTMOutput& out) {
    return sum(square(out.output)) + sum(square(out.state.c)) + sum(out.state.h);
}
Tensor squares(const nn::RNNOutput& out) { return sum(square(out.output)) + sum(out.state); }

// net(ids, embedding) gives the outputs and the gradients of net(embedding(ids)).
void check_tokens(auto& net, nn::Embedding& embedding, const Tensor& ids, double tolerance) {
    auto parameters = parameters_of(net);
    parameters.push_back(embedding.weight);
    const auto near = [&](const Tensor& got, const Tensor& wanted) {
        CHECK(got.shape() == wanted.shape());
        const auto a = values_of(got), b = values_of(wanted);
        REQUIRE(a.size() == b.size());
        for (std::size_t i = 0; i < a.size(); ++i) REQUIRE(std::abs(a[i] - b[i]) <= tolerance * (1 + std::abs(b[i])));
    };
    const auto got = net(ids, embedding), wanted = net(embedding(ids));
    near(got.output, wanted.output);
    const auto of_tokens = grad({squares(got)}, parameters), plain = grad({squares(wanted)}, parameters);
    for (std::size_t i = 0; i < parameters.size(); ++i) {
        CAPTURE(i);
        CHECK(of_tokens[i].strides() == plain[i].strides());
        near(of_tokens[i], plain[i]);
    }
}

// The op that made the input of the layer behind y.
std::string input_of(const Tensor& y) { return y.node()->inputs()[0].node->name(); }

}  // namespace

TEST_CASE("nn/recurrent: ids and an embedding give what the layer gives of its vectors, and every gradient") {
    manual_seed(8);
    for (const auto& [dtype, tolerance] : {std::pair(DType::f64, 1e-12), std::pair(DType::f32, 2e-5)})
        for (std::int64_t vocabulary : {1, 5, 200})
            for (int choice = 0; choice < 8; ++choice) {
                const bool batch_first = choice & 1, bidirectional = choice & 2;
                const std::int64_t layers = choice & 4 ? 2 : 1, H = choice & 2 ? 48 : 7;
                CAPTURE(choice);
                CAPTURE(vocabulary);
                nn::Embedding embedding(vocabulary, 3, {.dtype = dtype});
                const Tensor ids = ids_below(vocabulary, {5, 6});
                const nn::LSTMOptions options{.num_layers = layers, .bias = choice != 4, .batch_first = batch_first,
                                              .bidirectional = bidirectional, .dtype = dtype};
                nn::LSTM lstm_net(3, H, options);
                nn::GRU gru_net(3, H, options);
                nn::RNN rnn_net(3, H, {.num_layers = layers, .batch_first = batch_first, .bidirectional = bidirectional,
                                       .dtype = dtype});
                check_tokens(lstm_net, embedding, ids, tolerance);
                check_tokens(gru_net, embedding, ids, tolerance);
                check_tokens(rnn_net, embedding, ids, tolerance);
            }
}

TEST_CASE("nn/recurrent: ids and an embedding: which embeddings are multiplied as a table; carried state; threads") {
    manual_seed(9);
    nn::GRU net(3, 48);
    const Tensor ids = ids_below(5, {4, 2});
    nn::Embedding small(5, 3), padded(5, 3, {.padding_index = 1}), hooked(5, 3);
    int calls = 0;
    hooked.register_forward_hook([&](const nn::AnyModule&, const Tensor&, const Tensor&) { return ++calls, Tensor(); });
    CHECK(input_of(net(ids, small).output) == "linear");
    CHECK(input_of(net(ids.slice(0, 0, 2), small).output) == "embedding");  // 4 places, 5 rows
    CHECK(input_of(net(ids, hooked).output) == "embedding");
    CHECK(calls == 1);
    CHECK(input_of(net(ids, padded).output) == "embedding");
    check_tokens(net, padded, ids, 0);
    DType seen = DType::f32;
    nn::HookHandle handle = net.register_forward_hook([&](const nn::AnyModule&, const Tensor& x, const Tensor&) {
        return seen = x.dtype(), Tensor();
    });
    net(ids, small);
    CHECK(seen == DType::i64);
    handle.remove();

    const auto whole = net(ids, small), first = net(ids.slice(0, 0, 3), small);
    const auto second = net(ids.slice(0, 3, 4), small, first.state);
    const auto a = values_of(whole.state), b = values_of(second.state);
    for (std::size_t i = 0; i < a.size(); ++i) CHECK(a[i] == doctest::Approx(b[i]).epsilon(1e-5));

    const int before = num_threads();
    const Tensor many = ids_below(65, {9, 70});
    nn::Embedding wide(65, 33);
    nn::LSTM lstm_net(33, 64);
    std::vector<std::vector<std::vector<double>>> gradients;
    for (int threads : {1, 2}) {
        set_num_threads(threads);
        gradients.emplace_back();
        for (const Tensor& g : grad({squares(lstm_net(many, wide))}, {wide.weight, parameters_of(lstm_net)[0]}))
            gradients.back().push_back(values_of(g));
    }
    set_num_threads(before);
    CHECK(gradients[0] == gradients[1]);
}

TEST_CASE("nn/recurrent: ids and an embedding: errors") {
    nn::LSTM net(3, 4), first(3, 4, {.batch_first = true});
    nn::Embedding fits(2, 3), narrow(2, 2);
    const Tensor ids = zeros({5, 2}, {.dtype = DType::i64});
    const auto text_of = [&](nn::LSTM& of, const Tensor& i, nn::Embedding& e, const nn::LSTMState& state) {
        return error_of([&] { of({i, {"user.cpp", 7}}, e, state); });
    };
    CHECK(text_of(net, ids, narrow, {}) ==
          "LSTM: Embedding(2, 2) for LSTM(3, 4); its vectors must be of 3 (user.cpp:7)");
    CHECK(text_of(net, ids, fits, {ones({1, 3, 4}), {}}) ==
          "LSTM: state h (1, 3, 4) for LSTM(3, 4) and ids (5, 2); it must be (1, 2, 4) (user.cpp:7)");
    CHECK(text_of(first, ids, fits, {ones({1, 2, 4}), {}}) ==
          "LSTM: state h (1, 2, 4) for LSTM(3, 4, batch first) and ids (5, 2); it must be (1, 5, 4) (user.cpp:7)");
    CHECK(text_of(net, ids + 2, fits, {}) ==
          "embedding: id 2 at (0, 0) of ids (5, 2); allowed are 0 to 1, the table has 2 rows (user.cpp:7)");
    Tensor bad = ids.clone();
    bad.slice(0, 3, 4).slice(1, 1, 2).fill_(7);
    CHECK(text_of(first, bad, fits, {}) ==
          "embedding: id 7 at (3, 1) of ids (5, 2); allowed are 0 to 1, the table has 2 rows (user.cpp:7)");
    nn::Embedding wide(2, 3, {.dtype = DType::f64});
    CHECK(text_of(net, ids, wide, {}) == "LSTM: the embedding's weight is f64 and weight_ih_l0 f32; both must have one "
                                         "dtype: cast one with to() (user.cpp:7)");
    CHECK(text_of(net, ids.flatten(), fits, {}) ==
          "LSTM: x (10, 3) for LSTM(3, 4); it must be (time steps, batch, 3) (user.cpp:7)");
    CHECK(text_of(net, ids.slice(0, 0, 0), fits, {}) ==
          "LSTM: x (0, 2, 3) has no time steps; allowed are 1 and more (user.cpp:7)");
}

TEST_CASE("nn/recurrent: errors name the module, what was given, what is allowed and the line") {
    nn::LSTM net(3, 4, {.num_layers = 2});
    const auto text_of = [&](const Tensor& x, const nn::LSTMState& state) {
        return error_of([&] { net({x, {"user.cpp", 7}}, state); });
    };
    CHECK(text_of(ones({5, 2}), {}) ==
          "LSTM: x (5, 2) for LSTM(3, 4, 2 layers); it must be (time steps, batch, 3) (user.cpp:7)");
    CHECK(text_of(ones({5, 2, 4}), {}) ==
          "LSTM: x (5, 2, 4) for LSTM(3, 4, 2 layers); it must be (time steps, batch, 3) (user.cpp:7)");
    CHECK(text_of(ones({0, 2, 3}), {}) == "LSTM: x (0, 2, 3) has no time steps; allowed are 1 and more (user.cpp:7)");
    CHECK(text_of(ones({5, 2, 3}), {ones({2, 1, 4}), {}}) ==
          "LSTM: state h (2, 1, 4) for LSTM(3, 4, 2 layers) and x (5, 2, 3); it must be (2, 2, 4) (user.cpp:7)");
    CHECK(text_of(ones({5, 2, 3}), {{}, ones({1, 2, 4})}) ==
          "LSTM: state c (1, 2, 4) for LSTM(3, 4, 2 layers) and x (5, 2, 3); it must be (2, 2, 4) (user.cpp:7)");
    CHECK(text_of(ones({5, 2, 3}, f64), {}) ==
          "lstm: x is f64 and w_ih f32; both must have one dtype: cast one with to() (user.cpp:7)");
    CHECK(net(ones({5, 0, 3})).output.shape() == Shape{5, 0, 4});
    nn::GRU first(3, 4, {.batch_first = true});
    CHECK(error_of([&] {
              first({ones({2, 0, 3}), {"user.cpp", 8}});
          }) == "GRU: x (2, 0, 3) has no time steps; allowed are 1 and more (user.cpp:8)");
    CHECK(error_of([&] {
              first({ones({3, 3}), {"user.cpp", 8}});
          }) == "GRU: x (3, 3) for GRU(3, 4, batch first); it must be (batch, time steps, 3) (user.cpp:8)");
    CHECK(error_of([] {
              nn::LSTM(3, 0, {}, {"user.cpp", 9});
          }) == "LSTM: input_size 3, hidden_size 0; allowed are 0 and more, and 1 and more (user.cpp:9)");
    CHECK(error_of([] {
              nn::RNN(3, 4, {.num_layers = 0}, {"user.cpp", 9});
          }) == "RNN: num_layers 0; allowed are 1 and more (user.cpp:9)");
    CHECK(error_of([] {
              nn::RNN(3, 4, {.dropout = 1.5}, {"user.cpp", 9});
          }) == "RNN: dropout 1.5; allowed is 0 to 1 (user.cpp:9)");
    CHECK(error_of([] {
              nn::GRU(3, 4, {.dtype = DType::i64}, {"user.cpp", 9});
          }) == "GRU: dtype i64; allowed are f32 and f64 (user.cpp:9)");
    nn::GRUCell cell(3, 4);
    CHECK(error_of([&] {
              cell({ones({2, 4}), {"user.cpp", 10}});
          }) == "GRUCell: x (2, 4) for GRUCell(3, 4); it must be (batch, 3) (user.cpp:10)");
    CHECK(error_of([&] {
              cell({ones({2, 3}), {"user.cpp", 10}}, ones({2, 3}));
          }) == "GRUCell: h (2, 3) for GRUCell(3, 4) and x (2, 3); it must be (2, 4) (user.cpp:10)");
}

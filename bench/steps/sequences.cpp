// Steps of nets that read characters.
#include "steps.h"
#include "vitrine/core/ops/binary.h"
#include "vitrine/core/ops/creation.h"
#include "vitrine/core/ops/random.h"
#include "vitrine/core/ops/unary.h"
#include "vitrine/models/gpt.h"
#include "vitrine/nn/embedding.h"
#include "vitrine/nn/linear.h"
#include "vitrine/nn/recurrent.h"
#include "vitrine/optim/adam.h"
#include "vitrine/optim/clip.h"

namespace vitrine::bench {
namespace {

constexpr std::int64_t vocabulary = 65;

/// Ids (rows, columns) drawn evenly.
Tensor characters(std::int64_t rows, std::int64_t columns) {
    return (rand({rows, columns}) * static_cast<double>(vocabulary)).to(DType::i64);
}

enum class FirstLayer { table, products };

nlohmann::json char_rnn_reading(FirstLayer first, double seconds, Size size) {
    const std::int64_t batch = size.batch ? size.batch : 64, length = size.length ? size.length : 64;
    const std::int64_t width = size.width ? size.width : 512;
    constexpr std::int64_t layers = 2;
    manual_seed(1);
    nn::Embedding embedding(vocabulary, width);
    nn::LSTM lstm(width, width, {.num_layers = layers});
    nn::Linear head(width, vocabulary);
    std::vector<Tensor> parameters = embedding.parameters();
    for (const auto& part : {lstm.parameters(), head.parameters()}) parameters.insert(parameters.end(), part.begin(), part.end());
    optim::Adam adam(parameters, {.lr = 1e-3});
    const Tensor x = characters(length, batch), y = characters(length, batch);
    const auto times = time_steps(seconds, 2, [&] {
        adam.zero_grad();
        const Tensor h = first == FirstLayer::table ? lstm(x, embedding).output : lstm(embedding(x)).output;
        models::next_token_loss(head(h), y).backward();
        optim::clip_grad_norm_(parameters, 5);
        adam.step();
    });
    const auto tokens = static_cast<double>(batch * length), wide = static_cast<double>(width);
    const double of_a_row = 2.0 * 4 * wide * wide;
    const double rows = first == FirstLayer::table ? std::min<double>(vocabulary, tokens) : tokens;  // multiplied by W_ih
    const double forward = (rows + (2 * layers - 1) * tokens) * of_a_row + tokens * 2.0 * wide * vocabulary;
    return rates(times, tokens, 3 * forward);
}

}  // namespace

nlohmann::json char_rnn(double seconds, Size size) { return char_rnn_reading(FirstLayer::table, seconds, size); }

nlohmann::json char_rnn_products(double seconds, Size size) { return char_rnn_reading(FirstLayer::products, seconds, size); }

nlohmann::json gpt(double seconds, Size size) {
    const std::int64_t batch = size.batch ? size.batch : 16, length = size.length ? size.length : 128;
    const std::int64_t width = size.width ? size.width : 256;
    constexpr std::int64_t layers = 4;
    manual_seed(1);
    models::Gpt net({.vocabulary = vocabulary, .context = length, .layers = layers, .heads = 4, .width = width, .tied_head = false});
    optim::AdamW adam(net.parameters(), {.lr = 1e-3});
    const Tensor x = characters(batch, length), y = characters(batch, length);
    const auto times = time_steps(seconds, 2, [&] {
        adam.zero_grad();
        models::next_token_loss(net(x), y).backward();
        adam.step();
    });
    const auto tokens = static_cast<double>(batch * length), wide = static_cast<double>(width);
    // Attention counted in full, though causal attention skips half.
    const double forward = tokens * (layers * (24 * wide * wide + 4 * static_cast<double>(length) * wide) + 2 * wide * vocabulary);
    return rates(times, tokens, 3 * forward);
}

}  // namespace vitrine::bench

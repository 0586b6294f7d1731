// The snippets of docs/transformers.md. Here, for one of them reads a file.
#include <doctest/doctest.h>

#include <filesystem>

#include "vitrine/core/ops/binary.h"
#include "vitrine/core/ops/creation.h"
#include "vitrine/core/ops/random.h"
#include "vitrine/data/safetensors.h"
#include "vitrine/models/gpt.h"
#include "vitrine/nn/transformer.h"
#include "vitrine/optim/adam.h"

using namespace vitrine;

TEST_CASE("models/transformers_page: attention with weights") {
    nn::MultiheadAttention attention(64, 4, {.batch_first = true});
    Tensor query = randn({2, 5, 64}), memory = randn({2, 7, 64});
    auto [y, weights] = attention(query, memory, memory, {.need_weights = true});

    CHECK(y.shape() == Shape{2, 5, 64});
    CHECK(weights.shape() == Shape{2, 5, 7});  // the mean over the heads
}

TEST_CASE("models/transformers_page: an encoder") {
    struct Encoder : nn::Module<Encoder> {
        nn::Embedding tokens{100, 32, {.padding_index = 0}};
        nn::PositionalEncoding positions{32, {.batch_first = true}};
        std::vector<nn::TransformerEncoderLayer> layers;

        Encoder() {
            for (int i = 0; i < 2; ++i) layers.emplace_back(32, 4, nn::TransformerEncoderLayerOptions{.dim_feedforward = 64, .batch_first = true, .norm_first = true});
        }
        Tensor forward(const Tensor& ids) {
            Tensor x = positions(tokens(ids));
            for (auto& layer : layers) x = layer(x, {.key_padding_mask = ids == 0});
            return x;
        }
        void members(nn::Members& m) override { m("tokens", tokens), m("positions", positions), m("layers", layers); }
    };

    Encoder net;
    Tensor y = net(tensor({{5, 17, 99}, {8, 0, 0}}));  // the second sequence is padded
    CHECK(y.shape() == Shape{2, 3, 32});
    CHECK(net.state_dict().contains("layers.1.self_attn.in_proj_weight"));
}

TEST_CASE("models/transformers_page: a small GPT") {
    models::Gpt net({.vocabulary = 65, .context = 16, .layers = 1, .heads = 2, .width = 16});
    optim::AdamW adam(net.parameters(), {.lr = 2e-3});
    Tensor ids = tensor({{18, 47, 56, 57, 58}, {1, 15, 47, 58, 47}});

    Tensor loss = models::next_token_loss(net(ids.slice(1, 0, 4)), ids.slice(1, 1, 5));  // nats a token
    loss.backward();
    adam.step();

    auto written = net.generate({18, 47}, 8, {.temperature = 0.8, .top_k = 10});
    CHECK(written.size() == 8);
}

TEST_CASE("models/transformers_page: a file with Hugging Face's names") {
    const std::string file = (std::filesystem::temp_directory_path() / "vitrine_transformers_page.safetensors").string();
    models::Gpt written({.vocabulary = 9, .context = 4, .layers = 1, .heads = 1, .width = 4});
    data::NamedTensors theirs = written.state_dict();
    theirs["h.0.attn.bias"] = ones({1, 1, 4, 4});
    data::save_safetensors(file, theirs);

    models::Gpt net({.vocabulary = 9, .context = 4, .layers = 1, .heads = 1, .width = 4});  // for the real file: models::gpt2()
    auto report = net.load_state_dict(data::load_safetensors(file).tensors, false);

    CHECK(report.missing.empty());
    CHECK(report.unexpected == std::vector<std::string>{"h.0.attn.bias"});  // a mask, which we do not store
    const Tensor ids = tensor({{1, 2, 3}});
    CHECK(net(ids).to_vector<float>() == written(ids).to_vector<float>());
    std::filesystem::remove(file);
}

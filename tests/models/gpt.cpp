// models::Gpt: names, values by the formula, gradients, generation.
#include "vitrine/models/gpt.h"

#include <doctest/doctest.h>

#include <cmath>

#include "op_case.h"
#include "vitrine/core/grad_mode.h"
#include "vitrine/core/ops/creation.h"
#include "vitrine/core/ops/reduce.h"
#include "vitrine/optim/adam.h"

using namespace vitrine;
using vitrine::testing::error_of;
using vitrine::testing::values_of;

namespace {

using Values = std::vector<double>;

/// The formula of models/gpt.h for one sequence, by plain loops over the state dictionary.
class Reference {
public:
    Reference(const models::Gpt& net) : options(net.options()), dict(net.state_dict()) {}

    Values logits(const std::vector<std::int64_t>& ids) const {
        const std::size_t T = ids.size(), C = static_cast<std::size_t>(options.width);
        const Values wte = get("wte.weight"), wpe = get("wpe.weight");
        Values x;
        for (std::size_t t = 0; t < T; ++t)
            for (std::size_t c = 0; c < C; ++c) x.push_back(wte[static_cast<std::size_t>(ids[t]) * C + c] + wpe[t * C + c]);
        for (std::int64_t l = 0; l < options.layers; ++l) {
            const std::string block = "h." + std::to_string(l) + ".";
            add(x, map(attention(map(norm(x, block + "ln_1"), block + "attn.c_attn", C), T), block + "attn.c_proj", C));
            Values inner = map(norm(x, block + "ln_2"), block + "mlp.c_fc", C);
            for (double& v : inner) v = 0.5 * v * (1 + std::tanh(std::sqrt(2 / std::acos(-1.0)) * (v + 0.044715 * v * v * v)));
            add(x, map(inner, block + "mlp.c_proj", 4 * C));
        }
        x = norm(x, "ln_f");
        const Values head = get(options.tied_head ? "wte.weight" : "lm_head.weight");
        Values y;
        for (std::size_t t = 0; t < T; ++t)
            for (std::size_t v = 0; v < head.size() / C; ++v) {
                double total = 0;
                for (std::size_t c = 0; c < C; ++c) total += x[t * C + c] * head[v * C + c];
                y.push_back(total);
            }
        return y;
    }

private:
    Values get(const std::string& name) const { return values_of(dict.at(name)); }
    static void add(Values& x, const Values& y) {
        for (std::size_t i = 0; i < x.size(); ++i) x[i] += y[i];
    }
    Values norm(const Values& x, const std::string& name) const {
        const Values w = get(name + ".weight"), b = get(name + ".bias");
        const std::size_t C = w.size();
        Values y(x.size());
        for (std::size_t row = 0; row < x.size(); row += C) {
            double mean = 0, var = 0;
            for (std::size_t c = 0; c < C; ++c) mean += x[row + c] / double(C);
            for (std::size_t c = 0; c < C; ++c) var += (x[row + c] - mean) * (x[row + c] - mean) / double(C);
            for (std::size_t c = 0; c < C; ++c) y[row + c] = (x[row + c] - mean) / std::sqrt(var + 1e-5) * w[c] + b[c];
        }
        return y;
    }
    Values map(const Values& x, const std::string& name, std::size_t in) const {
        const Values w = get(name + ".weight"), b = get(name + ".bias");
        Values y;
        for (std::size_t row = 0; row < x.size(); row += in)
            for (std::size_t o = 0; o < b.size(); ++o) {
                double total = b[o];
                for (std::size_t i = 0; i < in; ++i) total += x[row + i] * w[i * b.size() + o];
                y.push_back(total);
            }
        return y;
    }
    Values attention(const Values& qkv, std::size_t T) const {
        const auto C = static_cast<std::size_t>(options.width), H = static_cast<std::size_t>(options.heads), D = C / H;
        Values y(T * C);
        for (std::size_t h = 0; h < H; ++h)
            for (std::size_t i = 0; i < T; ++i) {
                Values p;
                double total = 0;
                for (std::size_t j = 0; j <= i; ++j) {
                    double s = 0;
                    for (std::size_t d = 0; d < D; ++d) s += qkv[i * 3 * C + h * D + d] * qkv[j * 3 * C + C + h * D + d];
                    p.push_back(std::exp(s / std::sqrt(double(D))));
                    total += p.back();
                }
                for (std::size_t j = 0; j <= i; ++j)
                    for (std::size_t d = 0; d < D; ++d) y[i * C + h * D + d] += p[j] / total * qkv[j * 3 * C + 2 * C + h * D + d];
            }
        return y;
    }

    models::GptOptions options;
    nn::StateDict dict;
};

const models::GptOptions small{.vocabulary = 7, .context = 6, .layers = 2, .heads = 2, .width = 8};

}  // namespace

TEST_CASE("models/gpt: Hugging Face's names and shapes, Conv1D weights (in, out), a tied head without a name") {
    const models::Gpt net(small);
    const nn::StateDict dict = net.state_dict();
    CHECK(dict.size() == 2 + 2 * 12 + 2);
    for (const auto& wanted : std::map<std::string, Shape>{{"wte.weight", {7, 8}},
                                                                  {"wpe.weight", {6, 8}},
                                                                  {"h.0.ln_1.weight", {8}},
                                                                  {"h.0.ln_1.bias", {8}},
                                                                  {"h.0.attn.c_attn.weight", {8, 24}},
                                                                  {"h.0.attn.c_attn.bias", {24}},
                                                                  {"h.0.attn.c_proj.weight", {8, 8}},
                                                                  {"h.0.attn.c_proj.bias", {8}},
                                                                  {"h.0.ln_2.weight", {8}},
                                                                  {"h.0.ln_2.bias", {8}},
                                                                  {"h.1.mlp.c_fc.weight", {8, 32}},
                                                                  {"h.1.mlp.c_fc.bias", {32}},
                                                                  {"h.1.mlp.c_proj.weight", {32, 8}},
                                                                  {"h.1.mlp.c_proj.bias", {8}},
                                                                  {"ln_f.weight", {8}},
                                                                  {"ln_f.bias", {8}}}) {
        REQUIRE_MESSAGE(dict.contains(wanted.first), wanted.first);
        CHECK(dict.at(wanted.first).shape() == wanted.second);
    }
    models::GptOptions untied = small;
    untied.tied_head = false;
    CHECK(models::Gpt(untied).state_dict().at("lm_head.weight").shape() == Shape{7, 8});
    CHECK(net.describe() == "Gpt(7 tokens, context 6, 2 layers of 2 heads, width 8)");
}

TEST_CASE("models/gpt: logits by the formula on every device, tied and not") {
    for (Device device : available_devices()) {
        for (bool tied : {true, false}) {
            manual_seed(11);
            models::GptOptions options = small;
            options.tied_head = tied;
            models::Gpt net(options);
            for (Tensor& p : net.parameters()) no_grad([&] { nn::init::normal_(p, 0, 0.5); });
            net.to(device);
            const std::vector<std::int64_t> ids{3, 0, 6, 6, 1};
            const Tensor y = net(tensor({{3, 0, 6, 6, 1}, {1, 2, 3, 4, 5}}, {.device = device}));
            CHECK(y.shape() == Shape{2, 5, 7});
            const Values got = values_of(y.select(0, 0)), wanted = Reference(net).logits(ids);
            REQUIRE(got.size() == wanted.size());
            for (std::size_t i = 0; i < got.size(); ++i) CHECK(got[i] == doctest::Approx(wanted[i]).epsilon(1e-4).scale(1));
        }
    }
}

TEST_CASE("models/gpt: learns a sequence by heart and continues it") {
    manual_seed(12);
    models::Gpt net({.vocabulary = 5, .context = 8, .layers = 1, .heads = 2, .width = 16});
    optim::AdamW adam(net.parameters(), {.lr = 1e-2});
    const Tensor ids = tensor({{0, 1, 2, 3, 4, 3, 2, 1}}), next = tensor({{1, 2, 3, 4, 3, 2, 1, 0}});
    double first = 0, last = 0;
    for (int step = 0; step < 150; ++step) {
        const Tensor loss = models::next_token_loss(net(ids), next);
        adam.zero_grad();
        loss.backward();
        adam.step();
        last = loss.item<double>();
        if (step == 0) first = last;
    }
    CHECK(first == doctest::Approx(std::log(5)).epsilon(0.1));
    CHECK(last < 0.05);
    CHECK(net.generate({0, 1, 2}, 5, {.temperature = 0}) == std::vector<std::int64_t>{3, 4, 3, 2, 1});
    CHECK(net.is_training());
    CHECK(net.generate({0}, 20).size() == 20);  // beyond the context: the last tokens count
    const models::Gpt copy = net.clone();
    CHECK(values_of(copy(ids)) == values_of(net(ids)));
}

TEST_CASE("models/gpt: the first five losses on every device are those of the cpu") {
    std::vector<double> cpu;
    for (Device device : available_devices()) {
        manual_seed(13);
        models::GptOptions options = small;
        options.dropout = 0.1;
        models::Gpt net(options);
        net.to(device);
        optim::AdamW adam(net.parameters(), {.lr = 1e-2});
        const Tensor ids = tensor({{0, 1, 2, 3, 4, 5}, {6, 5, 4, 3, 2, 1}}, {.device = device});
        std::vector<double> losses;
        for (int step = 0; step < 5; ++step) {
            const Tensor loss = models::next_token_loss(net(ids.slice(1, 0, 5)), ids.slice(1, 1, 6));
            adam.zero_grad();
            loss.backward();
            adam.step();
            losses.push_back(loss.item<double>());
        }
        if (device == Device::cpu) cpu = losses;
        CHECK(losses[4] < losses[0]);
        for (std::size_t i = 0; i < 5; ++i) CHECK(std::fabs(losses[i] - cpu[i]) < 1e-4);
    }
}

TEST_CASE("models/gpt: errors") {
    std::string text;
    const auto ends = [](int line) { return join(" (gpt.cpp:", line, ")"); };
    text = error_of([] { models::Gpt({.heads = 3, .width = 8}); });
    CHECK(text == "Gpt: heads 3 for width 8; they must divide it" + ends(__LINE__ - 1));
    text = error_of([] { models::Gpt({.vocabulary = 0}); });
    CHECK(text == "Gpt: vocabulary 0, context 64, layers 4, width 128; all must be 1 or more" + ends(__LINE__ - 1));
    models::Gpt net(small);
    text = error_of([&] { net(tensor({{1, 7}})); });
    CHECK(text == "embedding: id 7 at (0, 1) of ids (1, 2); allowed are 0 to 6, the table has 7 rows" + ends(__LINE__ - 1));
    text = error_of([&] { net(tensor({{0, 0, 0, 0, 0, 0, 0}})); });
    CHECK(text == "Gpt: ids (1, 7) has 7 steps; at most context 6" + ends(__LINE__ - 1));
    text = error_of([&] { net(zeros({2, 0}, {.dtype = DType::i64})); });
    CHECK(text == "Gpt: ids (2, 0); allowed is (B, T) with at least one step" + ends(__LINE__ - 1));
    text = error_of([&] { net.generate({}, 3); });
    CHECK(text == "Gpt::generate: an empty prime; a text needs a token to begin with" + ends(__LINE__ - 1));
    text = error_of([&] { net.generate({9}, 3); });
    CHECK(text == "embedding: id 9 at (0, 0) of ids (1, 1); allowed are 0 to 6, the table has 7 rows" + ends(__LINE__ - 1));
    text = error_of([&] { models::next_token_loss(zeros({2, 3, 7}), zeros({2, 2}, {.dtype = DType::i64})); });
    CHECK(text == "next_token_loss: logits (2, 3, 7) and targets (2, 2); allowed are (B, T, V) and (B, T)" + ends(__LINE__ - 1));
}

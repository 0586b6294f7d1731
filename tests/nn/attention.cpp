// MultiheadAttention and PositionalEncoding.
#include "vitrine/nn/attention.h"

#include <doctest/doctest.h>

#include <cmath>

#include "op_case.h"
#include "vitrine/core/backward.h"
#include "vitrine/core/ops/binary.h"
#include "vitrine/core/ops/creation.h"
#include "vitrine/core/ops/random.h"
#include "vitrine/core/ops/reduce.h"

using namespace vitrine;
using vitrine::testing::error_of;
using vitrine::testing::values_of;

namespace {

using Values = std::vector<double>;

void check_close(const Values& got, const Values& wanted, double tolerance = 1e-12) {
    REQUIRE(got.size() == wanted.size());
    double worst = 0;
    for (std::size_t i = 0; i < got.size(); ++i) worst = std::max(worst, std::fabs(got[i] - wanted[i]));
    CHECK(worst <= tolerance);
}

/// One sequence, (T, C) from (S, C), by plain loops; keys with padding[s] are left out.
struct Reference {
    Values output, weights;  // (T, C), (heads, T, S)
};
Reference attention_of(const nn::MultiheadAttention& m, const Values& query, const Values& key, const Values& value,
                       std::int64_t T, std::int64_t S, bool causal, const std::vector<bool>& padding) {
    const std::int64_t C = m.embed_dim(), H = m.num_heads(), D = C / H;
    const Values w = values_of(m.in_proj_weight), b = values_of(m.in_proj_bias), wo = values_of(m.out_proj.weight), bo = values_of(m.out_proj.bias);
    const auto at = [](const Values& x, std::int64_t i) { return x[static_cast<std::size_t>(i)]; };
    const auto map = [&](const Values& x, std::int64_t t, std::int64_t row) {
        double sum = at(b, row);
        for (std::int64_t c = 0; c < C; ++c) sum += at(x, t * C + c) * at(w, row * C + c);
        return sum;
    };
    Reference r{Values(static_cast<std::size_t>(T * C)), {}};
    Values joined(static_cast<std::size_t>(T * C));
    for (std::int64_t h = 0; h < H; ++h)
        for (std::int64_t t = 0; t < T; ++t) {
            Values p;
            double total = 0;
            for (std::int64_t s = 0; s < S; ++s) {
                double dot = 0;
                for (std::int64_t d = 0; d < D; ++d) dot += map(query, t, h * D + d) * map(key, s, C + h * D + d);
                const bool seen = !(causal && s > t) && !padding[static_cast<std::size_t>(s)];
                p.push_back(seen ? std::exp(dot / std::sqrt(double(D))) : 0);
                total += p.back();
            }
            for (std::int64_t s = 0; s < S; ++s) {
                r.weights.push_back(at(p, s) / total);
                for (std::int64_t d = 0; d < D; ++d)
                    joined[static_cast<std::size_t>(t * C + h * D + d)] += at(p, s) / total * map(value, s, 2 * C + h * D + d);
            }
        }
    for (std::int64_t t = 0; t < T; ++t)
        for (std::int64_t o = 0; o < C; ++o) {
            double sum = at(bo, o);
            for (std::int64_t c = 0; c < C; ++c) sum += at(joined, t * C + c) * at(wo, o * C + c);
            r.output[static_cast<std::size_t>(t * C + o)] = sum;
        }
    return r;
}

}  // namespace

TEST_CASE("nn/attention: values by the formula: batch first and not, without a batch, causal, padding, weights") {
    constexpr std::int64_t B = 2, T = 3, S = 4, C = 6;
    for (Device device : available_devices()) {
        manual_seed(7);
        for (bool batch_first : {true, false}) {
            nn::MultiheadAttention m(C, 2, {.batch_first = batch_first, .dtype = DType::f64, .device = device});
            nn::init::normal_(m.in_proj_bias), nn::init::normal_(m.out_proj.bias);
            const TensorOptions options{.dtype = DType::f64, .device = device};
            const Tensor query = randn({B, T, C}, options), key = randn({B, S, C}, options), value = randn({B, S, C}, options);
            const auto in = [&](const Tensor& x) { return batch_first ? x : x.transpose(0, 1); };
            const Tensor padding = tensor({{false, false, false, true}, {true, false, false, false}}, {.device = device});
            for (bool causal : {false, true}) {
                for (bool weights : {false, true}) {
                    const bool padded = !causal;  // query 0 would see nothing in the second sequence
                    const auto y = m(in(query), in(key), in(value),
                                     {.key_padding_mask = padded ? padding : Tensor(), .causal = causal, .need_weights = weights, .average_weights = false});
                    const Tensor o = in(y.output);
                    for (std::int64_t b = 0; b < B; ++b) {
                        std::vector<bool> left_out;
                        for (double v : values_of(padding.select(0, b))) left_out.push_back(padded && v != 0);
                        const Reference r = attention_of(m, values_of(query.select(0, b)), values_of(key.select(0, b)), values_of(value.select(0, b)), T, S, causal, left_out);
                        check_close(values_of(o.select(0, b)), r.output);
                        if (weights) check_close(values_of(y.weights.select(0, b)), r.weights);
                        const auto alone = m(query.select(0, b), key.select(0, b), value.select(0, b),
                                             {.key_padding_mask = padded ? padding.select(0, b) : Tensor(), .causal = causal, .need_weights = weights});
                        check_close(values_of(alone.output), r.output);
                        if (weights) CHECK(alone.weights.shape() == Shape{T, S});
                    }
                    CHECK(y.weights.defined() == weights);
                }
            }
        }
    }
}

TEST_CASE("nn/attention: the mask and the padding together; weights average over heads; gradients reach everything") {
    manual_seed(8);
    nn::MultiheadAttention m(4, 2, {.batch_first = true});
    const Tensor x = randn({2, 3, 4}, {.requires_grad = true});
    const Tensor padding = tensor({{false, false, false}, {false, false, true}});
    const Tensor mask = tensor({{true, false, false}, {true, true, false}, {true, true, true}});
    const auto both = m(x, x, x, {.mask = mask, .key_padding_mask = padding, .need_weights = true});
    const auto causal = m(x, x, x, {.key_padding_mask = padding, .causal = true});
    check_close(values_of(both.output), values_of(causal.output), 1e-6);
    CHECK(both.weights.shape() == Shape{2, 3, 3});
    for (double total : values_of(sum(both.weights, -1))) CHECK(total == doctest::Approx(1));
    sum(causal.output * causal.output).backward();
    const nn::Members members(m);
    std::vector<std::string> names;
    for (const auto& named : members.tensors()) {
        names.push_back(named.name);
        REQUIRE(named.tensor->grad().defined());
        double size = 0;
        for (double g : values_of(named.tensor->grad())) size += std::fabs(g);
        CHECK(size > 0);
    }
    CHECK(names == std::vector<std::string>{"in_proj_weight", "in_proj_bias", "out_proj.weight", "out_proj.bias"});
}

TEST_CASE("nn/attention: dropout acts in training mode; clone, description") {
    manual_seed(9);
    nn::MultiheadAttention m(4, 1, {.dropout = 0.5, .bias = false});
    const Tensor x = randn({5, 2, 4});
    const auto trained = values_of(m(x, x, x).output);
    CHECK(values_of(m(x, x, x).output) != trained);
    m.eval();
    const auto once = values_of(m(x, x, x).output);
    CHECK(values_of(m(x, x, x).output) == once);
    CHECK(values_of(m.clone()(x, x, x).output) == once);
    CHECK(m.describe() == "MultiheadAttention(4, 1 heads)");
    CHECK(m.parameters().size() == 2);
}

TEST_CASE("nn/attention: errors") {
    std::string text;
    const auto ends = [](int line) { return join(" (attention.cpp:", line, ")"); };
    text = error_of([] { nn::MultiheadAttention(6, 4); });
    CHECK(text == "MultiheadAttention: embed_dim 6, num_heads 4; both must be 1 or more, and num_heads must divide embed_dim" + ends(__LINE__ - 1));
    text = error_of([] { nn::MultiheadAttention(4, 2, {.dropout = 2}); });
    CHECK(text == "MultiheadAttention: dropout 2; allowed is 0 to 1" + ends(__LINE__ - 1));
    nn::MultiheadAttention m(4, 2, {.batch_first = true});
    const Tensor x = zeros({2, 3, 4});
    text = error_of([&] { m(zeros({2, 3, 5}), x, x); });
    CHECK(text == "MultiheadAttention: query (2, 3, 5); allowed are (B, T, 4) and (T, 4)" + ends(__LINE__ - 1));
    text = error_of([&] { m(x, zeros({1, 3, 4}), x); });
    CHECK(text == "MultiheadAttention: query (2, 3, 4) and key (1, 3, 4); all but their lengths must be equal" + ends(__LINE__ - 1));
    text = error_of([&] { m(x, x, zeros({2, 2, 4})); });
    CHECK(text == "MultiheadAttention: key (2, 3, 4) and value (2, 2, 4); both must be equal" + ends(__LINE__ - 1));
    text = error_of([&] { m(x, zeros({2, 0, 4}), zeros({2, 0, 4})); });
    CHECK(text == "MultiheadAttention: key (2, 0, 4) is an empty sequence" + ends(__LINE__ - 1));
    text = error_of([&] { m(x, x, x, {.key_padding_mask = zeros({2, 3})}); });
    CHECK(text == "MultiheadAttention: key_padding_mask (2, 3) f32; allowed is (2, 3) bool" + ends(__LINE__ - 1));
    text = error_of([&] { m(x, x, x, {.mask = zeros({2, 3})}); });
    CHECK(text == "scaled_dot_product_attention: mask (2, 3); it must broadcast to (2, 2, 3, 3)" + ends(__LINE__ - 1));
}

TEST_CASE("nn/attention: positions: sines and cosines added, both layouts, errors") {
    for (Device device : available_devices()) {
        nn::PositionalEncoding time_major(5, {.dropout = 0, .max_length = 9, .dtype = DType::f64, .device = device});
        nn::PositionalEncoding batch_first(5, {.dropout = 0, .max_length = 9, .batch_first = true, .dtype = DType::f64, .device = device});
        const Tensor x = ones({7, 2, 5}, {.dtype = DType::f64, .device = device});
        const auto y = values_of(time_major(x));
        for (int t = 0; t < 7; ++t)
            for (int b = 0; b < 2; ++b)
                for (int c = 0; c < 5; ++c) {
                    const double angle = t / std::pow(10000, c / 2 * 2 / 5.0);
                    CHECK(y[static_cast<std::size_t>((t * 2 + b) * 5 + c)] == doctest::Approx(1 + (c % 2 ? std::cos(angle) : std::sin(angle))));
                }
        CHECK(values_of(batch_first(x.transpose(0, 1)).transpose(0, 1)) == y);
        CHECK(values_of(time_major.clone()(x)) == y);
    }
    nn::PositionalEncoding pe(4, {.max_length = 3});
    std::string text;
    text = error_of([&] { pe(zeros({4, 1, 4})); });
    CHECK(text == join("PositionalEncoding: x (4, 1, 4) has 4 steps; at most max_length 3 (attention.cpp:", __LINE__ - 1, ")"));
    text = error_of([&] { pe(zeros({2, 4})); });
    CHECK(text == join("PositionalEncoding: x (2, 4); allowed is (T, B, 4) (attention.cpp:", __LINE__ - 1, ")"));
    CHECK(pe.parameters().empty());
    CHECK(pe.named_buffers().size() == 1);
}

// TransformerEncoderLayer.
#include "vitrine/nn/transformer.h"

#include <doctest/doctest.h>

#include <cmath>

#include "op_case.h"
#include "vitrine/core/ops/binary.h"
#include "vitrine/core/ops/creation.h"
#include "vitrine/core/ops/random.h"
#include "vitrine/core/ops/reduce.h"

using namespace vitrine;
using vitrine::testing::error_of;
using vitrine::testing::values_of;

namespace {

using Values = std::vector<double>;

Values map(const nn::Linear& fc, const Values& x) {
    const Values w = values_of(fc.weight), b = values_of(fc.bias);
    const std::size_t in = w.size() / b.size();
    Values y;
    for (std::size_t row = 0; row < x.size(); row += in)
        for (std::size_t o = 0; o < b.size(); ++o) {
            double sum = b[o];
            for (std::size_t i = 0; i < in; ++i) sum += x[row + i] * w[o * in + i];
            y.push_back(sum);
        }
    return y;
}

Values norm(const nn::LayerNorm& layer, const Values& x, double eps) {
    const Values w = values_of(layer.weight), b = values_of(layer.bias);
    Values y;
    for (std::size_t row = 0; row < x.size(); row += w.size()) {
        double mean = 0, var = 0;
        for (std::size_t c = 0; c < w.size(); ++c) mean += x[row + c] / double(w.size());
        for (std::size_t c = 0; c < w.size(); ++c) var += (x[row + c] - mean) * (x[row + c] - mean) / double(w.size());
        for (std::size_t c = 0; c < w.size(); ++c) y.push_back((x[row + c] - mean) / std::sqrt(var + eps) * w[c] + b[c]);
    }
    return y;
}

Values plus(Values x, const Values& y) {
    for (std::size_t i = 0; i < x.size(); ++i) x[i] += y[i];
    return x;
}

}  // namespace

TEST_CASE("nn/transformer: pre- and post-norm, relu and gelu, by the formula around the attention") {
    for (Device device : available_devices()) {
        for (bool first : {false, true}) {
            for (auto activation : {nn::TransformerActivation::relu, nn::TransformerActivation::gelu}) {
                manual_seed(13);
                nn::TransformerEncoderLayer layer(4, 2,
                                                  {.dim_feedforward = 7,
                                                   .dropout = 0,
                                                   .activation = activation,
                                                   .layer_norm_eps = 1e-3,
                                                   .batch_first = true,
                                                   .norm_first = first,
                                                   .dtype = DType::f64,
                                                   .device = device});
                for (Tensor& p : layer.parameters()) nn::init::normal_(p, 0, 0.7);
                const Tensor x = randn({1, 3, 4}, {.dtype = DType::f64, .device = device});
                const Values xs = values_of(x);
                const auto attend = [&](const Values& v) {
                    const Tensor in = from_values(std::span<const double>(v), {1, 3, 4}, {.dtype = DType::f64, .device = device});
                    return values_of(layer.self_attn(in, in, in, {.causal = true}).output);
                };
                const auto feed = [&](const Values& v) {
                    Values h = map(layer.linear1, v);
                    for (double& a : h)
                        a = activation == nn::TransformerActivation::relu ? std::max(a, 0.0) : a * 0.5 * std::erfc(-a / std::sqrt(2.0));
                    return map(layer.linear2, h);
                };
                Values wanted;
                if (first) {
                    const Values y = plus(xs, attend(norm(layer.norm1, xs, 1e-3)));
                    wanted = plus(y, feed(norm(layer.norm2, y, 1e-3)));
                } else {
                    const Values y = norm(layer.norm1, plus(xs, attend(xs)), 1e-3);
                    wanted = norm(layer.norm2, plus(y, feed(y)), 1e-3);
                }
                const Values got = values_of(layer(x, {.causal = true}));
                for (std::size_t i = 0; i < got.size(); ++i) CHECK(got[i] == doctest::Approx(wanted[i]).epsilon(1e-10).scale(1));
            }
        }
    }
}

TEST_CASE("nn/transformer: PyTorch's names; dropout in training alone; clone; every parameter gets a gradient") {
    manual_seed(14);
    nn::TransformerEncoderLayer layer(6, 3, {.dim_feedforward = 5, .dropout = 0.5});
    std::vector<std::string> names;
    for (const auto& [name, p] : layer.named_parameters()) names.push_back(name);
    CHECK(names == std::vector<std::string>{"self_attn.in_proj_weight", "self_attn.in_proj_bias", "self_attn.out_proj.weight",
                                            "self_attn.out_proj.bias", "linear1.weight", "linear1.bias", "linear2.weight",
                                            "linear2.bias", "norm1.weight", "norm1.bias", "norm2.weight", "norm2.bias"});
    const Tensor x = randn({4, 2, 6});
    const Values once = values_of(layer(x));
    CHECK(values_of(layer(x)) != once);
    layer.eval();
    const Values calm = values_of(layer(x));
    CHECK(values_of(layer(x)) == calm);
    CHECK(values_of(layer.clone()(x)) == calm);
    const Tensor y = layer(x);
    sum(y * y * y).backward();
    for (const auto& named : layer.named_parameters()) {
        const Tensor dp = named.second.grad();
        REQUIRE_MESSAGE(dp.defined(), named.first);
        CHECK(values_of(sum(dp * dp))[0] > 0);
    }
    CHECK(layer.describe() == "TransformerEncoderLayer(6, 3 heads, post-norm)");
    const std::string text = error_of([] { nn::TransformerEncoderLayer(6, 4); });
    CHECK(text == join("MultiheadAttention: embed_dim 6, num_heads 4; both must be 1 or more, and num_heads must divide embed_dim (transformer.cpp:", __LINE__ - 1, ")"));
}

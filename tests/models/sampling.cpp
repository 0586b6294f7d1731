// Drawing tokens from logits.
#include "vitrine/models/sampling.h"

#include <doctest/doctest.h>

#include <cmath>

#include "op_case.h"
#include "vitrine/core/ops/creation.h"
#include "vitrine/kernels/base/error.h"

using namespace vitrine;
using models::sample_token;
using vitrine::testing::error_of;

TEST_CASE("models/sampling: frequencies are those of softmax(logits / temperature) among the top_k") {
    for (double temperature : {1.0, 0.5}) {
        for (std::int64_t top_k : {0, 2, 9}) {
            Generator generator(1);
            const std::vector<double> logits{0.5, -1, 1.5, 0};
            std::vector<double> count(4), p(4);
            double total = 0;
            for (std::size_t i = 0; i < 4; ++i) {
                const bool drawable = top_k != 2 || i == 0 || i == 2;
                p[i] = drawable ? std::exp(logits[i] / temperature) : 0;
                total += p[i];
            }
            const Tensor x = from_values(std::span<const double>(logits), {4}, {.dtype = DType::f32});
            constexpr int draws = 4000;
            for (int n = 0; n < draws; ++n)
                count[static_cast<std::size_t>(sample_token(x, {.temperature = temperature, .top_k = top_k}, generator))] += 1;
            for (std::size_t i = 0; i < 4; ++i) {
                const double expected = p[i] / total, deviation = std::sqrt(expected * (1 - expected) / draws);
                CHECK(std::fabs(count[i] / draws - expected) <= 4 * deviation);
            }
        }
    }
}

TEST_CASE("models/sampling: temperature 0 takes the likeliest and draws nothing; one seed gives one text") {
    Generator generator(5);
    const Tensor x = tensor({1.0, 3.0, 3.0, double(-INFINITY)});
    const GeneratorState before = generator.get_state();
    CHECK(sample_token(x, {.temperature = 0}, generator) == 1);
    CHECK(sample_token(x, {.top_k = 1}) == 1);
    CHECK(generator.get_state() == before);
    std::vector<std::int64_t> first, second;
    for (int i = 0; i < 20; ++i) first.push_back(sample_token(x, {}, generator));
    generator.set_state(before);
    for (int i = 0; i < 20; ++i) second.push_back(sample_token(x, {}, generator));
    CHECK(first == second);
}

TEST_CASE("models/sampling: errors") {
    std::string text;
    text = error_of([] { sample_token(zeros({2, 3})); });
    CHECK(text == join("sample_token: logits (2, 3); allowed is (V) with at least one (sampling.cpp:", __LINE__ - 1, ")"));
    text = error_of([] { sample_token(zeros({0})); });
    CHECK(text == join("sample_token: logits (0,); allowed is (V) with at least one (sampling.cpp:", __LINE__ - 1, ")"));
    text = error_of([] { sample_token(zeros({3}), {.temperature = -1}); });
    CHECK(text == join("sample_token: temperature -1; allowed is 0 and more (sampling.cpp:", __LINE__ - 1, ")"));
    text = error_of([] { sample_token(zeros({3}), {.top_k = -1}); });
    CHECK(text == join("sample_token: top_k -1; allowed is 0, for all, and more (sampling.cpp:", __LINE__ - 1, ")"));
    text = error_of([] { sample_token(tensor({0.0, double(NAN)})); });
    CHECK(text == join("sample_token: logit nan of token 1 (sampling.cpp:", __LINE__ - 1, ")"));
    text = error_of([] { sample_token(tensor({double(-INFINITY)})); });
    CHECK(text == join("sample_token: no token has a logit above -inf (sampling.cpp:", __LINE__ - 1, ")"));
}

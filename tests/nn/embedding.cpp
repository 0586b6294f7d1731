// Embedding as a module.
#include "vitrine/nn/embedding.h"

#include <doctest/doctest.h>

#include "op_case.h"
#include "vitrine/core/ops/creation.h"
#include "vitrine/core/ops/random.h"
#include "vitrine/core/ops/reduce.h"

using namespace vitrine;
using vitrine::testing::error_of;
using vitrine::testing::values_of;

TEST_CASE("nn/embedding: normal weights, a padding row of zeros that stays, values and gradient") {
    for (Device device : available_devices()) {
        manual_seed(3);
        nn::Embedding table(50, 40, {.padding_index = -1, .device = device});
        CHECK(table.weight.shape() == Shape{50, 40});
        CHECK(table.weight.is_leaf());
        CHECK(table.weight.requires_grad());
        CHECK(table.padding_index() == 49);
        const auto w = values_of(table.weight);
        double total = 0, squares = 0;
        for (double v : w) total += v, squares += v * v;
        CHECK(total / 1960 == doctest::Approx(0).scale(1).epsilon(0.07));
        CHECK(squares / 1960 == doctest::Approx(1).epsilon(0.1));
        for (std::size_t c = 0; c < 40; ++c) CHECK(w[49 * 40 + c] == 0);

        const Tensor y = table(tensor({{3, 49}, {0, 3}}, {.device = device}));
        CHECK(y.shape() == Shape{2, 2, 40});
        const auto ys = values_of(y);
        for (std::size_t c = 0; c < 40; ++c) {
            CHECK(ys[c] == w[3 * 40 + c]);
            CHECK(ys[2 * 40 + c] == w[c]);
        }
        sum(y).backward();
        const auto dw = values_of(table.weight.grad());
        CHECK(dw[3 * 40] == 2);
        CHECK(dw[0] == 1);
        CHECK(dw[49 * 40] == 0);
        CHECK(dw[40] == 0);
    }
}

TEST_CASE("nn/embedding: names, clone, description and errors") {
    manual_seed(4);
    nn::Embedding table(7, 3, {.padding_index = 2, .dtype = DType::f64});
    const nn::Members members(table);
    REQUIRE(members.tensors().size() == 1);
    CHECK(members.tensors()[0].name == "weight");
    CHECK(nn::Embedding(7, 3).describe() == "Embedding(7, 3)");
    CHECK(table.describe() == "Embedding(7, 3, padding_index 2)");
    const nn::Embedding copy = table.clone();
    CHECK(copy.padding_index() == 2);
    CHECK(copy.weight.to_vector<double>() == table.weight.to_vector<double>());
    CHECK(copy.weight.impl() != table.weight.impl());

    std::string text;
    text = error_of([] { nn::Embedding(-1, 3); });
    CHECK(text == join("Embedding: num_embeddings -1, embedding_dim 3; neither may be negative (embedding.cpp:", __LINE__ - 1, ")"));
    text = error_of([] { nn::Embedding(4, 3, {.padding_index = 4}); });
    CHECK(text == join("Embedding: padding_index 4 for a table of 4 rows (embedding.cpp:", __LINE__ - 1, ")"));
    text = error_of([&] { table(tensor({7})); });
    CHECK(text == join("embedding: id 7 at (0,) of ids (1,); allowed are 0 to 6, the table has 7 rows (embedding.cpp:", __LINE__ - 1, ")"));
}

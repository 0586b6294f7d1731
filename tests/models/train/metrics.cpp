// Metrics against numbers worked out by hand.
#include "vitrine/models/train/metrics.h"

#include <doctest/doctest.h>
#include <cmath>
#include <limits>

#include "vitrine/core/ops/creation.h"

using vitrine::Error;
using vitrine::Generator;
using vitrine::Tensor;
using namespace vitrine::models;

namespace {

constexpr vitrine::Site here{"user.cpp", 7};

// Predictions 0, 2, 1, 1; the last row has two equal largest values.
Tensor logits() { return vitrine::tensor({{3.0, 1.0, 2.0}, {0.0, 1.0, 5.0}, {1.0, 2.0, 0.0}, {0.0, 4.0, 4.0}}); }
Tensor classes() { return vitrine::tensor({0, 1, 1, 2}); }

}  // namespace

TEST_CASE("models/metrics: accuracy and top-k") {
    CHECK(accuracy(logits(), classes()) == 0.5);
    CHECK(top_k_accuracy(logits(), classes(), 1) == 0.5);
    CHECK(top_k_accuracy(logits(), classes(), 2) == 1);
    CHECK(accuracy(logits(), vitrine::tensor({2, 0, 2, 0})) == 0);
    CHECK(top_k_accuracy(logits(), vitrine::tensor({1, 0, 2, 0}), 2) == 0);
    CHECK(top_k_accuracy(logits(), vitrine::tensor({1, 0, 2, 0}), 3) == 1);
    CHECK(accuracy(logits().to(vitrine::float64), classes()) == 0.5);
}

TEST_CASE("models/metrics: a NaN is never right") {
    const double nan = std::numeric_limits<double>::quiet_NaN();
    CHECK(accuracy(vitrine::tensor({{nan, nan}, {nan, 1.0}, {1.0, nan}}), vitrine::tensor({0, 0, 0})) == 0);
    CHECK(accuracy(vitrine::tensor({{nan, 1.0}}), vitrine::tensor({1})) == 0);
}

TEST_CASE("models/metrics: what does not fit is refused") {
    const auto refused = [](const Tensor& x, const Tensor& t, const char* text) {
        CHECK_THROWS_WITH_AS(accuracy(x, t, here), text, Error);
    };
    refused(vitrine::zeros({3}), classes(), "accuracy: logits (3,); allowed is (N, C) (user.cpp:7)");
    refused(logits(), vitrine::tensor({0, 1}),
            "accuracy: classes (2,) for logits (4, 3); allowed is (4,) (user.cpp:7)");
    refused(logits(), vitrine::tensor({0.0, 1.0, 1.0, 2.0}), "accuracy: classes are f32; allowed is i64 (user.cpp:7)");
    refused(logits(), vitrine::tensor({0, 1, 3, 2}), "accuracy: class 3; allowed are 0 to 2 (user.cpp:7)");
    refused(logits(), vitrine::tensor({0, -1, 0, 2}), "accuracy: class -1; allowed are 0 to 2 (user.cpp:7)");
    refused(vitrine::zeros({0, 3}), vitrine::zeros({0}, {.dtype = vitrine::int64}), "accuracy: no rows (user.cpp:7)");
    CHECK_THROWS_WITH_AS(top_k_accuracy(logits(), classes(), 4, here),
                         "top_k_accuracy: k 4; allowed are 1 to 3 (user.cpp:7)", Error);
}

TEST_CASE("models/metrics: the confusion matrix and its table") {
    ConfusionMatrix matrix({"cat", "dog", "fish"});
    CHECK(std::isnan(matrix.accuracy()));
    matrix.add(logits(), classes());
    matrix.add(logits(), classes());
    CHECK(matrix.at(0, 0) == 2);
    CHECK(matrix.at(1, 2) == 2);
    CHECK(matrix.at(2, 1) == 2);
    CHECK(matrix.at(2, 2) == 0);
    CHECK(matrix.accuracy() == 0.5);
    CHECK(matrix.recall(1) == 0.5);
    CHECK(matrix.precision(2) == 0);
    CHECK(matrix.table() ==
          "       cat   dog  fish  recall\n"
          " cat     2     0     0    100%\n"
          " dog     0     2     2     50%\n"
          "fish     0     2     0      0%\n"
          "      100%   50%    0%  precision\n");
    CHECK(ConfusionMatrix(2).table() ==
          "         0     1  recall\n"
          "   0     0     0       -\n"
          "   1     0     0       -\n"
          "         -     -  precision\n");
    CHECK_THROWS_WITH_AS(ConfusionMatrix(0, here), "ConfusionMatrix: 0 classes; allowed are 1 and more (user.cpp:7)",
                         Error);
    CHECK_THROWS_WITH_AS(matrix.add(vitrine::zeros({1, 2}), vitrine::tensor({0}), here),
                         "ConfusionMatrix::add: logits (1, 2); allowed is (N, 3) (user.cpp:7)", Error);
    CHECK_THROWS_WITH_AS(matrix.at(0, 3, here), "ConfusionMatrix::at: class 3; allowed are 0 to 2 (user.cpp:7)", Error);
}

TEST_CASE("models/metrics: means, perplexity, ELBO") {
    RunningMean mean;
    CHECK(std::isnan(mean.value()));
    mean.add(1, 3);
    mean.add(5);
    CHECK(mean.value() == 2);
    CHECK_THROWS_WITH_AS(mean.add(1, -1, here), "RunningMean::add: weight -1; allowed are 0 and more (user.cpp:7)",
                         Error);
    RunningScores scores;
    scores.add({{"loss", 1}, {"accuracy", 0.5}}, 2);
    scores.add({{"loss", 4}}, 1);
    CHECK(scores.means() == Scores{{"loss", 2}, {"accuracy", 0.5}});
    CHECK(perplexity(std::log(65.0)) == doctest::Approx(65));

    vitrine::manual_seed(1);
    const Vae net({.inputs = 6, .hidden = 4, .latent = 2});
    Generator noise(2);
    const Tensor x = vitrine::full({3, 6}, 0.25);
    const VaeOutput output = net(x, noise);
    const Elbo bound = elbo(output, x);
    CHECK(bound.kl > 0);
    CHECK(-bound.value() == doctest::Approx(vae_loss(output, x).item<double>()).epsilon(1e-6));
    CHECK_THROWS_WITH_AS(elbo(output, vitrine::zeros({0, 6}), here),
                         "elbo: x is (0, 6); allowed is (N, inputs) with N > 0 (user.cpp:7)", Error);
}

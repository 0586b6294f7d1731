// The examples of docs/reference/loss.md.
#include "vitrine/core/ops/loss.h"

#include <doctest/doctest.h>

#include <cmath>

#include "vitrine/core/ops/creation.h"
#include "vitrine/core/ops/unary.h"

namespace vt = vitrine;

TEST_CASE("reference/loss: mse_loss, l1_loss") {
    vt::Tensor x = vt::tensor({1.0, 2.0}), t = vt::tensor({1.0, 5.0});
    CHECK(vt::mse_loss(x, t).item<double>() == 4.5);
    CHECK(vt::l1_loss(x, t, {.reduction = vt::Reduction::sum}).item<double>() == 3);
}

TEST_CASE("reference/loss: huber_loss, smooth_l1_loss") {
    vt::Tensor x = vt::tensor({1.0, 2.0}), t = vt::tensor({0.5, 6.0});
    CHECK(vt::huber_loss(x, t, {.delta = 2, .reduction = vt::Reduction::none}).to_vector<float>() == std::vector<float>{0.125f, 6.0f});
    CHECK(vt::smooth_l1_loss(x, t, {.beta = 2, .reduction = vt::Reduction::none}).to_vector<float>() == std::vector<float>{0.0625f, 3.0f});
}

TEST_CASE("reference/loss: binary_cross_entropy, binary_cross_entropy_with_logits") {
    vt::Tensor logits = vt::tensor({0.0, 3.0}), t = vt::tensor({1.0, 0.25});
    double a = vt::binary_cross_entropy_with_logits(logits, t).item<double>();
    double b = vt::binary_cross_entropy(vt::sigmoid(logits), t).item<double>();
    CHECK(a == doctest::Approx(b).epsilon(1e-6));
}

TEST_CASE("reference/loss: kl_div") {
    vt::Tensor q = vt::tensor({0.5, 0.5}), p = vt::tensor({0.25, 0.75});
    double kl = vt::kl_div(vt::log(q), p, {.reduction = vt::Reduction::sum}).item<double>();
    CHECK(kl == doctest::Approx(0.25 * std::log(0.5) + 0.75 * std::log(1.5)));
}

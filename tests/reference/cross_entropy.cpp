// The examples of docs/reference/cross_entropy.md.
#include "vitrine/core/ops/cross_entropy.h"

#include <doctest/doctest.h>

#include <cmath>

#include "vitrine/core/ops/creation.h"
#include "vitrine/core/ops/unary.h"

namespace vt = vitrine;

TEST_CASE("reference/cross_entropy: cross_entropy") {
    vt::Tensor logits = vt::tensor({{2.0, 0.0, 0.0}, {0.0, 0.0, 0.0}});
    logits.requires_grad_();
    vt::Tensor loss = vt::cross_entropy(logits, vt::tensor({0, 2}));  // classes
    loss.backward();

    CHECK(loss.item<double>() == doctest::Approx((std::log(1 + 2 * std::exp(-2.0)) + std::log(3.0)) / 2));
    CHECK(logits.grad().at<float>({1, 2}) == doctest::Approx((1.0 / 3 - 1) / 2));
}

TEST_CASE("reference/cross_entropy: nll_loss") {
    vt::Tensor x = vt::tensor({{0.5, 0.25, 0.25}, {0.1, 0.1, 0.8}});
    vt::Tensor nll = vt::nll_loss(vt::log(x), vt::tensor({0, 2}), {.weight = vt::tensor({1.0, 1.0, 3.0})});

    CHECK(nll.item<double>() == doctest::Approx(-(std::log(0.5) + 3 * std::log(0.8)) / 4));
}

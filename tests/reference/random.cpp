// The examples of docs/reference/random.md.
#include <doctest/doctest.h>

#include "vitrine/core/generator.h"
#include "vitrine/core/ops/binary.h"
#include "vitrine/core/ops/creation.h"
#include "vitrine/core/ops/random.h"
#include "vitrine/core/ops/reduce.h"

namespace vt = vitrine;

TEST_CASE("reference/random: rand, randn, bernoulli, randperm") {
    vt::manual_seed(3);
    vt::Tensor u = vt::rand({1000}), z = vt::randn({1000}), b = vt::bernoulli({1000}, 0.25), order = vt::randperm(5);
    CHECK(vt::mean(u).item<double>() == doctest::Approx(0.5).epsilon(0.05));
    CHECK(vt::mean(z).item<double>() == doctest::Approx(0).epsilon(0.1));
    CHECK(vt::mean(b).item<double>() == doctest::Approx(0.25).epsilon(0.15));
    vt::manual_seed(3);
    CHECK(vt::rand({1000}).to_vector<float>() == u.to_vector<float>());
    CHECK(vt::sum(order.to(vt::float32)).item<double>() == 10);
}

TEST_CASE("reference/random: rand_like, randn_like") {
    vt::Tensor x = vt::zeros({2, 3}, {.dtype = vt::float64});
    CHECK(vt::rand_like(x).dtype() == vt::float64);
    CHECK(vt::randn_like(x).shape() == vt::Shape{2, 3});
}

TEST_CASE("reference/random: uniform_, normal_, bernoulli_") {
    vt::Tensor x = vt::zeros({1000});
    vt::uniform_(x, -1, 1);
    CHECK(vt::min(x).item<double>() < -0.9);
    vt::normal_(x, 5, 0.1);
    CHECK(vt::mean(x).item<double>() == doctest::Approx(5).epsilon(0.01));
    vt::bernoulli_(x, 1);
    CHECK(vt::mean(x).item<double>() == 1);
}

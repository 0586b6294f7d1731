// The examples of docs/reference/reduce.md.
#include <doctest/doctest.h>

#include <cmath>

#include "vitrine/core/ops/creation.h"
#include "vitrine/core/ops/reduce.h"

namespace vt = vitrine;

TEST_CASE("reference/reduce: sum, mean, var, std") {
    vt::Tensor x = vt::tensor({{1.0, 2.0}, {3.0, 6.0}});
    CHECK(vt::sum(x, 0).to_vector<float>() == std::vector<float>{4, 8});
    CHECK(vt::mean(x, {0, 1}).item<double>() == 3);
    CHECK(vt::var(x, 1).to_vector<float>() == std::vector<float>{0.5, 4.5});
    CHECK(vt::std(x, 0, {.correction = 0}).to_vector<float>() == std::vector<float>{1, 2});
}

TEST_CASE("reference/reduce: max, min, argmax, argmin") {
    vt::Tensor x = vt::tensor({{1.0, 7.0}, {9.0, 3.0}});
    CHECK(vt::max(x, 1, true).shape() == vt::Shape{2, 1});
    CHECK(vt::min(x).item<double>() == 1);
    CHECK(vt::argmax(x, 1).to_vector<std::int64_t>() == std::vector<std::int64_t>{1, 0});
    CHECK(vt::argmin(x).item<int>() == 0);
}

TEST_CASE("reference/reduce: logsumexp") {
    vt::Tensor x = vt::tensor({1000.0, 1000.0});
    CHECK(vt::logsumexp(x).item<double>() == doctest::Approx(1000 + std::log(2.0)));
}

TEST_CASE("reference/reduce: sum_to") {
    vt::Tensor x = vt::ones({4, 3, 2});
    CHECK(vt::sum_to(x, {3, 1}).to_vector<float>() == std::vector<float>{8, 8, 8});
}

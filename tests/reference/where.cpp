// The examples of docs/reference/where.md.
#include <doctest/doctest.h>

#include "vitrine/core/ops/binary.h"
#include "vitrine/core/ops/creation.h"
#include "vitrine/core/ops/reduce.h"
#include "vitrine/core/ops/where.h"

namespace vt = vitrine;

TEST_CASE("reference/where: where") {
    vt::Tensor x = vt::tensor({1.0, -2.0, 3.0}, {.requires_grad = true});
    vt::Tensor y = vt::where(x > 0, x, 0.1 * x);  // leaky relu
    vt::sum(y).backward();

    CHECK(y.to_vector<float>() == std::vector<float>{1, -0.2f, 3});
    CHECK(x.grad().to_vector<float>() == std::vector<float>{1, 0.1f, 1});
}

TEST_CASE("reference/where: masked_fill") {
    vt::Tensor scores = vt::ones({2, 3});
    vt::Tensor later = vt::tensor({{false, true, true}, {false, false, true}});

    CHECK(vt::masked_fill(scores, later, -9).to_vector<float>() == std::vector<float>{1, -9, -9, 1, 1, -9});
}

TEST_CASE("reference/where: masked_select") {
    vt::Tensor x = vt::tensor({{3, 8}, {5, 1}});

    CHECK(vt::masked_select(x, x > 2).to_vector<std::int64_t>() == std::vector<std::int64_t>{3, 8, 5});
}

// The examples of docs/reference/sort.md.
#include "vitrine/core/ops/sort.h"

#include <doctest/doctest.h>

#include "vitrine/core/ops/creation.h"

namespace vt = vitrine;

TEST_CASE("reference/sort: sort, argsort") {
    vt::Tensor x = vt::tensor({{3.0, 1.0, 2.0}, {9.0, 8.0, 7.0}});
    vt::Sorted sorted = vt::sort(x);  // along the last axis
    CHECK(sorted.values.to_vector<float>() == std::vector<float>{1, 2, 3, 7, 8, 9});
    CHECK(sorted.indices.to_vector<std::int64_t>() == std::vector<std::int64_t>{1, 2, 0, 2, 1, 0});
    CHECK(vt::argsort(x, {.axis = 0, .descending = true}).to_vector<std::int64_t>() == std::vector<std::int64_t>{1, 1, 1, 0, 0, 0});
}

TEST_CASE("reference/sort: topk") {
    vt::Tensor scores = vt::tensor({0.1, 0.7, 0.2});
    vt::Sorted best = vt::topk(scores, 2);
    CHECK(best.indices.to_vector<std::int64_t>() == std::vector<std::int64_t>{1, 2});
}

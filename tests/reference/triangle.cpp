// The examples of docs/reference/triangle.md.
#include <doctest/doctest.h>

#include "vitrine/core/ops/creation.h"
#include "vitrine/core/ops/triangle.h"

namespace vt = vitrine;

TEST_CASE("reference/triangle: tril") {
    vt::Tensor x = vt::tensor({{1, 2, 3}, {4, 5, 6}});

    CHECK(vt::tril(x).to_vector<std::int64_t>() == std::vector<std::int64_t>{1, 0, 0, 4, 5, 0});
}

TEST_CASE("reference/triangle: triu") {
    vt::Tensor x = vt::tensor({{1, 2, 3}, {4, 5, 6}});

    CHECK(vt::triu(x, 1).to_vector<std::int64_t>() == std::vector<std::int64_t>{0, 2, 3, 0, 0, 6});
}

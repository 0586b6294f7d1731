// The examples of docs/reference/rearrange.md.
#include <doctest/doctest.h>

#include "vitrine/core/ops/creation.h"
#include "vitrine/core/ops/rearrange.h"

namespace vt = vitrine;

TEST_CASE("reference/rearrange: flip") {
    vt::Tensor x = vt::tensor({{1, 2, 3}, {4, 5, 6}});

    CHECK(vt::flip(x, {1}).to_vector<std::int64_t>() == std::vector<std::int64_t>{3, 2, 1, 6, 5, 4});
    CHECK(vt::flip(x, {0, 1}).to_vector<std::int64_t>() == std::vector<std::int64_t>{6, 5, 4, 3, 2, 1});
}

TEST_CASE("reference/rearrange: roll") {
    vt::Tensor x = vt::tensor({{1, 2, 3}, {4, 5, 6}});

    CHECK(vt::roll(x, {1}, {1}).to_vector<std::int64_t>() == std::vector<std::int64_t>{3, 1, 2, 6, 4, 5});
    CHECK(vt::roll(x, -1).to_vector<std::int64_t>() == std::vector<std::int64_t>{2, 3, 4, 5, 6, 1});
}

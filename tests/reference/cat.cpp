// The examples of docs/reference/cat.md.
#include <doctest/doctest.h>

#include "vitrine/core/ops/cat.h"
#include "vitrine/core/ops/creation.h"

namespace vt = vitrine;

TEST_CASE("reference/cat: cat") {
    vt::Tensor x = vt::tensor({{1, 2}, {3, 4}}), w = vt::tensor({{5}, {6}});

    CHECK(vt::cat({x, w}, 1).to_vector<std::int64_t>() == std::vector<std::int64_t>{1, 2, 5, 3, 4, 6});
}

TEST_CASE("reference/cat: stack") {
    vt::Tensor x = vt::tensor({1, 2, 3}), w = vt::tensor({4, 5, 6});

    CHECK(vt::stack({x, w}).shape() == vt::Shape{2, 3});
    CHECK(vt::stack({x, w}, 1).to_vector<std::int64_t>() == std::vector<std::int64_t>{1, 4, 2, 5, 3, 6});
}

// The examples of docs/reference/repeat.md.
#include <doctest/doctest.h>

#include "vitrine/core/ops/creation.h"
#include "vitrine/core/ops/repeat.h"

namespace vt = vitrine;

TEST_CASE("reference/repeat: repeat") {
    vt::Tensor x = vt::tensor({{1, 2}});

    vt::Tensor y = vt::repeat(x, {2, 2});
    CHECK(y.shape() == vt::Shape{2, 4});
    CHECK(y.to_vector<std::int64_t>() == std::vector<std::int64_t>{1, 2, 1, 2, 1, 2, 1, 2});
}

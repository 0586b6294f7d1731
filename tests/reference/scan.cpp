// The examples of docs/reference/scan.md.
#include "vitrine/core/ops/scan.h"

#include <doctest/doctest.h>

#include "vitrine/core/ops/creation.h"

namespace vt = vitrine;

TEST_CASE("reference/scan: cumsum") {
    vt::Tensor x = vt::tensor({{1.0, 2.0, 3.0}, {4.0, 5.0, 6.0}});
    CHECK(vt::cumsum(x, 1).to_vector<float>() == std::vector<float>{1, 3, 6, 4, 9, 15});
    CHECK(vt::cumsum(x, 0).to_vector<float>() == std::vector<float>{1, 2, 3, 5, 7, 9});
}

// The examples of docs/reference/group_norm.md.
#include "vitrine/core/ops/group_norm.h"

#include <doctest/doctest.h>

#include "vitrine/core/ops/creation.h"

namespace vt = vitrine;

TEST_CASE("reference/group_norm: group_norm") {
    vt::Tensor x = vt::tensor({{1.0, 3.0, 5.0, 25.0}});  // one image of one pixel, four channels
    vt::Tensor y = vt::group_norm(x, 2);                 // channels 0, 1 and 2, 3: (-1, 1, -1, 1) but for eps
    CHECK(y.at<float>({0, 1}) == doctest::Approx(1).epsilon(1e-4));
    CHECK(y.at<float>({0, 2}) == doctest::Approx(-1).epsilon(1e-4));
}

// The examples of docs/reference/layer_norm.md.
#include "vitrine/core/ops/layer_norm.h"

#include <doctest/doctest.h>

#include "vitrine/core/ops/creation.h"

namespace vt = vitrine;

TEST_CASE("reference/layer_norm: layer_norm") {
    vt::Tensor x = vt::tensor({{1.0, 3.0}, {10.0, 50.0}});
    vt::Tensor y = vt::layer_norm(x, {2});  // each row for itself: (-1, 1), (-1, 1) but for eps
    CHECK(y.at<float>({0, 0}) == doctest::Approx(-1).epsilon(1e-4));
    CHECK(y.at<float>({1, 1}) == doctest::Approx(1).epsilon(1e-4));
}

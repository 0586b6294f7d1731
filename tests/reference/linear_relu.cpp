// The example of docs/reference/linear_relu.md.
#include <doctest/doctest.h>

#include "vitrine/core/ops/creation.h"
#include "vitrine/core/ops/linear_relu.h"

namespace vt = vitrine;

TEST_CASE("reference/linear_relu: linear_relu") {
    vt::Tensor x = vt::tensor({{1.0, 2.0}}), w = vt::tensor({{1.0, 0.0}, {0.0, -1.0}}), b = vt::tensor({0.5, 0.0});
    CHECK(vt::linear_relu(x, w, b).to_vector<float>() == std::vector<float>{1.5, 0});
}

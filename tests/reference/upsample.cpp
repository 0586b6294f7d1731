// The examples of docs/reference/upsample.md.
#include "vitrine/core/ops/upsample.h"

#include <doctest/doctest.h>

#include "vitrine/core/ops/creation.h"

namespace vt = vitrine;
using Values = std::vector<float>;

TEST_CASE("reference/upsample: upsample_nearest") {
    vt::Tensor x = vt::tensor({{1.0, 2.0}}).reshape({1, 1, 1, 2});
    vt::Tensor y = vt::upsample_nearest(x, {2, 3});  // (1, 1, 2, 3): 1, 1, 2 twice
    CHECK(y.to_vector<float>() == Values{1, 1, 2, 1, 1, 2});
}

TEST_CASE("reference/upsample: upsample_nearest_by") {
    vt::Tensor x = vt::tensor({1.0, 2.0}).reshape({1, 1, 2});
    vt::Tensor y = vt::upsample_nearest_by(x, 2);  // 1, 1, 2, 2
    CHECK(y.to_vector<float>() == Values{1, 1, 2, 2});
}

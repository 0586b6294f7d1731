// The examples of docs/reference/softmax.md.
#include <doctest/doctest.h>

#include "vitrine/core/ops/creation.h"
#include "vitrine/core/ops/softmax.h"

namespace vt = vitrine;

TEST_CASE("reference/softmax: softmax") {
    vt::Tensor x = vt::tensor({{0.0, 0.0}, {1000.0, -1000.0}});
    CHECK(vt::softmax(x, 1).to_vector<float>() == std::vector<float>{0.5, 0.5, 1, 0});
}

TEST_CASE("reference/softmax: log_softmax") {
    vt::Tensor x = vt::tensor({0.0, -1000.0});
    CHECK(vt::log_softmax(x, 0).to_vector<float>() == std::vector<float>{0, -1000});
}

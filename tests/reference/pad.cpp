// The examples of docs/reference/pad.md.
#include <doctest/doctest.h>

#include "vitrine/core/ops/creation.h"
#include "vitrine/core/ops/pad.h"

namespace vt = vitrine;

TEST_CASE("reference/pad: pad") {
    vt::Tensor x = vt::tensor({{1, 2, 3}, {4, 5, 6}});

    vt::Tensor y = vt::pad(x, {1, 0, 0, 1});  // a column on the left, a row below
    CHECK(y.shape() == vt::Shape{3, 4});
    CHECK(y.to_vector<std::int64_t>() == std::vector<std::int64_t>{0, 1, 2, 3, 0, 4, 5, 6, 0, 0, 0, 0});

    vt::Tensor row = x.select(0, 0);
    CHECK(vt::pad(row, {2, 2}, vt::PadMode::reflect).to_vector<std::int64_t>() == std::vector<std::int64_t>{3, 2, 1, 2, 3, 2, 1});
    CHECK(vt::pad(row, {2, 2}, vt::PadMode::replicate).to_vector<std::int64_t>() == std::vector<std::int64_t>{1, 1, 1, 2, 3, 3, 3});
    CHECK(vt::pad(row, {-1, 1}, vt::PadMode::constant, 9).to_vector<std::int64_t>() == std::vector<std::int64_t>{2, 3, 9});
}

TEST_CASE("reference/pad: pad_backward") {
    vt::Tensor dy = vt::ones({5});
    vt::Tensor dx = vt::pad_backward(dy, {3}, {2, 0}, vt::PadMode::replicate);

    CHECK(dx.to_vector<float>() == std::vector<float>{3, 1, 1});  // the first element stands in three places
}

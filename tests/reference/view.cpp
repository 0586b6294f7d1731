// The examples of docs/reference/view.md.
#include <doctest/doctest.h>

#include "vitrine/core/ops/creation.h"
#include "vitrine/core/ops/view.h"

namespace vt = vitrine;

TEST_CASE("reference/view: reshape, flatten") {
    vt::Tensor x = vt::arange(0, 6, 1).reshape({2, 3});
    CHECK(vt::reshape(x, {3, -1}).shape() == vt::Shape{3, 2});
    CHECK(vt::flatten(x).shape() == vt::Shape{6});
}

TEST_CASE("reference/view: permute, transpose") {
    vt::Tensor x = vt::zeros({2, 3, 4});
    CHECK(vt::permute(x, {2, 0, 1}).shape() == vt::Shape{4, 2, 3});
    CHECK(vt::transpose(x, 0, -1).shape() == vt::Shape{4, 3, 2});
}

TEST_CASE("reference/view: expand, squeeze, unsqueeze") {
    vt::Tensor x = vt::tensor({{1.0}, {2.0}});
    CHECK(vt::expand(x, {2, 3}).to_vector<float>() == std::vector<float>{1, 1, 1, 2, 2, 2});
    CHECK(vt::squeeze(x, 1).shape() == vt::Shape{2});
    CHECK(vt::unsqueeze(x, 0).shape() == vt::Shape{1, 2, 1});
}

TEST_CASE("reference/view: slice, select") {
    vt::Tensor x = vt::arange(0, 10, 1);
    CHECK(vt::slice(x, 0, 1, -1, 3).to_vector<std::int64_t>() == std::vector<std::int64_t>{1, 4, 7});
    CHECK(vt::select(x, 0, -1).item<int>() == 9);
}

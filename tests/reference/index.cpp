// The examples of docs/reference/index.md.
#include <doctest/doctest.h>

#include "vitrine/core/ops/creation.h"
#include "vitrine/core/ops/index.h"

namespace vt = vitrine;

TEST_CASE("reference/index: gather") {
    vt::Tensor scores = vt::tensor({{0.1, 0.7, 0.2}, {0.5, 0.4, 0.1}});
    vt::Tensor label = vt::tensor({{1}, {2}});
    vt::Tensor picked = vt::gather(scores, 1, label);  // (2, 1)

    CHECK(picked.to_vector<float>() == std::vector<float>{0.7f, 0.1f});
}

TEST_CASE("reference/index: take_along_dim") {
    vt::Tensor x = vt::tensor({{10, 20, 30}, {40, 50, 60}});
    vt::Tensor column = vt::tensor({{2, 0}});  // one row, used for both of x

    CHECK(vt::take_along_dim(x, column, 1).to_vector<std::int64_t>() == std::vector<std::int64_t>{30, 10, 60, 40});
}

TEST_CASE("reference/index: index_select") {
    vt::Tensor x = vt::tensor({{1, 2}, {3, 4}, {5, 6}});

    CHECK(vt::index_select(x, 0, vt::tensor({2, 2, 0})).to_vector<std::int64_t>() == std::vector<std::int64_t>{5, 6, 5, 6, 1, 2});
}

TEST_CASE("reference/index: scatter_add") {
    vt::Tensor bins = vt::zeros({4});
    vt::Tensor counts = vt::scatter_add(bins, 0, vt::tensor({1, 3, 1, 1}), vt::ones({4}));

    CHECK(counts.to_vector<float>() == std::vector<float>{0, 3, 0, 1});
}

TEST_CASE("reference/index: index_add") {
    vt::Tensor x = vt::zeros({3, 2});
    vt::Tensor y = vt::index_add(x, 0, vt::tensor({2, 0, 2}), vt::tensor({{1.0, 2.0}, {3.0, 4.0}, {5.0, 6.0}}));

    CHECK(y.to_vector<float>() == std::vector<float>{3, 4, 0, 0, 6, 8});
}

TEST_CASE("reference/index: one_hot") {
    vt::Tensor y = vt::one_hot(vt::tensor({2, 0}), 3);  // (2, 3), i64

    CHECK(y.to_vector<std::int64_t>() == std::vector<std::int64_t>{0, 0, 1, 1, 0, 0});
}

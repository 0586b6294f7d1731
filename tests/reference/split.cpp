// The examples of docs/reference/split.md.
#include <doctest/doctest.h>

#include "vitrine/core/ops/creation.h"
#include "vitrine/core/ops/split.h"

namespace vt = vitrine;

TEST_CASE("reference/split: split") {
    vt::Tensor x = vt::tensor({1, 2, 3, 4, 5});

    std::vector<vt::Tensor> pairs = vt::split(x, 2);
    CHECK(pairs.size() == 3);
    CHECK(pairs[2].to_vector<std::int64_t>() == std::vector<std::int64_t>{5});
    CHECK(vt::split(x, {1, 4})[1].to_vector<std::int64_t>() == std::vector<std::int64_t>{2, 3, 4, 5});
}

TEST_CASE("reference/split: chunk") {
    vt::Tensor x = vt::tensor({{1, 2, 3, 4}, {5, 6, 7, 8}});
    std::vector<vt::Tensor> halves = vt::chunk(x, 2, 1);

    CHECK(halves[0].to_vector<std::int64_t>() == std::vector<std::int64_t>{1, 2, 5, 6});
    CHECK(halves[1].to_vector<std::int64_t>() == std::vector<std::int64_t>{3, 4, 7, 8});
}

TEST_CASE("reference/split: unbind") {
    vt::Tensor x = vt::tensor({{1, 2, 3}, {4, 5, 6}});

    CHECK(vt::unbind(x)[1].to_vector<std::int64_t>() == std::vector<std::int64_t>{4, 5, 6});
    CHECK(vt::unbind(x, 1)[0].to_vector<std::int64_t>() == std::vector<std::int64_t>{1, 4});
}

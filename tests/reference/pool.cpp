// The examples of docs/reference/pool.md.
#include "vitrine/core/ops/pool.h"

#include <doctest/doctest.h>

#include "vitrine/core/ops/creation.h"

namespace vt = vitrine;
using Values = std::vector<float>;
using Indices = std::vector<std::int64_t>;

TEST_CASE("reference/pool: max_pool2d") {
    vt::Tensor x = vt::arange(0, 16, 1, {.dtype = vt::DType::f32}).reshape({1, 1, 4, 4});
    vt::Tensor y = vt::max_pool2d(x, 2);  // (1, 1, 2, 2): 5, 7, 13, 15
    CHECK(y.to_vector<float>() == Values{5, 7, 13, 15});
    vt::Tensor z = vt::max_pool2d(x, 3, {.stride = 2, .padding = 1});
    CHECK(z.to_vector<float>() == Values{5, 7, 13, 15});
}

TEST_CASE("reference/pool: max_pool2d_with_indices") {
    vt::Tensor x = vt::tensor({{1.0, 8.0}, {3.0, 2.0}}).reshape({1, 1, 2, 2});
    auto [values, indices] = vt::max_pool2d_with_indices(x, 2);  // 8, and its place 1
    CHECK(values.to_vector<float>() == Values{8});
    CHECK(indices.to_vector<std::int64_t>() == Indices{1});
}

TEST_CASE("reference/pool: max_pool1d") {
    vt::Tensor x = vt::tensor({1.0, 4.0, 2.0, 3.0}).reshape({1, 1, 4});
    vt::Tensor y = vt::max_pool1d(x, 2);  // 4, 3
    CHECK(y.to_vector<float>() == Values{4, 3});
}

TEST_CASE("reference/pool: avg_pool2d") {
    vt::Tensor x = vt::ones({1, 1, 2, 2});
    vt::Tensor y = vt::avg_pool2d(x, 2, {.padding = 1});                              // each window holds one pixel: 1/4
    vt::Tensor z = vt::avg_pool2d(x, 2, {.padding = 1, .count_include_pad = false});  // 1
    CHECK(y.to_vector<float>() == Values(4, 0.25f));
    CHECK(z.to_vector<float>() == Values(4, 1));
}

TEST_CASE("reference/pool: avg_pool1d") {
    vt::Tensor x = vt::tensor({1.0, 4.0, 2.0, 3.0}).reshape({1, 1, 4});
    vt::Tensor y = vt::avg_pool1d(x, 2);  // 2.5, 2.5
    CHECK(y.to_vector<float>() == Values{2.5, 2.5});
}

TEST_CASE("reference/pool: adaptive_avg_pool2d") {
    vt::Tensor x = vt::arange(0, 6, 1, {.dtype = vt::DType::f32}).reshape({1, 1, 2, 3});
    vt::Tensor y = vt::adaptive_avg_pool2d(x, 1);  // the average of all: 2.5
    CHECK(y.to_vector<float>() == Values{2.5});
}

TEST_CASE("reference/pool: adaptive_avg_pool1d") {
    vt::Tensor x = vt::tensor({1.0, 2.0, 6.0}).reshape({1, 1, 3});
    vt::Tensor y = vt::adaptive_avg_pool1d(x, 2);  // inputs 0, 1 and 1, 2: 1.5, 4
    CHECK(y.to_vector<float>() == Values{1.5, 4});
}

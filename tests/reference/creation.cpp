// The examples of docs/reference/creation.md.
#include <doctest/doctest.h>

#include <memory>
#include <span>
#include <vector>

#include "vitrine/core/ops/creation.h"
#include "vitrine/core/ops/reduce.h"

namespace vt = vitrine;

TEST_CASE("reference/creation: empty, zeros, ones, full, scalar") {
    CHECK(vt::empty({2, 0, 3}).numel() == 0);
    CHECK(vt::zeros({2}).to_vector<float>() == std::vector<float>{0, 0});
    CHECK(vt::ones({2}, {.dtype = vt::int64}).to_vector<std::int64_t>() == std::vector<std::int64_t>{1, 1});
    CHECK(vt::full({2}, 2.5).to_vector<float>() == std::vector<float>{2.5, 2.5});
    CHECK(vt::scalar(3).item<int>() == 3);
}

TEST_CASE("reference/creation: empty_like, zeros_like, ones_like, full_like") {
    vt::Tensor x = vt::ones({2, 3}, {.dtype = vt::float64}).transpose(0, 1);
    CHECK(vt::empty_like(x).strides() == x.strides());
    CHECK(vt::sum(vt::zeros_like(x)).item<double>() == 0);
    CHECK(vt::ones_like(x).dtype() == vt::float64);
    CHECK(vt::full_like(x, 7).at<double>({2, 1}) == 7);
}

TEST_CASE("reference/creation: tensor, arange") {
    CHECK(vt::tensor({1.5, 2.0}).dtype() == vt::float32);
    CHECK(vt::tensor({{1, 2}, {3, 4}}).shape() == vt::Shape{2, 2});
    CHECK(vt::arange(1, 7, 2).to_vector<std::int64_t>() == std::vector<std::int64_t>{1, 3, 5});
}

TEST_CASE("reference/creation: from_values, from_vector, from_blob, from_memory") {
    std::vector<double> values{1, 2};
    CHECK(vt::from_values(std::span<const double>(values), {2}).dtype() == vt::float32);
    CHECK(vt::from_vector(std::vector<float>{1, 2, 3, 4}, {2, 2}).at<float>({1, 0}) == 3);
    float memory[] = {5, 6};
    vt::Tensor x = vt::from_blob(memory, {2});
    memory[1] = 7;
    CHECK(x.at<float>({1}) == 7);
    auto owner = std::make_shared<std::vector<float>>(3, 1.0f);
    CHECK(vt::from_memory(owner->data(), owner, {3}, {1}, vt::float32).numel() == 3);
}

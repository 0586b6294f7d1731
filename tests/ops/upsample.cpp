#include "cases/upsample.h"

#include <doctest/doctest.h>

#include "vitrine/core/ops/creation.h"

using namespace vitrine;
using namespace vitrine::testing;

TEST_CASE("ops/upsample: values, gradients and second derivatives on every device") { check_op(upsample_cases()); }

TEST_CASE("ops/upsample: by a factor, which need not be whole, and not the same along both axes") {
    const Tensor x = tensor({{1.0, 2.0, 3.0}}, {.dtype = DType::f64}).reshape({1, 1, 1, 3});
    CHECK(values_of(upsample_nearest_by(x, 2)) == std::vector<double>{1, 1, 2, 2, 3, 3, 1, 1, 2, 2, 3, 3});
    CHECK(values_of(upsample_nearest_by(x, {1, 5.0 / 3})) == std::vector<double>{1, 1, 2, 2, 3});
    CHECK(upsample_nearest_by(zeros({1, 1, 10, 10}), 0.7).shape() == Shape{1, 1, 7, 7});
    CHECK(values_of(upsample_nearest_by(x.squeeze(2), 2)) == std::vector<double>{1, 1, 2, 2, 3, 3});
    CHECK(upsample_nearest(zeros({2, 3, 4, 4}), 8).strides() == Strides{192, 1, 24, 3});
}

TEST_CASE("ops/upsample: errors name the op, what was given, what is allowed and the line") {
    const Tensor x = zeros({1, 2, 3, 3});
    std::string text = error_of([&] { upsample_nearest(x, {0, 4}); });
    CHECK(text == join("upsample_nearest: size (0, 4); it must be at least (1, 1) (upsample.cpp:", __LINE__ - 1, ")"));
    text = error_of([&] { upsample_nearest(zeros({2, 3}), 4); });
    CHECK(text == join("upsample_nearest: x (2, 3); it must be (N, C, L) or (N, C, H, W) (upsample.cpp:", __LINE__ - 1, ")"));
    text = error_of([&] { upsample_nearest(zeros({2, 3, 0, 1}), 4); });
    CHECK(text == join("upsample_nearest: x (2, 3, 0, 1) has no pixels (upsample.cpp:", __LINE__ - 1, ")"));
    text = error_of([&] { upsample_nearest_by(x, {2, -1}); });
    CHECK(text == join("upsample_nearest_by: scale (2, -1); it must be above 0 and below 1e6 (upsample.cpp:", __LINE__ - 1, ")"));
    text = error_of([&] { upsample_nearest_by(x, 0.1); });
    CHECK(text == join("upsample_nearest_by: size (0, 0); it must be at least (1, 1) (upsample.cpp:", __LINE__ - 1, ")"));
}

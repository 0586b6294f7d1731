#include "cases/triangle.h"

#include <doctest/doctest.h>

#include "vitrine/core/ops/creation.h"

using namespace vitrine;
using namespace vitrine::testing;

TEST_CASE("ops/triangle: values, gradients and second derivatives on every device") { check_op(triangle_cases()); }

TEST_CASE("ops/triangle: every dtype, any diagonal") {
    for (Device device : available_devices()) {
        for (DType dtype : {DType::f32, DType::f64, DType::i32, DType::i64, DType::u8, DType::boolean, DType::bf16, DType::f16}) {
            INFO(dtype, " on ", device);
            const Tensor x = ones({2, 2}, {.dtype = dtype, .device = device});
            CHECK(tril(x).dtype() == dtype);
            CHECK(values_of(tril(x)) == std::vector<double>{1, 0, 1, 1});
            CHECK(values_of(triu(x, 1)) == std::vector<double>{0, 1, 0, 0});
            CHECK(values_of(tril(x, INT64_MAX)) == std::vector<double>{1, 1, 1, 1});
            CHECK(values_of(triu(x, INT64_MAX)) == std::vector<double>{0, 0, 0, 0});
            CHECK(values_of(triu(x, INT64_MIN)) == std::vector<double>{1, 1, 1, 1});
        }
    }
}

TEST_CASE("ops/triangle: errors") {
    std::string text;
    text = error_of([] { tril(zeros({3})); });
    CHECK(text == join("tril: x (3,); allowed are matrices, (..., M, N) (triangle.cpp:", __LINE__ - 1, ")"));
    text = error_of([] { triu(Tensor()); });
    CHECK(text == join("triu: x is undefined (triangle.cpp:", __LINE__ - 1, ")"));
}

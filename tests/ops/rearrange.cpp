#include "cases/rearrange.h"

#include <doctest/doctest.h>

#include "vitrine/core/ops/creation.h"

using namespace vitrine;
using namespace vitrine::testing;

TEST_CASE("ops/rearrange: values, gradients and second derivatives on every device") { check_op(rearrange_cases()); }

TEST_CASE("ops/rearrange: every dtype; roll along all elements and twice along an axis") {
    for (Device device : available_devices()) {
        for (DType dtype : {DType::f32, DType::f64, DType::i32, DType::i64, DType::u8, DType::boolean, DType::bf16, DType::f16}) {
            INFO(dtype, " on ", device);
            const Tensor x = tensor({{1, 0}, {1, 1}}, {.dtype = dtype, .device = device});
            CHECK(flip(x, {1}).dtype() == dtype);
            CHECK(values_of(flip(x, {-1})) == std::vector<double>{0, 1, 1, 1});
            CHECK(values_of(roll(x, -1)) == std::vector<double>{0, 1, 1, 1});
        }
        const Tensor x = arange(0, 5, 1, {.device = device});
        CHECK(values_of(roll(x, {1, 1}, {0, 0})) == std::vector<double>{3, 4, 0, 1, 2});
        CHECK(values_of(roll(x, INT64_MIN)) == values_of(roll(x, 2)));
    }
    const int before = num_threads();
    const Tensor x = arange(0, 300 * 401, 1, {.dtype = DType::f32}).reshape({300, 401});
    set_num_threads(1);
    const auto one = roll(flip(x, {0, 1}), {7, 5}, {0, 1}).to_vector<float>();
    set_num_threads(2);
    CHECK(roll(flip(x, {0, 1}), {7, 5}, {0, 1}).to_vector<float>() == one);
    set_num_threads(before);
}

TEST_CASE("ops/rearrange: errors") {
    const Tensor x = zeros({2, 5});
    std::string text;
    text = error_of([&] { flip(x, {2}); });
    CHECK(text == join("flip: axis 2 of x (2, 5); allowed are -2 to 1 (rearrange.cpp:", __LINE__ - 1, ")"));
    text = error_of([&] { flip(x, {1, -1}); });
    CHECK(text == join("flip: axis -1 is named twice (rearrange.cpp:", __LINE__ - 1, ")"));
    text = error_of([&] { roll(x, {1, 2}, {0}); });
    CHECK(text == join("roll: 2 shifts for 1 axes; allowed is one for each (rearrange.cpp:", __LINE__ - 1, ")"));
    text = error_of([&] { roll(Tensor(), 1); });
    CHECK(text == join("roll: x is undefined (rearrange.cpp:", __LINE__ - 1, ")"));
}

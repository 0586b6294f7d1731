#include "cases/pad.h"

#include <doctest/doctest.h>

#include "vitrine/core/layout.h"
#include "vitrine/core/ops/creation.h"

using namespace vitrine;
using namespace vitrine::testing;

TEST_CASE("ops/pad: values, gradients and second derivatives on every device") { check_op(pad_cases()); }

TEST_CASE("ops/pad: every dtype, images keep their channels last") {
    for (Device device : available_devices()) {
        for (DType dtype : {DType::f32, DType::f64, DType::i32, DType::i64, DType::u8, DType::boolean, DType::bf16, DType::f16}) {
            INFO(dtype, " on ", device);
            const Tensor x = tensor({1, 0, 1}, {.dtype = dtype, .device = device});
            CHECK(pad(x, {1, 1}).dtype() == dtype);
            CHECK(values_of(pad(x, {1, 2}, PadMode::constant, 1)) == std::vector<double>{1, 1, 0, 1, 1, 1});
            CHECK(values_of(pad(x, {2, 1}, PadMode::reflect)) == std::vector<double>{1, 0, 1, 0, 1, 0});
        }
        const Tensor images = make_channels_last({2, 3, 4, 5}, DType::f32, device);
        const Tensor y = pad(images, {1, 1, 2, 2});
        CHECK(y.shape() == Shape{2, 3, 8, 7});
        CHECK(y.strides() == channels_last_strides(y.shape()));
        const Tensor h = tensor({1.0, 2.0}, {.dtype = DType::f16, .device = device, .requires_grad = true});
        const Tensor z = pad(h, {3, 0}, PadMode::replicate);
        z.backward(ones_like(z));
        CHECK(values_of(h.grad()) == std::vector<double>{4, 1});
    }
}

TEST_CASE("ops/pad: the same bits at one and two threads") {
    const int before = num_threads();
    const Tensor x = arange(0, 300 * 401, 1, {.dtype = DType::f32}).reshape({300, 401});
    const Tensor dy = arange(0, 306 * 405, 1, {.dtype = DType::f32}).reshape({306, 405});
    set_num_threads(1);
    const auto y = pad(x, {2, 2, 3, 3}, PadMode::reflect).to_vector<float>();
    const auto dx = pad_backward(dy, x.shape(), {2, 2, 3, 3}, PadMode::reflect).to_vector<float>();
    set_num_threads(2);
    CHECK(pad(x, {2, 2, 3, 3}, PadMode::reflect).to_vector<float>() == y);
    CHECK(pad_backward(dy, x.shape(), {2, 2, 3, 3}, PadMode::reflect).to_vector<float>() == dx);
    set_num_threads(before);
}

TEST_CASE("ops/pad: errors") {
    const Tensor x = zeros({2, 5});
    std::string text;
    text = error_of([&] { pad(x, {1}); });
    CHECK(text == join("pad: 1 amounts for 2 dimensions; allowed are a left and a right one for each of the last ones (pad.cpp:", __LINE__ - 1, ")"));
    text = error_of([&] { pad(x, {1, 1, 1, 1, 1, 1}); });
    CHECK(text == join("pad: 6 amounts for 2 dimensions; allowed are a left and a right one for each of the last ones (pad.cpp:", __LINE__ - 1, ")"));
    text = error_of([&] { pad(x, {-3, -3}); });
    CHECK(text == join("pad: amounts -3 and -3 on axis 1 of x (2, 5); they cut off more than there is (pad.cpp:", __LINE__ - 1, ")"));
    text = error_of([&] { pad(x, {INT64_MAX, 1}); });
    CHECK(text == join("pad: amounts 9223372036854775807 and 1 on axis 1 of x (2, 5) (pad.cpp:", __LINE__ - 1, ")"));
    text = error_of([&] { pad(x, {-1, 1}, PadMode::reflect); });
    CHECK(text == join("pad: amounts -1 and 1 on axis 1; mode reflect cannot cut off (pad.cpp:", __LINE__ - 1, ")"));
    text = error_of([&] { pad(x, {0, 0, 2, 0}, PadMode::reflect); });
    CHECK(text == join("pad: amounts 2 and 0 on axis 0 of x (2, 5); mode reflect allows less than the size (pad.cpp:", __LINE__ - 1, ")"));
    text = error_of([&] { pad(zeros({0}), {1, 0}, PadMode::replicate); });
    CHECK(text == join("pad: amounts 1 and 0 on axis 0 of x (0,); mode replicate wants at least one element (pad.cpp:", __LINE__ - 1, ")"));
    text = error_of([&] { pad(zeros({2}, {.dtype = DType::u8}), {1, 0}, PadMode::constant, 0.5); });
    CHECK(text == join("pad: value 0.5 for x of u8, which cannot hold it (pad.cpp:", __LINE__ - 1, ")"));
    text = error_of([&] { pad_backward(x, {2, 5}, {1, 0}, PadMode::reflect); });
    CHECK(text == join("pad_backward: dy (2, 5) for x (2, 5) and these amounts (pad.cpp:", __LINE__ - 1, ")"));
}

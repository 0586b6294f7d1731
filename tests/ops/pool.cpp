#include "cases/pool.h"

#include <doctest/doctest.h>

#include "vitrine/core/device.h"
#include "vitrine/core/ops/binary.h"
#include "vitrine/core/ops/creation.h"
#include "vitrine/core/ops/random.h"
#include "vitrine/core/ops/reduce.h"

using namespace vitrine;
using namespace vitrine::testing;

TEST_CASE("ops/pool: values, gradients and second derivatives on every device") {
    check_op(pool_cases());
    check_op(sequence_pool_cases());
    check_op({with_indices_case()});
    for (const OpCase& c : large_pool_cases()) check_values(c);
}

TEST_CASE("ops/pool: indices count the pixels of an image; the first of equals wins and gets the gradient") {
    for (Device device : available_devices()) {
        Tensor x = tensor({{5.0, 5.0, 1.0, 2.0}, {5.0, 0.0, 3.0, 2.0}}, {.device = device}).reshape({1, 1, 2, 4}).detach().requires_grad_();
        const MaxPool y = max_pool2d_with_indices(x, 2);
        CHECK(y.values.to_vector<float>() == std::vector<float>{5, 3});
        CHECK(y.indices.dtype() == DType::i64);
        CHECK(y.indices.to_vector<std::int64_t>() == std::vector<std::int64_t>{0, 6});
        sum(y.values).backward();
        CHECK(x.grad().to_vector<float>() == std::vector<float>{1, 0, 0, 0, 0, 0, 1, 0});
    }
}

TEST_CASE("ops/pool: NaN is the largest value, padding is not; -inf has a place") {
    const double inf = INFINITY, nan = NAN;
    for (Device device : available_devices()) {
        const Tensor x = tensor({{-inf, -inf, 1.0, nan, 2.0}}, {.dtype = DType::f32, .device = device}).reshape({1, 1, 1, 5});
        const MaxPool y = max_pool2d_with_indices(x, {1, 2}, {.stride = 1});
        const auto v = values_of(y.values);
        CHECK(v[0] == -inf);
        CHECK(v[1] == 1);
        CHECK(std::isnan(v[2]));
        CHECK(std::isnan(v[3]));
        CHECK(y.indices.to_vector<std::int64_t>() == std::vector<std::int64_t>{0, 2, 3, 3});
        CHECK(values_of(max_pool2d(full({1, 1, 2, 2}, -3, {.device = device}), 2, {.padding = 1})) == std::vector<double>(4, -3));
    }
}

TEST_CASE("ops/pool: ceil_mode lets the last window hang over the edge, never over nothing but padding") {
    const Tensor x = arange(0, 5, 1, {.dtype = DType::f64}).reshape({1, 1, 1, 5});
    CHECK(values_of(max_pool2d(x, {1, 2})) == std::vector<double>{1, 3});
    CHECK(values_of(max_pool2d(x, {1, 2}, {.ceil_mode = true})) == std::vector<double>{1, 3, 4});
    CHECK(max_pool2d(x, {1, 1}, {.stride = {1, 3}, .ceil_mode = true}).shape() == Shape{1, 1, 1, 2});
    // As in PyTorch the hanging window divides by what lies inside the padded image: 4 / 1.
    CHECK(values_of(avg_pool2d(x, {1, 2}, {.ceil_mode = true})) == std::vector<double>{0.5, 2.5, 4});
}

TEST_CASE("ops/pool: sequences are images of height 1") {
    const Tensor x = tensor({{1.0, 4.0, 2.0, 8.0, 3.0}}, {.dtype = DType::f64}).reshape({1, 1, 5});
    for (Device device : available_devices()) {
        const Tensor d = x.to(device);
        CHECK(values_of(max_pool1d(d, 2)) == std::vector<double>{4, 8});
        CHECK(values_of(max_pool1d(d, 3, {.stride = 1, .padding = 1})) == std::vector<double>{4, 4, 8, 8, 8});
        CHECK(values_of(max_pool1d(d, 2, {.stride = 1, .dilation = 2})) == std::vector<double>{2, 8, 3});
        CHECK(values_of(avg_pool1d(d, 2)) == std::vector<double>{2.5, 5});
        CHECK(values_of(avg_pool1d(d, 2, {.padding = 1, .count_include_pad = false})) == std::vector<double>{1, 3, 5.5});
        CHECK(values_of(adaptive_avg_pool1d(d, 1)) == std::vector<double>{3.6});
        CHECK(adaptive_avg_pool1d(d, 2).shape() == Shape{1, 1, 2});
    }
}

TEST_CASE("ops/pool: images keep their channels together; the same bits at one and two threads") {
    const int before = num_threads();
    manual_seed(5);
    const Tensor x = randn({32, 24, 15, 15});
    const auto run = [&] {
        const Tensor leaf = x.clone().requires_grad_();
        const Tensor y = max_pool2d(leaf, 3, {.stride = 2, .padding = 1}) + avg_pool2d(leaf, 3, {.stride = 2, .padding = 1});
        CHECK(y.strides() == Strides{1536, 1, 192, 24});
        sum(y * y).backward();
        return std::pair(y.to_vector<float>(), leaf.grad().to_vector<float>());
    };
    set_num_threads(1);
    const auto one = run();
    set_num_threads(2);
    CHECK(run() == one);
    set_num_threads(before);
}

TEST_CASE("ops/pool: errors name the op, what was given, what is allowed and the line") {
    const Tensor x = zeros({2, 3, 4, 6});
    std::string text = error_of([&] { max_pool2d(x, 5); });
    CHECK(text == join("max_pool2d: kernel 5 reaches over 5 along the height, the image with its padding is 4 (pool.cpp:", __LINE__ - 1, ")"));
    text = error_of([&] { max_pool2d(x, 2, {.dilation = {1, 6}}); });
    CHECK(text == join("max_pool2d: kernel 2 reaches over 7 along the width, the image with its padding is 6 (pool.cpp:", __LINE__ - 1, ")"));
    text = error_of([&] { avg_pool2d(x, {2, 7}); });
    CHECK(text == join("avg_pool2d: kernel 7 reaches over 7 along the width, the image with its padding is 6 (pool.cpp:", __LINE__ - 1, ")"));
    text = error_of([&] { max_pool2d(x, 2, {.padding = 2}); });
    CHECK(text == join("max_pool2d: padding 2 along the height for a kernel that reaches over 2; allowed are 0 to half of it, 1 (pool.cpp:", __LINE__ - 1, ")"));
    text = error_of([&] { max_pool2d(x, 0); });
    CHECK(text == join("max_pool2d: kernel 0 along the height; it must be at least 1 (pool.cpp:", __LINE__ - 1, ")"));
    text = error_of([&] { avg_pool2d(x, 2, {.stride = {1, -1}}); });
    CHECK(text == join("avg_pool2d: stride -1 along the width; it must be at least 1, or 0 for the kernel's size (pool.cpp:", __LINE__ - 1, ")"));
    text = error_of([&] { max_pool2d(x, 2, {.dilation = 0}); });
    CHECK(text == join("max_pool2d: dilation 0 along the height; it must be at least 1 (pool.cpp:", __LINE__ - 1, ")"));
    text = error_of([&] { max_pool2d(zeros({2, 3, 4}), 2); });
    CHECK(text == join("max_pool2d: x (2, 3, 4); it must be (N, C, H, W) (pool.cpp:", __LINE__ - 1, ")"));
    text = error_of([&] { max_pool1d(x, 2); });
    CHECK(text == join("max_pool1d: x (2, 3, 4, 6); it must be (N, C, L) (pool.cpp:", __LINE__ - 1, ")"));
    text = error_of([&] { adaptive_avg_pool2d(x, {0, 1}); });
    CHECK(text == join("adaptive_avg_pool2d: size (0, 1); it must be at least (1, 1) (pool.cpp:", __LINE__ - 1, ")"));
    text = error_of([&] { adaptive_avg_pool2d(zeros({2, 3, 0, 4}), 1); });
    CHECK(text == join("adaptive_avg_pool2d: x (2, 3, 0, 4) has no pixels (pool.cpp:", __LINE__ - 1, ")"));
    text = error_of([&] { avg_pool2d(zeros({1, 1, 2, 2}, {.dtype = DType::i64}), 2); });
    CHECK(text == join("avg_pool2d: x is i64; allowed are f32 and f64 (pool.cpp:", __LINE__ - 1, ")"));
    CHECK(error_of([&] { max_pool2d(x, std::int64_t(1) << 62); }).starts_with("max_pool2d: kernel 4611686018427387904"));
}

#include "cases/where.h"

#include <doctest/doctest.h>

#include <cmath>

#include "vitrine/core/grad_mode.h"
#include "vitrine/core/ops/creation.h"
#include "vitrine/core/ops/reduce.h"

using namespace vitrine;
using namespace vitrine::testing;

TEST_CASE("ops/where: values, gradients and second derivatives on every device") { check_op(where_cases()); }

TEST_CASE("ops/where: every dtype, numbers, promotion") {
    for (Device device : available_devices()) {
        const Tensor c = tensor({true, false, true}, {.device = device});
        for (DType dtype : {DType::f32, DType::f64, DType::i32, DType::i64, DType::u8, DType::boolean, DType::bf16, DType::f16}) {
            INFO(dtype, " on ", device);
            const Tensor x = tensor({1, 1, 0}, {.dtype = dtype, .device = device}), w = zeros_like(x);
            CHECK(where(c, x, w).dtype() == dtype);
            CHECK(values_of(where(c, x, w)) == std::vector<double>{1, 0, 0});
            CHECK(values_of(masked_fill(x, c, 0)) == std::vector<double>{0, 1, 0});
            CHECK(masked_select(x, c).dtype() == dtype);
            CHECK(values_of(masked_select(x, c)) == std::vector<double>{1, 0});
        }
        const Tensor i = tensor({1, 2, 3}, {.device = device}), f = tensor({0.5, 0.5, 0.5}, {.device = device});
        CHECK(where(c, i, f).dtype() == DType::f32);
        CHECK(values_of(where(c, i, f)) == std::vector<double>{1, 0.5, 3});
        CHECK(where(c, i, 7).dtype() == DType::i64);
        CHECK(values_of(where(c, i, 7)) == std::vector<double>{1, 7, 3});
        CHECK(values_of(where(c, 2.5, i)) == std::vector<double>{2.5, 2, 2.5});
        CHECK(where(c, f.to(DType::bf16), 1).dtype() == DType::bf16);
    }
}

TEST_CASE("ops/where: a NaN on the side that was not chosen stays out of values and gradients") {
    for (Device device : available_devices()) {
        const Tensor x = tensor({1.0, double(NAN)}, {.device = device, .requires_grad = true});
        const Tensor y = where(tensor({true, false}, {.device = device}), x, 0);
        sum(y * y).backward();
        CHECK(values_of(x.grad()) == std::vector<double>{2, 0});
    }
}

TEST_CASE("ops/where: gradients of a 16-bit operand that is broadcast are added up in f32") {
    const Tensor x = tensor({1.0}, {.dtype = DType::bf16, .requires_grad = true});
    const Tensor y = where(tensor({true, false, true}), x, 0);
    y.backward(ones_like(y));
    CHECK(x.grad().dtype() == DType::bf16);
    CHECK(values_of(x.grad()) == std::vector<double>{2});
}

TEST_CASE("ops/where: masked_select over many chunks is the same on every device at any number of threads") {
    const int before = num_threads();
    const std::int64_t n = 70001;
    std::vector<double> wanted;
    std::vector<std::int64_t> hash;
    for (std::int64_t i = 0; i < n; ++i) {
        hash.push_back(i * i % 7);
        if (i * i % 7 == 2) wanted.push_back(static_cast<double>(i));
    }
    const Tensor x = arange(0, n, 1), h = from_vector(std::move(hash), {n});
    for (int threads : {1, 2}) {
        set_num_threads(threads);
        for (Device device : available_devices())
            CHECK(values_of(masked_select(x.to(device), eq(h.to(device), 2))) == wanted);
    }
    set_num_threads(before);
    CHECK(masked_select(x, x < 0).shape() == Shape{0});
    CHECK(values_of(masked_select(tensor({1.0, 2.0}), tensor({{true, false}, {true, true}}))) == std::vector<double>{1, 1, 2});
}

TEST_CASE("ops/where: errors") {
    const Tensor x = zeros({2, 3}), c = zeros({2, 3}, {.dtype = DType::boolean});
    std::string text;
    text = error_of([&] { where(x, x, 0); });
    CHECK(text == join("where: condition is f32; allowed is bool: compare it, or cast it with to(vt::bool_) (where.cpp:", __LINE__ - 1, ")"));
    text = error_of([&] { where(c, 1, 0); });
    CHECK(text == join("where: x and w are numbers; one must be a tensor (where.cpp:", __LINE__ - 1, ")"));
    text = error_of([&] { where(true, x, 0); });
    CHECK(text == join("where: condition is a number; allowed is a tensor (where.cpp:", __LINE__ - 1, ")"));
    text = error_of([&] { where(c, Tensor(), 0); });
    CHECK(text == join("where: x is undefined (where.cpp:", __LINE__ - 1, ")"));
    text = error_of([&] { where(c, x, zeros({4})); });
    CHECK(text == join("where: x (2, 3) and w (4,) do not broadcast; counted from the last, sizes must be equal or one of them 1 (where.cpp:", __LINE__ - 1, ")"));
    text = error_of([&] { where(c, zeros({4}), 1); });
    CHECK(text == join("where: condition (2, 3) and x (4,) do not broadcast; counted from the last, sizes must be equal or one of them 1 (where.cpp:", __LINE__ - 1, ")"));
    text = error_of([&] { where(c, x, x.to(DType::f64)); });
    CHECK(text == join("where: x is f32 and w f64; both must have one dtype: cast one with to(vt::float32) or to(vt::float64) (where.cpp:", __LINE__ - 1, ")"));
    text = error_of([&] { masked_fill(x, zeros({2, 2, 3}, {.dtype = DType::boolean}), 0); });
    CHECK(text == join("masked_fill: mask (2, 2, 3) does not broadcast to x (2, 3) (where.cpp:", __LINE__ - 1, ")"));
    text = error_of([&] { masked_fill(x.to(DType::i64), c, 0.5); });
    CHECK(text == join("masked_fill: value 0.5 for x of i64, which cannot hold it (where.cpp:", __LINE__ - 1, ")"));
    text = error_of([&] { masked_fill(x.to(DType::u8), c, -1); });
    CHECK(text == join("masked_fill: value -1 for x of u8, which cannot hold it (where.cpp:", __LINE__ - 1, ")"));
    text = error_of([&] { masked_select(x, Tensor()); });
    CHECK(text == join("masked_select: mask is undefined (where.cpp:", __LINE__ - 1, ")"));
    text = error_of([&] { masked_select(x, zeros({2}, {.dtype = DType::boolean})); });
    CHECK(text == join("masked_select: x (2, 3) and mask (2,) do not broadcast; counted from the last, sizes must be equal or one of them 1 (where.cpp:", __LINE__ - 1, ")"));
    if (is_available(Device::simt)) {
        text = error_of([&] { where(c, x.to(Device::simt), 0); });
        CHECK(text == join("where: condition is on cpu and x on simt; both must be on one device: copy one with to() (where.cpp:", __LINE__ - 1, ")"));
    }
}

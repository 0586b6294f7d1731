#include "cases/index.h"

#include <doctest/doctest.h>

#include "vitrine/core/grad_mode.h"
#include "vitrine/core/ops/binary.h"
#include "vitrine/core/ops/creation.h"
#include "vitrine/core/ops/reduce.h"
#include "vitrine/core/ops/where.h"

using namespace vitrine;
using namespace vitrine::testing;

TEST_CASE("ops/index: values, gradients and second derivatives on every device") { check_op(index_cases()); }

TEST_CASE("ops/index: every dtype, 32-bit indices") {
    for (Device device : available_devices()) {
        const Tensor t = tensor({2, 0, 2}, {.dtype = DType::i32, .device = device});
        for (DType dtype : {DType::f32, DType::f64, DType::i32, DType::i64, DType::u8, DType::boolean, DType::bf16, DType::f16}) {
            INFO(dtype, " on ", device);
            const Tensor x = tensor({1, 1, 0}, {.dtype = dtype, .device = device});
            CHECK(gather(x, 0, t).dtype() == dtype);
            CHECK(values_of(gather(x, 0, t)) == std::vector<double>{0, 1, 0});
            CHECK(values_of(index_select(x, -1, t)) == std::vector<double>{0, 1, 0});
        }
        for (DType dtype : {DType::f32, DType::f64, DType::i32, DType::i64}) {
            const Tensor x = tensor({1, 1, 0}, {.dtype = dtype, .device = device}), src = full_like(x, 5);
            CHECK(values_of(scatter_add(x, 0, t, src)) == std::vector<double>{6, 1, 10});
            CHECK(values_of(index_add(x, 0, t, src)) == std::vector<double>{6, 1, 10});
            CHECK(values_of(x) == std::vector<double>{1, 1, 0});
        }
        const Tensor h = tensor({1.0, 2.0, 3.0}, {.dtype = DType::bf16, .device = device, .requires_grad = true});
        const Tensor y = gather(h, 0, t);
        y.backward(ones_like(y));
        CHECK(values_of(h.grad()) == std::vector<double>{1, 0, 2});
    }
}

TEST_CASE("ops/index: one_hot") {
    for (Device device : available_devices()) {
        const Tensor ids = tensor({{2, 0}, {1, 1}}, {.device = device});
        const Tensor y = one_hot(ids, 3);
        CHECK(y.shape() == Shape{2, 2, 3});
        CHECK(y.dtype() == DType::i64);
        CHECK(values_of(y) == std::vector<double>{0, 0, 1, 1, 0, 0, 0, 1, 0, 0, 1, 0});
        CHECK(one_hot(ids.to(DType::i32), 3, DType::f32).dtype() == DType::f32);
        CHECK(one_hot(zeros({0}, {.dtype = DType::i64, .device = device}), 4).shape() == Shape{0, 4});
    }
}

TEST_CASE("ops/index: sums have the same bits on every device at any number of threads") {
    const int before = num_threads();
    std::vector<std::int64_t> list;
    for (std::int64_t i = 0; i < 60 * 50; ++i) list.push_back(i * i % 11);
    const Tensor t = from_vector(std::move(list), {60, 50});
    const Tensor src = arange(0, 60 * 50, 1, {.dtype = DType::f32}).reshape({60, 50}) / 7, x = ones({60, 11});
    set_num_threads(1);
    const auto one = scatter_add(x, 1, t, src).to_vector<float>();
    set_num_threads(2);
    for (Device device : available_devices())
        CHECK(scatter_add(x.to(device), 1, t.to(device), src.to(device)).to_vector<float>() == one);
    const auto rows = t.select(0, 3);
    const auto added = index_add(ones({11, 60}), 0, rows, src.transpose(0, 1)).to_vector<float>();
    for (Device device : available_devices()) {
        const Tensor y = index_add(ones({11, 60}, {.device = device}), 0, rows.to(device), src.transpose(0, 1).to(device));
        CHECK(y.to_vector<float>() == added);
    }
    set_num_threads(before);
}

TEST_CASE("ops/index: an index out of range is named, with its place and what is allowed") {
    std::string text;
    for (Device device : available_devices()) {
        const Tensor x = zeros({2, 5}, {.device = device}), t = tensor({{1, 2, 3}, {4, 5, -1}}, {.device = device});
        text = error_of([&] { gather(x, 1, t); });
        CHECK(text == join("gather: index is 5 at (1, 1); allowed are 0 to 4 for axis 1 of x (2, 5) (index.cpp:", __LINE__ - 1, ")"));
        text = error_of([&] { scatter_add(x, 1, t, zeros({2, 3}, {.device = device})); });
        CHECK(text == join("scatter_add: index is 5 at (1, 1); allowed are 0 to 4 for axis 1 of x (2, 5) (index.cpp:", __LINE__ - 1, ")"));
        text = error_of([&] { index_select(x, 0, t.select(0, 0)); });
        CHECK(text == join("index_select: index is 2 at (1,); allowed are 0 to 1 for axis 0 of x (2, 5) (index.cpp:", __LINE__ - 1, ")"));
        text = error_of([&] { index_add(x, 0, tensor({-1}, {.device = device}), zeros({1, 5}, {.device = device})); });
        CHECK(text == join("index_add: index is -1 at (0,); allowed are 0 to 1 for axis 0 of x (2, 5) (index.cpp:", __LINE__ - 1, ")"));
        text = error_of([&] { one_hot(t, 5); });
        CHECK(text == join("one_hot: ids is 5 at (1, 1); allowed are 0 to 4 for 5 classes (index.cpp:", __LINE__ - 1, ")"));
        // The first of many, on a grid of several blocks.
        const Tensor many = where(arange(0, 3000, 1, {.device = device}) < 2100, tensor({1}, {.device = device}), 9);
        text = error_of([&] { index_select(x, 0, many); });
        CHECK(text == join("index_select: index is 9 at (2100,); allowed are 0 to 1 for axis 0 of x (2, 5) (index.cpp:", __LINE__ - 1, ")"));
    }
    text = error_of([] { gather(zeros({2, 0}), 1, tensor({{0}, {0}})); });
    CHECK(text == join("gather: index is 0 at (0, 0); axis 1 of x (2, 0) has no elements (index.cpp:", __LINE__ - 1, ")"));
}

TEST_CASE("ops/index: errors") {
    const Tensor x = zeros({2, 5}), t = tensor({{0}, {0}}), v = tensor({0, 1});
    std::string text;
    text = error_of([&] { gather(x, 2, t); });
    CHECK(text == join("gather: axis 2 of x (2, 5); allowed are -2 to 1 (index.cpp:", __LINE__ - 1, ")"));
    text = error_of([&] { gather(x, 1, x); });
    CHECK(text == join("gather: index is f32; allowed are i64 and i32 (index.cpp:", __LINE__ - 1, ")"));
    text = error_of([&] { gather(x, 1, Tensor()); });
    CHECK(text == join("gather: index is undefined (index.cpp:", __LINE__ - 1, ")"));
    text = error_of([&] { gather(x, 1, v); });
    CHECK(text == join("gather: x is (2, 5) and index (2,); index must have 2 dimensions and may be longer than x on axis 1 alone (index.cpp:", __LINE__ - 1, ")"));
    text = error_of([&] { take_along_dim(x, zeros({3, 1}, {.dtype = DType::i64}), 1); });
    CHECK(text == join("take_along_dim: x is (2, 5) and index (3, 1); they must broadcast on every axis but 1 (index.cpp:", __LINE__ - 1, ")"));
    text = error_of([&] { index_select(x, 0, t); });
    CHECK(text == join("index_select: index (2, 1); allowed is a vector (index.cpp:", __LINE__ - 1, ")"));
    text = error_of([&] { scatter_add(x, 1, t, zeros({1, 1})); });
    CHECK(text == join("scatter_add: index is (2, 1) and src (1, 1); index cannot be longer than src (index.cpp:", __LINE__ - 1, ")"));
    text = error_of([&] { scatter_add(x, 1, t, zeros({2, 1}, {.dtype = DType::f64})); });
    CHECK(text == join("scatter_add: x is f32 and src f64; both must have one dtype: cast one with to() (index.cpp:", __LINE__ - 1, ")"));
    text = error_of([&] { scatter_add(x.to(DType::bf16), 1, t, x); });
    CHECK(text == join("scatter_add: x is bf16; allowed are f32, f64, i32 and i64: cast it with to(vt::float32) (index.cpp:", __LINE__ - 1, ")"));
    text = error_of([&] { index_add(x, 0, v, zeros({3, 5})); });
    CHECK(text == join("index_add: src (3, 5) for x (2, 5) and 2 indices; allowed is (2, 5) (index.cpp:", __LINE__ - 1, ")"));
    text = error_of([&] { one_hot(v, 0); });
    CHECK(text == join("one_hot: classes 0; allowed are 1 and more (index.cpp:", __LINE__ - 1, ")"));
    if (is_available(Device::simt)) {
        text = error_of([&] { gather(x, 1, t.to(Device::simt)); });
        CHECK(text == join("gather: x is on cpu and index on simt; both must be on one device: copy one with to() (index.cpp:", __LINE__ - 1, ")"));
    }
}

#include "cases/copy.h"

#include <doctest/doctest.h>

#include <cmath>

#include "vitrine/core/grad_mode.h"
#include "vitrine/core/node.h"
#include "vitrine/core/ops/binary.h"
#include "vitrine/core/ops/creation.h"
#include "vitrine/core/ops/reduce.h"

using namespace vitrine;
using namespace vitrine::testing;

TEST_CASE("ops/copy: values, gradients and second derivatives on every device") {
    for (const OpCase& c : copy_cases()) {
        INFO(c.name);
        // contiguous() of a row-major tensor, and a cast to the same dtype, run no kernel.
        if (c.name == "clone") check_values(c);
        check_gradient(c);
        check_second_derivative(c);
    }
}

TEST_CASE("ops/copy: every dtype to every other, on every device") {
    const DType dtypes[] = {DType::f32, DType::f64, DType::i32, DType::i64, DType::u8, DType::boolean};
    const double values[] = {0, 1, 2.75, 200, 0.5};
    for (Device device : available_devices()) {
        for (DType from : dtypes) {
            const Tensor x = from_values(std::span<const double>(values), {5}, {.dtype = from, .device = device});
            for (DType to_dtype : dtypes) {
                const auto got = values_of(x.to(to_dtype));
                for (std::size_t i = 0; i < 5; ++i) {
                    double v = from == DType::boolean ? values[i] != 0
                               : is_floating(from)    ? values[i]
                                                      : std::trunc(values[i]);
                    v = to_dtype == DType::boolean ? v != 0 : is_floating(to_dtype) ? v : std::trunc(v);
                    CHECK_MESSAGE(got[i] == v, from, " to ", to_dtype, " of ", values[i]);
                }
            }
        }
    }
}

TEST_CASE("ops/copy: a cast of f32 to f64 gives its gradient back as f32") {
    const Tensor x = tensor({1.0, 2.0}, {.requires_grad = true});
    sum(x.to(DType::f64) * 3).backward();
    CHECK(x.grad().dtype() == DType::f32);
    CHECK(x.grad().to_vector<float>() == std::vector<float>{3, 3});
    CHECK_FALSE(x.to(DType::i64).requires_grad());
}

TEST_CASE("ops/copy: to another device and back, with its gradient") {
    for (Device device : available_devices()) {
        const Tensor x = tensor({{1.0, 2.0, 3.0}, {4.0, 5.0, 6.0}}, {.requires_grad = true});
        const Tensor y = x.transpose(0, 1).to(device);
        CHECK(y.device() == device);
        CHECK(values_of(y) == std::vector<double>{1, 4, 2, 5, 3, 6});
        sum(y.to(Device::cpu) * 2).backward();
        CHECK(x.grad().device() == Device::cpu);
        CHECK(x.grad().to_vector<float>() == std::vector<float>(6, 2));
        CHECK(x.to(Device::cpu).impl() == x.impl());
    }
}

TEST_CASE("ops/copy: clone owns its storage, contiguous of rows is the tensor itself") {
    const Tensor x = zeros({2, 3});
    CHECK(x.contiguous().impl() == x.impl());
    CHECK(x.clone().impl()->storage.get() != x.impl()->storage.get());
    const Tensor t = x.transpose(0, 1);
    CHECK(t.clone().strides() == t.strides());
    CHECK(t.contiguous().strides() == Strides{2, 1});
    CHECK(x.expand({4, 2, 3}).clone().strides() == Strides{6, 3, 1});
}

TEST_CASE("ops/copy: fill_, zero_ and copy_ change every element of a view and no other") {
    for (Device device : available_devices()) {
        Tensor x = zeros({3, 5}, {.device = device});
        Tensor column = x.slice(1, 1, 4, 2);
        const auto version = x.version();
        column.fill_(7);
        CHECK(x.version() == version + 1);
        CHECK(values_of(x) == std::vector<double>{0, 7, 0, 7, 0, 0, 7, 0, 7, 0, 0, 7, 0, 7, 0});
        column.copy_(tensor({1, 2}, {.device = device}));
        CHECK(values_of(x) == std::vector<double>{0, 1, 0, 2, 0, 0, 1, 0, 2, 0, 0, 1, 0, 2, 0});
        column.copy_(tensor({{true}, {false}, {true}}));
        CHECK(values_of(column) == std::vector<double>{1, 1, 0, 0, 1, 1});
        column.zero_();
        CHECK(values_of(x) == std::vector<double>(15, 0));
    }
}

TEST_CASE("ops/copy: copy_ from an overlapping view reads all before it writes") {
    for (Device device : available_devices()) {
        Tensor x = arange(0, 9, 1, {.dtype = DType::f32, .device = device}).reshape({3, 3});
        x.copy_(x.transpose(0, 1));
        CHECK(values_of(x) == std::vector<double>{0, 3, 6, 1, 4, 7, 2, 5, 8});
    }
}

TEST_CASE("ops/copy: errors of changes in place") {
    int line = 0;
    std::string error;
    const auto at = [&](const std::string& text) { return join(text, " (copy.cpp:", line, ")"); };
    Tensor x = zeros({2, 3}, {.requires_grad = true});
    const Tensor y = zeros({2, 3});
    error = error_of([&] { line = __LINE__, x.fill_(1); });
    CHECK(error == at("fill_: x requires grad, and a change in place cannot be recorded; write x = full_like(x, "
                      "value), or change x under no_grad"));
    error = error_of([&] { line = __LINE__, Tensor(y).copy_(x); });
    CHECK(
        error ==
        at("copy_: w requires grad, and a change in place cannot be recorded; write x = w, or change x under no_grad"));
    error = error_of([&] { line = __LINE__, Tensor(y).copy_(zeros({4})); });
    CHECK(
        error ==
        at("copy_: x (2, 3) and w (4,) do not broadcast; counted from the last, sizes must be equal or one of them 1"));
    error = error_of([&] { line = __LINE__, Tensor(y).copy_(zeros({2, 2, 3})); });
    CHECK(error == at("copy_: w (2, 2, 3) does not broadcast to x (2, 3)"));
    error = error_of([&] { line = __LINE__, y.expand({2, 2, 3}).fill_(1); });
    CHECK(error == at("fill_: x (2, 2, 3) is an expanded view, whose elements share memory; clone() it first"));
    error = error_of([&] { line = __LINE__, zeros({2}, {.dtype = DType::i64}).fill_(NAN); });
    CHECK(error == at("fill_: x is i64, which cannot hold nan"));
    error = error_of([&] { line = __LINE__, Tensor().fill_(1); });
    CHECK(error == at("fill_: x is undefined"));
    const NoGrad no_grad;
    x.fill_(2);
    CHECK(x.to_vector<float>() == std::vector<float>(6, 2));
}

TEST_CASE("ops/copy: the same bits at one and two threads") {
    const int before = num_threads();
    const Tensor x = arange(0, 601 * 331, 1, {.dtype = DType::f32}).reshape({601, 331});
    set_num_threads(1);
    const auto one = x.transpose(0, 1).to_vector<float>();
    set_num_threads(2);
    CHECK(x.transpose(0, 1).to_vector<float>() == one);
    CHECK(one[1] == 331);
    set_num_threads(before);
}

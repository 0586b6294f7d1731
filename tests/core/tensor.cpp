// The tensor itself: shapes, strides, memory that it owns or borrows, access.
#include <doctest/doctest.h>

#include "op_case.h"
#include "vitrine/core/allocator.h"
#include "vitrine/core/grad_mode.h"
#include "vitrine/core/ops/binary.h"
#include "vitrine/core/ops/cat.h"
#include "vitrine/core/ops/creation.h"
#include "vitrine/core/ops/reduce.h"
#include "vitrine/core/ops/view.h"

using namespace vitrine;
using namespace vitrine::testing;
using Values = std::vector<double>;

TEST_CASE("core/tensor: values make dtypes") {
    CHECK(tensor({1.5, 2.5}).dtype() == DType::f32);
    CHECK(tensor({1, 2}).dtype() == DType::i64);
    CHECK(tensor({true, false}).dtype() == DType::boolean);
    CHECK(tensor({1, 2}, {.dtype = DType::f64}).dtype() == DType::f64);
    CHECK(values_of(tensor({{1, 2}, {3, 4}})) == Values{1, 2, 3, 4});
    CHECK(tensor({{1, 2}, {3, 4}}).shape() == Shape{2, 2});
    CHECK(values_of(arange(1, 2, 0.25, {.dtype = DType::f32})) == Values{1, 1.25, 1.5, 1.75});
    CHECK(arange(3, 0, -1).to_vector<std::int64_t>() == std::vector<std::int64_t>{3, 2, 1});
}

TEST_CASE("core/tensor: what creation refuses") {
    CHECK(error_of([] { zeros({2, -1}); }) == join("empty: shape (2, -1); sizes cannot be negative (tensor.cpp:", __LINE__, ")"));
    CHECK(error_of([] { zeros({1 << 30, 1 << 30, 1 << 30}); }).find("more elements than can be counted") != std::string::npos);
    CHECK(error_of([] { zeros({1, 1, 1, 1, 1, 1, 1, 1, 1}); }) == "shape: 9 dimensions; allowed are at most 8");
    CHECK(error_of([] { tensor({{1, 2}, {3}}); }) == join("tensor: 3 values for shape (2, 2) (tensor.cpp:", __LINE__, ")"));
    CHECK(error_of([] { arange(0, 1, 0); }).starts_with("arange: begin 0, end 1, step 0; the step cannot be 0"));
    CHECK(error_of([] { parse_device("gpu"); }) == "device: \"gpu\" is not one; allowed are cpu, cuda, simt");
    CHECK_THROWS_AS(empty({std::int64_t{1} << 45}), OutOfMemory);
    if (!is_available(Device::cuda)) CHECK(error_of([] { zeros({1}, {.device = Device::cuda}); }).starts_with("device: cuda "));
}

TEST_CASE("core/tensor: an empty tensor is a tensor") {
    for (Device device : available_devices()) {
        const Tensor x = zeros({0, 3}, {.device = device});
        CHECK(x.numel() == 0);
        CHECK(values_of(x).empty());
        CHECK((x + 1).shape() == Shape{0, 3});
        CHECK(sum(x).item<double>() == 0);
    }
}

TEST_CASE("core/tensor: item, at and data are checked") {
    const Tensor x = tensor({{1.0, 2.0}, {3.0, 4.0}});
    CHECK(x.at<float>({1, 0}) == 3);
    x.at<float>({1, 0}) = 9;
    CHECK(x.transpose(0, 1).at<float>({0, 1}) == 9);
    CHECK(error_of([&] { x.at<float>({2, 0}); }) == join("at: index 2 on axis 0 of shape (2, 2) (tensor.cpp:", __LINE__, ")"));
    CHECK(error_of([&] { x.at<float>({0}); }) == join("at: 1 indices for shape (2, 2) (tensor.cpp:", __LINE__, ")"));
    CHECK(error_of([&] { x.data<double>(); }) == join("data: the tensor is f32, asked for f64 (tensor.cpp:", __LINE__, ")"));
    CHECK(error_of([&] { x.to_vector<double>(); }) == join("to_vector: the tensor is f32, asked for f64 (tensor.cpp:", __LINE__, ")"));
    CHECK(error_of([&] { x.item<float>(); }) == join("item: needs exactly one element, x is (2, 2) (tensor.cpp:", __LINE__, ")"));
    CHECK(scalar(2.5).item<float>() == 2.5f);
    CHECK(tensor({7}).item<int>() == 7);
    CHECK(error_of([] { Tensor().shape(); }) == "tensor: this one is undefined");
#if VITRINE_HAS_SIMT
    CHECK(error_of([&] { x.to(Device::simt).data<float>(); }).starts_with("data: the tensor is on simt; read it with to(Device::cpu)"));
#endif
}

TEST_CASE("core/tensor: a tensor over a vector, and over foreign memory with a deleter") {
    const Tensor x = from_vector(std::vector<float>{1, 2, 3, 4, 5, 6}, {2, 3});
    CHECK(values_of(x.transpose(0, 1)) == Values{1, 4, 2, 5, 3, 6});
    CHECK(error_of([] { from_vector(std::vector<float>{1, 2}, {3}); }) == join("tensor: 2 values for shape (3,) (tensor.cpp:", __LINE__, ")"));

    bool deleted = false;
    double values[] = {1, 2, 3, 4};
    {
        const Tensor y = from_blob<double>(values, {2, 2}, {1, 2}, [&](double*) { deleted = true; });
        const Tensor view = y.select(0, 1);
        CHECK(values_of(y) == Values{1, 3, 2, 4});
        values[1] = 7;
        CHECK(values_of(view) == Values{7, 4});
        CHECK(!deleted);
    }
    CHECK(deleted);
    CHECK(error_of([&] { from_blob<double>(values, {2}, {-1}); }).find("negative ones are not allowed") != std::string::npos);
}

TEST_CASE("core/tensor: views share storage and its version") {
    Tensor x = zeros({4, 6});
    Tensor v = x.slice(0, 1, 3).transpose(0, 1);
    {
        const NoGrad no_grad;
        v.fill_(1);
    }
    CHECK(sum(x).item<double>() == 12);
    CHECK(x.version() == v.version());
    CHECK(x.version() == 2);  // zeros() fills once
    CHECK(x.reshape({24}).impl()->storage.get() == x.impl()->storage.get());
    CHECK(v.reshape({12}).impl()->storage.get() != x.impl()->storage.get());
}

TEST_CASE("core/tensor: strides of dimensions of size 1 are never compared") {
    const Tensor x = zeros({2, 28, 28, 1}).permute({0, 3, 1, 2});  // (2, 1, 28, 28), channels last
    CHECK(x.is_contiguous());
    CHECK(x.flatten(1).impl()->storage.get() == x.impl()->storage.get());
    CHECK(x.flatten(1).shape() == Shape{2, 784});
}

TEST_CASE("core/tensor: a steady loop takes nothing from the system") {
    const auto step = [] {
        const Tensor x = ones({300, 300}, {.requires_grad = true});
        sum(x * x + x).backward();
    };
    for (int i = 0; i < 3; ++i) step();
    const MemoryStats before = memory_stats(Device::cpu);
    for (int i = 0; i < 10; ++i) step();
    const MemoryStats after = memory_stats(Device::cpu);
    CHECK(after.system_calls == before.system_calls);
    CHECK(after.requests > before.requests);
    CHECK(after.in_use == before.in_use);
    CHECK(after.high_water >= 4 * 300 * 300);
}

#include "cases/embedding.h"

#include <doctest/doctest.h>

#include "vitrine/core/backward.h"
#include "vitrine/core/gradcheck.h"
#include "vitrine/core/ops/binary.h"
#include "vitrine/core/ops/creation.h"
#include "vitrine/core/ops/reduce.h"
#include "vitrine/core/ops/unary.h"

using namespace vitrine;
using namespace vitrine::testing;

TEST_CASE("ops/embedding: values, gradients and second derivatives on every device") { check_op(embedding_cases()); }

TEST_CASE("ops/embedding: rows that no id names and the padding row get no gradient, others the sum") {
    for (Device device : available_devices()) {
        for (std::int64_t padding : {2, -2}) {
            Tensor w = zeros({4, 2}, {.device = device, .requires_grad = true});
            const Tensor ids = tensor({{1, 2, 1}, {3, 2, 1}}, {.device = device});
            const Tensor y = embedding(w, ids, {.padding_index = padding});
            y.backward(from_values(std::vector<double>{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12}, {2, 3, 2}, {.device = device}));
            CHECK(values_of(w.grad()) == std::vector<double>{0, 0, 1 + 5 + 11, 2 + 6 + 12, 0, 0, 7, 8});
        }
    }
}

TEST_CASE("ops/embedding: second derivatives with a padding row") {
    for (Device device : available_devices()) {
        const Tensor w = from_values(std::vector<double>{1, 2, 3, 4, 5, 6}, {3, 2},
                                     {.dtype = DType::f64, .device = device, .requires_grad = true});
        const Tensor ids = tensor({0, 1, 2, 1}, {.device = device});
        // The gradient of square(embedding) changes with w in the rows that count, not at all in row 1.
        const auto y = sum(pow(embedding(w, ids, {.padding_index = 1}), 3));
        const Tensor dw = grad({y}, {w}, {.create_graph = true})[0];
        CHECK(values_of(dw) == std::vector<double>{3, 12, 0, 0, 75, 108});
        const Tensor ddw = grad({sum(dw)}, {w})[0];
        CHECK(values_of(ddw) == std::vector<double>{6, 12, 0, 0, 30, 36});
    }
}

TEST_CASE("ops/embedding: 32-bit ids, and the same bits on every device at any number of threads") {
    const int before = num_threads();
    const Tensor w = arange(0, 37 * 70, 1, {.dtype = DType::f32}).reshape({37, 70}) / 7;
    std::vector<std::int64_t> list;
    for (std::int64_t i = 0; i < 900; ++i) list.push_back(i * i % 37);
    const Tensor ids = from_vector(std::move(list), {30, 30});
    const Tensor dy = arange(0, 900 * 70, 1, {.dtype = DType::f32}).reshape({30, 30, 70}) / 3;
    set_num_threads(1);
    const auto y = embedding(w, ids).to_vector<float>(), dw = embedding_backward(dy, ids, 37).to_vector<float>();
    set_num_threads(2);
    CHECK(embedding(w, ids.to(DType::i32)).to_vector<float>() == y);
    CHECK(embedding_backward(dy, ids.to(DType::i32), 37).to_vector<float>() == dw);
    for (Device device : available_devices())
        CHECK(embedding_backward(dy.to(device), ids.to(device), 37).to_vector<float>() == dw);
    set_num_threads(before);
}

TEST_CASE("ops/embedding: an id out of range is named, with its place and the size of the table") {
    std::string text;
    for (Device device : available_devices()) {
        const Tensor w = zeros({5, 2}, {.device = device});
        text = error_of([&] { embedding(w, tensor({{1, 2, 3}, {4, 5, -1}}, {.device = device})); });
        CHECK(text == join("embedding: id 5 at (1, 1) of ids (2, 3); allowed are 0 to 4, the table has 5 rows (embedding.cpp:", __LINE__ - 1, ")"));
        text = error_of([&] { embedding(w, tensor({1, -1}, {.device = device})); });
        CHECK(text == join("embedding: id -1 at (1,) of ids (2,); allowed are 0 to 4, the table has 5 rows (embedding.cpp:", __LINE__ - 1, ")"));
    }
    text = error_of([] { embedding(zeros({0, 2}), tensor({0})); });
    CHECK(text == join("embedding: id 0 at (0,) of ids; the table has no rows (embedding.cpp:", __LINE__ - 1, ")"));
    text = error_of([] { embedding_backward(zeros({1, 2}), tensor({7}), 7); });
    CHECK(text == join("embedding_backward: id 7 at (0,) of ids (1,); allowed are 0 to 6, the table has 7 rows (embedding.cpp:", __LINE__ - 1, ")"));
}

TEST_CASE("ops/embedding: errors") {
    const Tensor w = zeros({5, 2}), ids = tensor({1});
    std::string text;
    text = error_of([&] { embedding(zeros({5}), ids); });
    CHECK(text == join("embedding: weight (5,); allowed is (V, C) (embedding.cpp:", __LINE__ - 1, ")"));
    text = error_of([&] { embedding(w, tensor({1.0})); });
    CHECK(text == join("embedding: ids is f32; allowed are i64 and i32 (embedding.cpp:", __LINE__ - 1, ")"));
    text = error_of([&] { embedding(w.to(DType::i64), ids); });
    CHECK(text == join("embedding: weight is i64; allowed are f32 and f64 (embedding.cpp:", __LINE__ - 1, ")"));
    text = error_of([&] { embedding(w, Tensor()); });
    CHECK(text == join("embedding: ids is undefined (embedding.cpp:", __LINE__ - 1, ")"));
    text = error_of([&] { embedding(w, ids, {.padding_index = 5}); });
    CHECK(text == join("embedding: padding_index 5 for a table of 5 rows (embedding.cpp:", __LINE__ - 1, ")"));
    text = error_of([&] { embedding_backward(zeros({2, 2}), ids, 5); });
    CHECK(text == join("embedding_backward: dy (2, 2) for ids (1,); allowed is ids' shape and C (embedding.cpp:", __LINE__ - 1, ")"));
    if (is_available(Device::simt)) {
        text = error_of([&] { embedding(w, ids.to(Device::simt)); });
        CHECK(text == join("embedding: weight is on cpu and ids on simt; both must be on one device: copy one with to() (embedding.cpp:", __LINE__ - 1, ")"));
    }
}

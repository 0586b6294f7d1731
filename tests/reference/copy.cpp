// The examples of docs/reference/copy.md.
#include <doctest/doctest.h>

#include "vitrine/core/ops/binary.h"
#include "vitrine/core/ops/copy.h"
#include "vitrine/core/ops/creation.h"
#include "vitrine/core/ops/reduce.h"

namespace vt = vitrine;

TEST_CASE("reference/copy: clone") {
    vt::Tensor x = vt::tensor({1.0, 2.0});
    vt::Tensor y = vt::clone(x);
    y.fill_(7);

    CHECK(x.to_vector<float>() == std::vector<float>{1, 2});
}

TEST_CASE("reference/copy: contiguous") {
    vt::Tensor x = vt::tensor({{1, 2}, {3, 4}}).transpose(0, 1);

    CHECK_FALSE(x.is_contiguous());
    CHECK(vt::contiguous(x).data<std::int64_t>()[1] == 3);  // row-major: 1 3 2 4
}

TEST_CASE("reference/copy: to") {
    vt::Tensor x = vt::tensor({0.0, 2.75}, {.requires_grad = true});

    CHECK(x.to(vt::int64).to_vector<std::int64_t>() == std::vector<std::int64_t>{0, 2});
    vt::sum(x.to(vt::float64) * 3).backward();
    CHECK(x.grad().to_vector<float>() == std::vector<float>{3, 3});  // back in f32
}

TEST_CASE("reference/copy: bf16 and f16") {
    vt::Tensor w = vt::tensor({1.0, 0.1});
    vt::Tensor stored = w.to(vt::bfloat16);  // 2 bytes an element

    CHECK(stored.to(vt::float32).to_vector<float>() == std::vector<float>{1, 0.10009765625f});
    CHECK_THROWS_WITH_AS(stored + 1, doctest::Contains("cast it with to(vt::float32)"), vt::Error);
}

TEST_CASE("reference/copy: in place") {
    vt::Tensor x = vt::zeros({2, 3});
    x.select(1, 0).fill_(5);                      // the first column
    x.select(0, 1).copy_(vt::tensor({7, 8, 9}));  // the second row, converted from i64

    CHECK(x.to_vector<float>() == std::vector<float>{5, 0, 0, 7, 8, 9});
    CHECK(x.zero_().to_vector<float>() == std::vector<float>(6, 0));
}

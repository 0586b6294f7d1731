// The examples of docs/reference/binary.md.
#include <doctest/doctest.h>

#include "vitrine/core/ops/binary.h"
#include "vitrine/core/ops/creation.h"

namespace vt = vitrine;

TEST_CASE("reference/binary: add, sub, mul, div") {
    vt::Tensor x = vt::tensor({{1.0, 2.0}, {3.0, 4.0}}), w = vt::tensor({10.0, 20.0});
    CHECK((x + w).to_vector<float>() == std::vector<float>{11, 22, 13, 24});
    CHECK(vt::sub(1, x).to_vector<float>() == std::vector<float>{0, -1, -2, -3});
    CHECK(vt::mul(x, x).to_vector<float>() == std::vector<float>{1, 4, 9, 16});
    CHECK(vt::div(x, 2).to_vector<float>() == std::vector<float>{0.5, 1, 1.5, 2});
    CHECK(vt::add(x, 1).to_vector<float>() == std::vector<float>{2, 3, 4, 5});
}

TEST_CASE("reference/binary: maximum, minimum") {
    vt::Tensor x = vt::tensor({1.0, 5.0});
    CHECK(vt::maximum(x, 3).to_vector<float>() == std::vector<float>{3, 5});
    CHECK(vt::minimum(x, vt::tensor({2.0, 2.0})).to_vector<float>() == std::vector<float>{1, 2});
}

TEST_CASE("reference/binary: eq, ne, lt, le, gt, ge") {
    vt::Tensor x = vt::tensor({1.0, 2.0, 3.0});
    CHECK((x >= 2).to(vt::int64).to_vector<std::int64_t>() == std::vector<std::int64_t>{0, 1, 1});
    CHECK(vt::eq(x, 2).to(vt::int64).to_vector<std::int64_t>() == vt::ne(vt::ne(x, 2), true).to(vt::int64).to_vector<std::int64_t>());
    CHECK(vt::lt(x, 2).to(vt::int64).to_vector<std::int64_t>() == vt::gt(2, x).to(vt::int64).to_vector<std::int64_t>());
    CHECK(vt::le(x, 2).to(vt::int64).to_vector<std::int64_t>() == vt::ge(2, x).to(vt::int64).to_vector<std::int64_t>());
}

#include "cases/sort.h"

#include <doctest/doctest.h>

#include <cmath>

#include "vitrine/core/ops/binary.h"
#include "vitrine/core/ops/creation.h"

using namespace vitrine;
using namespace vitrine::testing;

TEST_CASE("ops/sort: values, places, gradients and second derivatives on every device") { check_op(sort_cases()); }

TEST_CASE("ops/sort: equals keep their order, NaN is the largest") {
    for (Device device : available_devices()) {
        const double nan = NAN, inf = INFINITY;
        const Tensor x = tensor({2.0, nan, 1.0, 2.0, -inf, nan}, {.device = device});
        using Places = std::vector<std::int64_t>;
        CHECK(argsort(x).to_vector<std::int64_t>() == Places{4, 2, 0, 3, 1, 5});
        CHECK(argsort(x, {.descending = true}).to_vector<std::int64_t>() == Places{1, 5, 0, 3, 2, 4});
        CHECK(topk(x, 3).indices.to_vector<std::int64_t>() == Places{1, 5, 0});
        CHECK(topk(x, 2, {.largest = false}).indices.to_vector<std::int64_t>() == Places{4, 2});
        const Tensor same = zeros({2100}, {.device = device});
        CHECK(argsort(same, {.descending = true}).to_vector<std::int64_t>() == arange(0, 2100, 1, {.dtype = DType::i64}).to_vector<std::int64_t>());
    }
}

TEST_CASE("ops/sort: the same at one and two threads") {
    const int before = num_threads();
    const Tensor x = arange(0, 40000, 1, {.dtype = DType::f32}).reshape({40, 1000});
    const Tensor y = topk(x * -0.37, 10).values;
    set_num_threads(1);
    CHECK(topk(x * -0.37, 10).values.to_vector<float>() == y.to_vector<float>());
    set_num_threads(before);
}

TEST_CASE("ops/sort: errors name the op, what was given, what is allowed and the line") {
    std::string text = error_of([] { topk(zeros({2, 3}), 4); });
    CHECK(text == join("topk: k 4 on axis -1 of x (2, 3); allowed are 0 to 3 (sort.cpp:", __LINE__ - 1, ")"));
    text = error_of([] { sort(scalar(1)); });
    CHECK(text == join("sort: x has no dimensions; at least one is needed (sort.cpp:", __LINE__ - 1, ")"));
    text = error_of([] { argsort(tensor({1, 2})); });
    CHECK(text == join("argsort: x is i64; allowed are f32 and f64 (sort.cpp:", __LINE__ - 1, ")"));
}

#include "cases/scan.h"

#include <doctest/doctest.h>

#include "vitrine/core/ops/creation.h"

using namespace vitrine;
using namespace vitrine::testing;

TEST_CASE("ops/scan: values, gradients and second derivatives on every device") { check_op(scan_cases()); }

TEST_CASE("ops/scan: a long float sum keeps its digits") {
    for (Device device : available_devices()) {
        const Tensor y = cumsum(full({20000}, 0.1, {.device = device}), 0);
        CHECK(y.slice(0, 19999, 20000).item<double>() == doctest::Approx(2000).epsilon(1e-6));
    }
}

TEST_CASE("ops/scan: the same bits at one and two threads") {
    const int before = num_threads();
    const Tensor x = arange(0, 1, 1e-5, {.dtype = DType::f32}).reshape({100, 1000});
    set_num_threads(1);
    const auto rows = cumsum(x, 1).to_vector<float>(), columns = cumsum(x, 0).to_vector<float>();
    set_num_threads(2);
    CHECK(cumsum(x, 1).to_vector<float>() == rows);
    CHECK(cumsum(x, 0).to_vector<float>() == columns);
    set_num_threads(before);
}

TEST_CASE("ops/scan: errors name the op, what was given, what is allowed and the line") {
    std::string text = error_of([] { cumsum(tensor({1, 2}), 0); });
    CHECK(text == join("cumsum: x is i64; allowed are f32 and f64 (scan.cpp:", __LINE__ - 1, ")"));
    text = error_of([] { cumsum(zeros({2, 3}), 2); });
    CHECK(text == join("cumsum: axis 2 of x (2, 3); allowed are -2 to 1 (scan.cpp:", __LINE__ - 1, ")"));
    text = error_of([] { cumsum(scalar(1), 0); });
    CHECK(text == join("cumsum: x has no dimensions; at least one is needed (scan.cpp:", __LINE__ - 1, ")"));
}

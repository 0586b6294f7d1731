// slice_scatter: values, gradients to both, errors.
#include "vitrine/core/ops/slice_scatter.h"

#include <doctest/doctest.h>

#include "op_case.h"
#include "vitrine/core/ops/creation.h"

using namespace vitrine;
using namespace vitrine::testing;

namespace {

std::vector<double> columns_replaced(const Array& x, const Array& src, std::int64_t begin, std::int64_t step) {
    std::vector<double> y = x.values;
    for (std::int64_t row = 0; row < src.shape[0]; ++row)
        for (std::int64_t c = 0; c < src.shape[1]; ++c)
            y[static_cast<std::size_t>(row * x.shape[1] + begin + c * step)] =
                src.values[static_cast<std::size_t>(row * src.shape[1] + c)];
    return y;
}

}  // namespace

TEST_CASE("ops/slice_scatter: values, gradients and second derivatives on every device") {
    std::vector<OpCase> cases;
    const auto add = [&](const char* name, Input x, Input src, std::int64_t begin, std::int64_t end, std::int64_t step) {
        cases.push_back({.name = name,
                         .inputs = {x, src},
                         .op = [=](const auto& in) { return slice_scatter(in[0], in[1], 1, begin, end, step); },
                         .reference = [=](const auto& in) {
                             return columns_replaced(in[0], in[1], begin < 0 ? begin + in[0].shape[1] : begin, step);
                         }});
    };
    add("middle", {{3, 7}}, {{3, 2}}, 2, 4, 1);
    add("steps", {{3, 7}}, {{3, 3}}, 1, INT64_MAX, 2);
    add("from the end", {{3, 7}}, {{3, 3}}, -3, INT64_MAX, 1);
    add("all", {{3, 33}}, {{3, 33}}, 0, 33, 1);
    add("nothing", {{3, 7}}, {{3, 0}}, 4, 2, 1);
    add("transposed", {{3, 7}, Layout::transposed}, {{3, 2}, Layout::transposed}, 5, 7, 1);
    add("gaps", {{3, 7}, Layout::gaps}, {{3, 2}, Layout::gaps}, 0, 2, 1);
    add("broadcast", {{3, 7}, Layout::broadcast}, {{3, 2}, Layout::broadcast}, 0, 2, 1);
    check_op(cases);
}

TEST_CASE("ops/slice_scatter: x stays as it is, along another axis, every dtype") {
    for (DType dtype : {DType::f32, DType::i64, DType::u8, DType::boolean, DType::bf16}) {
        const Tensor x = zeros({3, 2}, {.dtype = dtype});
        const Tensor y = slice_scatter(x, ones({1, 2}, {.dtype = dtype}), 0, 1, 2);
        CHECK(values_of(y) == std::vector<double>{0, 0, 1, 1, 0, 0});
        CHECK(values_of(x) == std::vector<double>(6, 0));
    }
}

TEST_CASE("ops/slice_scatter: errors") {
    const Tensor x = zeros({2, 5});
    std::string text;
    text = error_of([&] { slice_scatter(x, zeros({2, 2}), 1, 0, 3); });
    CHECK(text == join("slice_scatter: src (2, 2) for a slice (2, 3) of x (2, 5); both must have one shape (slice_scatter.cpp:", __LINE__ - 1, ")"));
    text = error_of([&] { slice_scatter(x, x, 0, 0, 2, 0); });
    CHECK(text == join("slice_scatter: step 0; allowed are 1 and more (slice_scatter.cpp:", __LINE__ - 1, ")"));
    text = error_of([&] { slice_scatter(x, x, 2); });
    CHECK(text == join("slice_scatter: axis 2 of x (2, 5); allowed are -2 to 1 (slice_scatter.cpp:", __LINE__ - 1, ")"));
    text = error_of([&] { slice_scatter(x, x.to(DType::f64)); });
    CHECK(text == join("slice_scatter: x is f32 and src f64; both must have one dtype: cast one with to() (slice_scatter.cpp:", __LINE__ - 1, ")"));
}
